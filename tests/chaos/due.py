"""Makes what each regular command finds to do, and does it. Run by ``manage.py shell``."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from sharing.models import (
    BulkJob,
    Contact,
    DigestItem,
    HistoryEntry,
    MailAddress,
    RequestEvent,
    Share,
)
from tests.chaos.ready import wait_for_the_others
from tests.preferences import a_subscription
from tests.visitor import PRODUCER, a_listing, a_request

COMMANDS = (
    "warn_of_ends",
    "send_digests",
    "expire_requests",
    "flag_stale_listings",
    "forget_old_lists",
    "forget_old_addresses",
    "forget_old_rows",
)


def prepare(count: int) -> None:
    """``count`` of each: shares that end soon, digests, requests that expire, listings that are
    stale, and old lists, addresses and history."""
    now = timezone.now()
    for number in range(count):
        project_id = uuid.uuid4().hex
        listing = a_listing(facts_at=now - timedelta(days=40))
        a_request(listing, email=f"asker-{number}@readers.test")
        _share(listing.image_id, project_id, f"consumer-{number}@readers.test")
        subscription = a_subscription(project_id, f"reader-{number}@readers.test", shared="daily")
        DigestItem.objects.create(
            subscription=subscription, kind="shared", choice="shared", image_id="x", path="/"
        )
        MailAddress.objects.create(
            project_id=project_id, email="gone@readers.test", confirm_until=now, ended_at=now
        )
        BulkJob.objects.create(producer_project_id=PRODUCER, created_by_name="ada")
        HistoryEntry.objects.create(verb="reminded", producer_project_id=PRODUCER)
    long_ago = now - timedelta(days=1000)
    RequestEvent.objects.update(at=long_ago)
    DigestItem.objects.update(created_at=now - timedelta(days=2))
    MailAddress.objects.exclude(ended_at=None).update(ended_at=long_ago)
    BulkJob.objects.update(created_at=long_ago)
    HistoryEntry.objects.update(at=long_ago)


def do_all() -> None:
    """Each command, at the same moment as the other processes that do."""
    for name in COMMANDS:
        wait_for_the_others(name)
        said = StringIO()
        call_command(name, stdout=said)
        print(f"SAID {name}: {said.getvalue().strip()}")


def _share(image_id: str, project_id: str, email: str) -> None:
    Share.objects.create(
        image_id=image_id,
        project_id=project_id,
        producer_project_id=PRODUCER,
        shared_at=timezone.now(),
        shared_by_id="ada",
        shared_by_name="ada",
        ends_on=timezone.now().date() + timedelta(days=2),
    )
    Contact.objects.create(producer_project_id=PRODUCER, project_id=project_id, email=email)
