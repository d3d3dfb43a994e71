"""Reminders, ends and the ledger on the real Keystone and Image API; the mails go through a real
SMTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.demo.mail_server import MailServer
from portal.demo.mailbox import Mailbox
from tests.live.conftest import Actor
from tests.live.test_loop import Enter, enter, new_image
from tests.scenarios.inbox_rules import a_rule_answers_and_is_undone
from tests.scenarios.share_page import a_consumer_downloads, a_reason_reaches_the_producer
from tests.scenarios.shares import (
    a_share_ends,
    reminders_only_to_who_waits,
    the_ledger_has_every_share,
)

__all__ = ["enter"]

Letters = Callable[[str], list[str]]


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Iterator[Letters]:
    mailbox = Mailbox(tmp_path / "mail")
    server = MailServer(mailbox.folder)
    server.start()
    address = urlsplit(server.url)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = address.hostname, address.port
    yield lambda to: [letter.text for letter in reversed(mailbox.letters(to))]
    server.close()


def test_reminders(enter: Enter, producer: Actor, consumer: Actor, letters: Letters) -> None:
    image = new_image(producer)
    reminders_only_to_who_waits(enter(producer), enter(consumer), image, letters)


def test_an_end(enter: Enter, producer: Actor, consumer: Actor, letters: Letters) -> None:
    a_share_ends(enter(producer), enter(consumer), new_image(producer), letters)


def test_the_ledger(enter: Enter, producer: Actor, consumer: Actor, letters: Letters) -> None:
    images = [new_image(producer) for _ in range(3)]
    the_ledger_has_every_share(enter(producer), enter(consumer), images, letters)


def test_a_download(enter: Enter, producer: Actor, consumer: Actor) -> None:
    a_consumer_downloads(enter(producer), enter(consumer))


def test_a_consumers_rule(enter: Enter, producer: Actor, consumer: Actor) -> None:
    *images, late = [new_image(producer) for _ in range(4)]
    a_rule_answers_and_is_undone(enter(producer), enter(consumer), images, late)


def test_a_reason(enter: Enter, producer: Actor, consumer: Actor, letters: Letters) -> None:
    a_reason_reaches_the_producer(enter(producer), enter(consumer), letters)
