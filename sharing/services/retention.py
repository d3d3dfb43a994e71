"""What is kept for how long (docs/retention.md): what is older is forgotten, a batch at a time.

May run as often as one likes, and several at once: each takes rows that no other has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sharing.models import (
    AccessRequest,
    Attempt,
    HistoryEntry,
    OutgoingMail,
    ProjectToken,
    Report,
    Share,
    Visit,
)
from sharing.services import inbox_feeds

BATCH = 500
# No limit counts back farther; nobody looks at a dashboard as one who was there a year ago.
ATTEMPTS_KEPT, VISITS_KEPT = timedelta(days=1), timedelta(days=365)
# An address that nobody confirmed may be a stranger's. The page of its request says so for a month.
UNCONFIRMED_KEPT = timedelta(days=30)

Requests = AccessRequest.State
Mails = OutgoingMail.State
# What the page of a share that is over says of its image, for as long as there is the page.
LASTING = (HistoryEntry.Verb.IMAGE_DELETED, HistoryEntry.Verb.VISIBILITY_CHANGED)


def forget_old() -> Mapping[str, int]:
    """How many of each were forgotten."""
    now = timezone.now()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return {
        "requests": _forget(_old_requests(now)),
        "mails": _forget(_old_mails(now)),
        "words of mails": _empty_mails(now),
        "history": _forget(_old_history(now)),
        "reports": _forget(_old_reports(now)),
        "jobs": _forget(_old_jobs(now)),
        "visits": _forget(Visit.objects.filter(latest_at__lt=now - VISITS_KEPT)),
        "attempts": _forget(Attempt.objects.filter(at__lt=now - ATTEMPTS_KEPT)),
        "tokens": _forget(ProjectToken.objects.filter(expires_at__lt=now)),
        "feeds": inbox_feeds.forget_ended(),
    }


def _old_requests(now: datetime) -> QuerySet[AccessRequest]:
    """Over, and without a share that goes back to it: its terms were accepted there."""
    unconfirmed = Q(state=Requests.UNCONFIRMED, confirm_until__lt=now - UNCONFIRMED_KEPT)
    if not settings.REQUEST_DAYS:
        return AccessRequest.objects.filter(unconfirmed)
    standing = Share.objects.filter(request=OuterRef("pk"), removed_at=None)
    last = AccessRequest.objects.annotate(last=Max("events__at")).filter(pk=OuterRef("pk"))
    before = now - timedelta(days=settings.REQUEST_DAYS)
    is_over = ~Q(state__in=AccessRequest.UNDECIDED) & ~Exists(standing)
    return AccessRequest.objects.filter(
        unconfirmed | (is_over & Q(Exists(last.filter(last__lt=before))))
    )


def _old_mails(now: datetime) -> QuerySet[OutgoingMail]:
    """What was last written of a share that stands is on its page."""
    standing = Share.objects.filter(
        image_id=OuterRef("image_id"), project_id=OuterRef("project_id"), removed_at=None
    )
    return _settled_mails(now, settings.HISTORY_DAYS).exclude(Exists(standing))


def _empty_mails(now: datetime) -> int:
    """Their links are keys, and their words are for whom they went to."""
    full = _settled_mails(now, settings.MAIL_DAYS).exclude(text="", html="")
    return _in_batches(full, lambda rows: rows.update(text="", html="", unsubscribe_url=""))


def _settled_mails(now: datetime, days: int) -> QuerySet[OutgoingMail]:
    if not days:
        return OutgoingMail.objects.none()
    settled = OutgoingMail.objects.filter(state__in=(Mails.SENT, Mails.FAILED, Mails.SUPPRESSED))
    return settled.filter(created_at__lt=now - timedelta(days=days))


def _old_history(now: datetime) -> QuerySet[HistoryEntry]:
    """All that is about an image which is still shared from here stays."""
    if not settings.HISTORY_DAYS:
        return HistoryEntry.objects.none()
    standing = Share.objects.filter(image_id=OuterRef("image_id"), removed_at=None)
    old = HistoryEntry.objects.filter(at__lt=now - timedelta(days=settings.HISTORY_DAYS))
    return old.exclude(verb__in=LASTING).exclude(Exists(standing))


def _old_reports(now: datetime) -> QuerySet[Report]:
    if not settings.REPORT_DAYS:
        return Report.objects.none()
    return Report.objects.filter(at__lt=now - timedelta(days=settings.REPORT_DAYS))


def _old_jobs(now: datetime) -> QuerySet[DBTaskResult[..., Any]]:
    if not settings.JOB_DAYS:
        return DBTaskResult.objects.none()
    return DBTaskResult.objects.finished().filter(
        finished_at__lt=now - timedelta(days=settings.JOB_DAYS)
    )


def _forget(old: QuerySet[Any]) -> int:
    return _in_batches(old, lambda rows: rows.delete())


def _in_batches(old: QuerySet[Any], do: Callable[[QuerySet[Any]], object]) -> int:
    done, batch = 0, -1
    while batch:
        with transaction.atomic():
            free = old.order_by("pk").select_for_update(skip_locked=True)
            mine = list(free.values_list("pk", flat=True)[:BATCH])
            if mine:
                do(old.model._default_manager.filter(pk__in=mine))
        batch = len(mine)
        done += batch
    return done
