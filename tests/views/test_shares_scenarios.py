"""The scenarios of reminders, ends and the ledger on the fake cloud; tests/live has them too."""

from django.core import mail

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.shares import (
    a_share_ends,
    reminders_only_to_who_waits,
    the_ledger_has_every_share,
)


def letters(to: str) -> list[str]:
    return [str(letter.body) for letter in mail.outbox if letter.to == [to]]


def test_reminders(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image = fake.image(producer.project)
    reminders_only_to_who_waits(producer, consumer, image, letters)


def test_an_end(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    a_share_ends(producer, consumer, fake.image(producer.project), letters)


def test_the_ledger(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    images = [fake.image(producer.project) for _ in range(3)]
    the_ledger_has_every_share(producer, consumer, images, letters)
