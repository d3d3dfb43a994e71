"""Writes the mails, as the portal does: each alone for one half, and many in one go for the other.
Run by ``manage.py shell``."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from sharing import mail
from sharing.models import Share
from tests.visitor import PRODUCER, a_listing, a_request


def write(count: int) -> None:
    listing = a_listing()
    with transaction.atomic():
        for number in range(count // 2):
            address = f"requester-{number}@readers.test"
            mail.declined(a_request(listing, "declined", email=address, reason="No."))
        letters = []
        for number in range(count - count // 2):
            share = Share.objects.create(
                image_id=listing.image_id,
                project_id=uuid.uuid4().hex,
                producer_project_id=PRODUCER,
                producer_name="Acme Images",
                image_name="noble-server",
                shared_at=timezone.now(),
                shared_by_id="ada",
                shared_by_name="ada",
            )
            letters.append(
                mail.Letter(share, f"consumer-{number}@readers.test", "images@acme.test")
            )
        mail.shared_many(letters)
