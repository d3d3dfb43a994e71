"""Limits over time, counted in the database: exact over all processes on all hosts, and kept when
the cache is emptied (docs/decisions/0012)."""

from __future__ import annotations

import math
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from sharing.models import Attempt
from sharing.services.turns import one_at_a_time


def hit(*, kind: str, key: str, limit: int, window: timedelta) -> int:
    """Count one attempt; the seconds to wait when it is over the limit, else 0.

    An attempt over the limit is not counted: the wait ends even for one who keeps trying.
    """
    # Everybody's, not only this key's: one that never comes again leaves nothing behind.
    Attempt.objects.filter(kind=kind, at__lte=timezone.now() - window).delete()
    digest = _digest(kind, key)
    with one_at_a_time(digest):
        now = timezone.now()
        counted = Attempt.objects.filter(kind=kind, key=digest, at__gt=now - window)
        newest = list(counted.order_by("-at").values_list("at", flat=True)[:limit])
        if len(newest) < limit:
            Attempt.objects.create(kind=kind, key=digest)
            return 0
    return max(1, math.ceil((newest[-1] + window - now).total_seconds()))


def forgive(*, kind: str, key: str) -> None:
    """Take the newest attempt back: it did not fail."""
    digest = _digest(kind, key)
    with one_at_a_time(digest):
        newest = Attempt.objects.filter(kind=kind, key=digest).order_by("-pk").first()
        if newest:
            newest.delete()


def _digest(kind: str, key: str) -> str:
    return salted_hmac("throttle", f"{kind}:{key.lower()}", algorithm="sha256").hexdigest()
