"""Consumers who wait, with a contact, and the reminders written to them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import Contact, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud


def has_contact(producer: Party, project_id: str, email: str = "chen@orchard.test") -> None:
    Contact.objects.create(
        producer_project_id=producer.project.id, project_id=project_id, email=email
    )


@pytest.fixture
def waiting(fake: FakeCloud, producer: Party, consumer: Party, image: str) -> None:
    """A consumer with a contact who has not answered; another tool made the share."""
    fake.member(image, consumer.project)
    has_contact(producer, consumer.project.id)


def sent() -> list[str]:
    mails = OutgoingMail.objects.filter(kind="reminder").order_by("pk")
    return list(mails.values_list("to", flat=True))


@pytest.fixture
def everyone(image: str) -> str:
    return reverse("members-remind", args=[image])
