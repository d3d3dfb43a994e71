"""What a visitor finds: listings and access requests, made without the producer's pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from sharing.models import AccessRequest, Listing, Recipient, RequestEvent, Tag
from sharing.services import catalogue

PROJECT = "0123456789abcdef0123456789abcdef"
PRODUCER = "feedfeedfeedfeedfeedfeedfeedfeed"


def a_listing(title: str = "Noble", *, tags: tuple[str, ...] = (), **fields: Any) -> Listing:
    """A published listing of a project that nobody is signed in for, unless ``fields`` differ."""
    image_id = str(uuid.uuid4())
    listing = Listing(
        **{
            "slug": f"listing-{image_id[:8]}",
            "image_id": image_id,
            "project_id": PRODUCER,
            "producer_name": "Acme Images",
            "state": Listing.State.PUBLISHED,
            "title": title,
            "summary": "Small and quick.",
            "contact_email": "images@acme.test",
            "image_name": "noble-server",
            "size": 600 * 1024 * 1024,
            "disk_format": "qcow2",
            "container_format": "bare",
            "os_distro": "ubuntu",
            "os_version": "24.04",
            "architecture": "x86_64",
            "published_at": timezone.now(),
        }
        | fields
    )
    listing.search_text = catalogue.search_text(listing, tags)
    listing.save()
    listing.tags.set([Tag.objects.get_or_create(name=name)[0] for name in tags])
    return listing


def a_request(listing: Listing, state: str = "open", **fields: Any) -> AccessRequest:
    """A request as it is after its way to ``state``, with its first event."""
    now = timezone.now()
    request = AccessRequest.objects.create(
        **{
            "listing": listing,
            "project_id": PROJECT,
            "email": "chen@orchard.test",
            "message": "For our build farm.",
            "state": state,
            "confirmed_at": None if state == "unconfirmed" else now,
            "confirm_until": now + timedelta(hours=48),
        }
        | fields
    )
    RequestEvent.objects.create(
        request=request, kind=RequestEvent.Kind.CREATED, text=request.message
    )
    return request


def a_recipient(**fields: Any) -> Recipient:
    defaults = {"producer_project_id": PRODUCER, "email": "chen@orchard.test"}
    return Recipient.objects.create(**(defaults | fields))


def page_of(path: str, client: Client | None = None, **query: str) -> str:
    """The page as text; it must be there."""
    answer = (client or Client()).get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()
