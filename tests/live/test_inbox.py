"""The scenarios of the inbox on the real Keystone and Image API."""

from __future__ import annotations

import pytest

from tests.conftest import Party
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios import inbox

__all__ = ["enter"]


@pytest.fixture
def parties(enter: Enter, producer: Actor, consumer: Actor) -> tuple[Party, Party, list[str]]:
    images = [new_image(producer) for _ in range(3)]
    return enter(producer), enter(consumer), images


def test_an_undo(parties: tuple[Party, Party, list[str]]) -> None:
    inbox.several_are_answered_and_that_is_undone(*parties)


def test_an_undo_that_comes_late(parties: tuple[Party, Party, list[str]]) -> None:
    inbox.an_undo_leaves_alone_what_was_changed_and_says_what_is_gone(*parties)


def test_two_windows_and_one_that_is_gone(parties: tuple[Party, Party, list[str]]) -> None:
    producer, consumer, images = parties
    inbox.two_windows_answer_differently(producer, consumer, images[0])
    inbox.one_of_two_was_removed_a_second_ago(producer, consumer, images[1:])


def test_a_hidden_image(parties: tuple[Party, Party, list[str]]) -> None:
    producer, consumer, images = parties
    inbox.a_hidden_image_waits_and_leads_to_its_successor(producer, consumer, images[:2])


def test_what_follows(parties: tuple[Party, Party, list[str]]) -> None:
    inbox.what_is_not_waited_for_follows(*parties)
