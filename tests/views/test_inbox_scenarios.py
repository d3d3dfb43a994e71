"""The scenarios of the inbox on the fake cloud; tests/live has them too."""

import pytest

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios import inbox


@pytest.fixture
def images(fake: FakeCloud, producer: Party) -> list[str]:
    return [fake.image(producer.project) for _ in range(3)]


def test_an_undo(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.several_are_answered_and_that_is_undone(producer, consumer, images)


def test_an_undo_that_comes_late(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.an_undo_leaves_alone_what_was_changed_and_says_what_is_gone(producer, consumer, images)


def test_two_windows(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.two_windows_answer_differently(producer, consumer, images[0])


def test_one_that_is_gone(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.one_of_two_was_removed_a_second_ago(producer, consumer, images[:2])


def test_a_hidden_image(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.a_hidden_image_waits_and_leads_to_its_successor(producer, consumer, images[:2])


def test_what_follows(producer: Party, consumer: Party, images: list[str]) -> None:
    inbox.what_is_not_waited_for_follows(producer, consumer, images)
