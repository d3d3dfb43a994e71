"""How much waits to be done in the background, and for how long: for whoever runs the portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Min, When
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from sharing.models import OutgoingMail

Mails = OutgoingMail.State


@dataclass(frozen=True, slots=True)
class Queues:
    """``jobs`` and ``mails`` are those whose time has come; ages in seconds, 0 when none waits."""

    mails_by_state: Mapping[str, int]
    mails: int
    oldest_mail: float
    jobs: int
    oldest_job: float
    failed_jobs: int


def look() -> Queues:
    now = timezone.now()
    states = dict(OutgoingMail.objects.values_list("state").annotate(n=Count("pk")).order_by())
    mails = OutgoingMail.objects.filter(state=Mails.QUEUED, next_attempt_at__lte=now)
    # A job that is to be done at once says so by the last day of the calendar.
    due_since = Case(When(run_after__lte=now, then=F("run_after")), default=F("enqueued_at"))
    mail = mails.aggregate(n=Count("pk"), since=Min("next_attempt_at"))
    job = DBTaskResult.objects.ready().aggregate(n=Count("pk"), since=Min(due_since))
    return Queues(
        mails_by_state={str(state): states.get(state, 0) for state in Mails.values},
        mails=mail["n"],
        oldest_mail=_age(mail["since"], now),
        jobs=job["n"],
        oldest_job=_age(job["since"], now),
        failed_jobs=DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count(),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
