"""How many mails one producer may cause in a day, so that nobody is flooded through the portal.

A mail over a limit is not refused and not lost: it waits until there is room (docs/decisions/0014).
What one producer causes never holds up the mails of another.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Lower
from django.utils import timezone

from sharing.models import OutgoingMail

HeldBy = OutgoingMail.HeldBy
WINDOW = timedelta(days=1)


def hold_back(mails: Sequence[OutgoingMail]) -> None:
    """Give each mail, none of them saved yet, the time at which it may go: now, if there is room.

    Those that are being written elsewhere at this moment are not seen: the limits are against
    floods, and one of some mails more is none.
    """
    by_producer: dict[str, list[OutgoingMail]] = defaultdict(list)
    for mail in mails:
        if mail.counts_for and mail.state == OutgoingMail.State.QUEUED:
            by_producer[mail.counts_for].append(mail)
    for producer_id, its_mails in by_producer.items():
        _hold_back(producer_id, its_mails)


def _hold_back(producer_id: str, mails: Sequence[OutgoingMail]) -> None:
    now = timezone.now()
    in_project = _times_in_project(producer_id, now, len(mails))
    by_address = _times_by_address(producer_id, now, {mail.to.lower() for mail in mails})
    for mail in mails:
        at_address = by_address[mail.to.lower()]
        of_address = _room(at_address, settings.MAILS_PER_ADDRESS, now)
        of_project = _room(in_project, settings.MAILS_PER_PROJECT, now)
        mail.due_at = mail.next_attempt_at = max(now, of_address, of_project)
        if mail.due_at > now:
            mail.held_by = HeldBy.ADDRESS if of_address >= of_project else HeldBy.PROJECT
        insort(at_address, mail.due_at)
        if mail.held_by != HeldBy.ADDRESS:
            insort(in_project, mail.due_at)


def _room(times: Sequence[datetime], limit: int, now: datetime) -> datetime:
    """When there is room for one more besides those at ``times``."""
    return times[-limit] + WINDOW if limit and len(times) >= limit else now


def _times_in_project(producer_id: str, now: datetime, more: int) -> list[datetime]:
    """Only as many as matter: none, as long as all of them leave room for ``more``. Those that
    wait for room at one address take it from no other."""
    limit = settings.MAILS_PER_PROJECT
    newest = OutgoingMail.objects.filter(counts_for=producer_id, due_at__gt=now - WINDOW)
    newest = newest.exclude(held_by=HeldBy.ADDRESS)
    if not limit or newest.count() + more <= limit:
        return []
    return _sorted(newest.order_by("-due_at").values_list("due_at", flat=True)[:limit])


def _times_by_address(
    producer_id: str, now: datetime, addresses: Iterable[str]
) -> Mapping[str, list[datetime]]:
    recent = OutgoingMail.objects.filter(counts_for=producer_id, due_at__gt=now - WINDOW)
    found = recent.alias(address=Lower("to")).filter(address__in=set(addresses))
    times: dict[str, list[datetime]] = defaultdict(list)
    for to, due_at in found.order_by("due_at").values_list("to", "due_at"):
        if due_at:
            times[to.lower()].append(due_at)
    return times


def _sorted(times: Iterable[datetime | None]) -> list[datetime]:
    return sorted(time for time in times if time)
