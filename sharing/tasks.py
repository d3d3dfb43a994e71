"""Background jobs, run by ``manage.py db_worker``."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from sharing import outbox

SWEEP_EVERY = timedelta(minutes=1)


@task()
def send_mail(mail_id: int) -> None:
    mail = outbox.claim(mail_id)
    if mail is None:
        return
    error = outbox.hand_over(mail)
    with transaction.atomic():
        again = outbox.settle(mail, error)
        if again:
            send_mail.using(run_after=again).enqueue(mail.pk)


@task()
def send_mails(mail_ids: list[int]) -> None:
    """Many at once: each has its own job, so that one server's silence holds up no other."""
    with transaction.atomic():
        for mail_id in mail_ids:
            send_mail.enqueue(mail_id)


@task()
def sweep_mail() -> None:
    """Put the mails of killed workers back to work; come again in a minute, whatever happens."""
    ensure_sweep()
    with transaction.atomic():
        backlog = DBTaskResult.objects.ready().filter(task_path=send_mail.module_path)
        if not backlog.exists():
            for mail_id in outbox.stranded():
                send_mail.enqueue(mail_id)


def ensure_sweep() -> None:
    """See to it that a sweep is due within a minute. A worker's start calls it, and every sweep."""
    ensure(sweep_mail, SWEEP_EVERY)


def ensure(job: Task[[], None], every: timedelta) -> None:
    """See to it that ``job`` is due within the time, unless it waits for its turn already."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=job.module_path)
    if not waiting.exists():
        job.using(run_after=timezone.now() + every).enqueue()
