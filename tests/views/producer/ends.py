"""Shares that end, and what was written of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from sharing.models import Contact, OutgoingMail, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def member(fake: FakeCloud, producer: Party, consumer: Party, image: str) -> Share:
    """A share made here, with a contact."""
    fake.member(image, consumer.project)
    Contact.objects.create(
        producer_project_id=producer.project.id,
        project_id=consumer.project.id,
        email="chen@orchard.test",
    )
    return a_record(image, producer, consumer)


def ends(days: int) -> None:
    Share.objects.update(ends_on=in_days(days), warned_days=None)


def kinds() -> list[tuple[str, str]]:
    mails = OutgoingMail.objects.filter(kind__startswith="ends_soon").order_by("pk")
    return [(mail.kind, mail.to) for mail in mails]


def keys(*shares: Share) -> list[str]:
    return [f"{share.image_id}/{share.project_id}" for share in shares]
