"""Limits over time, counted in the database: they hold over all processes."""

from __future__ import annotations

import math
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from sharing.models import Attempt


def hit(*, kind: str, key: str, limit: int, window: timedelta) -> int:
    """Count one attempt; the seconds to wait when it is over the limit, else 0.

    An attempt over the limit is not counted: the wait ends even for one who keeps trying. It is
    written before it is judged, so that many at once cannot slip through.
    """
    digest = salted_hmac("throttle", f"{kind}:{key.lower()}", algorithm="sha256").hexdigest()
    now = timezone.now()
    # Everybody's, not only this key's: one that never comes again leaves nothing behind.
    Attempt.objects.filter(kind=kind, at__lte=now - window).delete()
    attempts = Attempt.objects.filter(kind=kind, key=digest)
    mine = Attempt.objects.create(kind=kind, key=digest)
    earlier = attempts.exclude(pk=mine.pk).filter(at__gt=now - window, pk__lt=mine.pk)
    if earlier.count() < limit:
        return 0
    mine.delete()
    oldest = earlier.order_by("-at")[limit - 1]
    return max(1, math.ceil((oldest.at + window - now).total_seconds()))


def forgive(*, kind: str, key: str) -> None:
    """Take the newest attempt back: it did not fail."""
    digest = salted_hmac("throttle", f"{kind}:{key.lower()}", algorithm="sha256").hexdigest()
    newest = Attempt.objects.filter(kind=kind, key=digest).order_by("-pk").first()
    if newest:
        newest.delete()
