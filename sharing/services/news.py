"""What happened since a producer was last here: what others did, from our own tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sharing.cloud.resources import User
from sharing.models import AccessRequest, HistoryEntry, Visit

MOST_SHOWN = 12
# Pages less than this apart are one visit: what is new stays new while someone works.
SAME_VISIT = timedelta(minutes=30)
FIRST_LOOK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class News:
    """``entries``, newest first, are at most ``MOST_SHOWN`` of ``total``."""

    since: datetime
    is_first: bool
    entries: Sequence[HistoryEntry]
    total: int
    new_requests: int

    @property
    def is_empty(self) -> bool:
        return not (self.total or self.new_requests)


def visit(*, project_id: str, by: User) -> News:
    """Write the visit down; what is new since the one before. On the first: of the last week."""
    now = timezone.now()
    with transaction.atomic():
        row, _is_new = Visit.objects.select_for_update().get_or_create(
            user_id=by.id, project_id=project_id, defaults={"latest_at": now}
        )
        if now - row.latest_at > SAME_VISIT:
            row.since = row.latest_at
        row.latest_at = now
        row.save()
    return _news(project_id, by, row.since or now - FIRST_LOOK, is_first=row.since is None)


def since(*, project_id: str, by: User) -> datetime:
    """From when on things are new in the visit that goes on; looking changes nothing."""
    row = Visit.objects.filter(user_id=by.id, project_id=project_id).first()
    return (row.since if row else None) or timezone.now() - FIRST_LOOK


def _news(project_id: str, by: User, since: datetime, *, is_first: bool) -> News:
    entries = HistoryEntry.objects.filter(producer_project_id=project_id, at__gt=since)
    of_others = entries.exclude(Q(by_id=by.id) & Q(by_project_id=project_id))
    arrived = AccessRequest.objects.filter(listing__project_id=project_id, confirmed_at__gt=since)
    return News(
        since=since,
        is_first=is_first,
        entries=list(of_others.order_by("-at", "-pk")[:MOST_SHOWN]),
        total=of_others.count(),
        new_requests=arrived.count(),
    )
