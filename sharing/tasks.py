"""Background jobs, run by ``manage.py db_worker``."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from sharing import outbox
from sharing.models import OutgoingMail

# Nobody works longer on anything else than a mail; of mails the lease tells.
LONGEST_JOB = timedelta(days=1)
# A mail written alone goes before those written by the thousand: somebody may be waiting for it.
AHEAD = 10
# Between two looks whether the database is back.
PAUSE_SECONDS = 1.0
AWAY = (OperationalError, InterfaceError)


class WorkerLost(Exception):
    """Stands in the record of a job whose worker was killed: it never came to its end."""


@task()
def send_mail(mail_id: int) -> None:
    mail = outbox.claim(mail_id)
    if mail is not None:
        _settle(mail, outbox.hand_over(mail))


@task()
def send_mails(mail_ids: list[int]) -> None:
    """Many at once: each has its own job, so that one server's silence holds up no other."""
    with transaction.atomic():
        for mail_id in mail_ids:
            send_mail.enqueue(mail_id)


@task()
def sweep_mail() -> None:
    """Put the mails of killed workers back to work; come again soon, whatever happens."""
    ensure_sweep()
    _give_up_lost_jobs()
    with transaction.atomic():
        waiting = _mails_with_a_job()
        for mail_id in outbox.stranded():
            if mail_id not in waiting:
                send_mail.enqueue(mail_id)


def ensure_sweep() -> None:
    """See to it that a sweep is due soon. Every worker calls it once a minute, and every sweep."""
    ensure(sweep_mail, settings.MAIL_SWEEP_EVERY)


def ensure(job: Task[[], None], every: timedelta) -> None:
    """See to it that ``job`` is due within the time, unless it waits for its turn already."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=job.module_path)
    if not waiting.exists():
        job.using(run_after=timezone.now() + every).enqueue()


def _settle(mail: OutgoingMail, error: Exception | None) -> None:
    """What was handed over and is not written down is sent again: so a database that is away is
    waited for, as long as the mail is ours."""
    ours_until = mail.lease_until or timezone.now()
    while not _is_settled(mail, error, ours_until):
        time.sleep(PAUSE_SECONDS)
        close_old_connections()


def _is_settled(mail: OutgoingMail, error: Exception | None, ours_until: datetime) -> bool:
    try:
        with transaction.atomic():
            again = outbox.settle(mail, error)
            if again:
                send_mail.using(run_after=again).enqueue(mail.pk)
    except AWAY:
        if timezone.now() > ours_until:
            raise
        return False
    return True


def _mails_with_a_job() -> set[int]:
    jobs = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY, task_path=send_mail.module_path
    )
    return {job["args"][0] for job in jobs.values_list("args_kwargs", flat=True)}


def _give_up_lost_jobs() -> None:
    """Their work is found again otherwise; this is so that their records can be forgotten."""
    now, running = timezone.now(), DBTaskResult.objects.running()
    of_mails = running.filter(
        task_path=send_mail.module_path, started_at__lt=now - 2 * settings.MAIL_LEASE
    )
    for lost in (of_mails, running.filter(started_at__lt=now - LONGEST_JOB)):
        lost.update(
            status=TaskResultStatus.FAILED,
            finished_at=now,
            exception_class_path=f"{WorkerLost.__module__}.{WorkerLost.__qualname__}",
        )
