"""The producer's desk on the fake cloud; tests/live has the same on the real one."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios import desk


def test_answers_reach_the_producer(producer: Party, consumer: Party, image: str) -> None:
    desk.answers_reach_the_producer(producer, consumer, image)


def test_a_rule_approves_at_a_visit(producer: Party, consumer: Party, image: str) -> None:
    desk.a_rule_approves_at_a_visit(producer, consumer, image)


def test_one_row_of_many_fails(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    desk.one_row_of_many_fails(producer, consumer, image, fake.image(producer.project))


def test_a_member_edits_the_profile_and_a_reader_does_not(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    reader = Party(sign_in("rita"), producer.project, "rita")
    desk.a_member_edits_the_profile_and_a_reader_does_not(producer, reader)


def test_the_figures_are_the_image_apis(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    for project in (consumer.project, fake.project("one"), fake.project("two")):
        fake.member(image, project)
    desk.the_figures_are_the_image_apis(producer, consumer, image)
