"""What a consumer finds: shares, made without the producer's pages."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, cast

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing import session
from sharing.cloud.resources import MemberStatus
from sharing.models import Listing, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.visitor import a_listing


def a_share(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    member_status: str = "pending",
    /,
    *,
    name: str = "noble",
    **facts: Any,
) -> str:
    """An image shared by another tool, so without a record of ours; the image's ID."""
    image_id = fake.image(producer.project, name=name, **facts)
    fake.member(image_id, consumer.project, cast("MemberStatus", member_status))
    return image_id


def a_record(
    image_id: str,
    producer: Party,
    consumer: Party,
    *,
    shared_at: datetime | None = None,
    **fields: Any,
) -> Share:
    """What the portal keeps when the share was made here."""
    return Share.objects.create(
        image_id=image_id,
        project_id=consumer.project.id,
        producer_project_id=producer.project.id,
        producer_name="Acme Images",
        shared_at=shared_at or timezone.now(),
        shared_by_id="ada-id",
        shared_by_name="ada",
        **({"image_name": "noble"} | fields),
    )


def a_listing_of(image_id: str, producer: Party, **fields: Any) -> Listing:
    return a_listing("Noble", image_id=image_id, project_id=producer.project.id, **fields)


def by_another_tool(party: Party, image_id: str, status: MemberStatus) -> None:
    """The project's answer, given past the portal."""
    cloud = session.load(party.client.session, request_id="req-elsewhere")
    assert cloud
    cloud.images.set_member_status(image_id, cloud.project.id, status)


def inbox(client: Client, status: str = "", **query: str) -> str:
    """The drawer as text; it must be there."""
    answer = client.get(reverse("inbox"), ({"status": status} if status else {}) | query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def without_its_own(page: str, image_id: str) -> str:
    """A page less what differs each time: the form token, and the ID that was asked for."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", page).replace(image_id, "")


def share_url(image_id: str) -> str:
    return reverse("share", args=[image_id])


def status_url(image_id: str) -> str:
    return reverse("share-status", args=[image_id])
