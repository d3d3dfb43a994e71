"""An SMTP server that can be unkind, and the worker that talks to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends import locmem
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult


class PostBox(locmem.EmailBackend):
    """Refuses as often as there are ``refusals``, then takes everything into ``mail.outbox``."""

    refusals: ClassVar[list[Exception]] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if self.refusals:
            raise self.refusals.pop(0)
        return super().send_messages(messages)


def work() -> None:
    """What a worker does until nothing is due any more. Its own loop would close the connection,
    and a test's transaction with it."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
        excluded_queue_names=[],
    )
    while (job := DBTaskResult.objects.ready().first()) is not None:
        job.claim(worker.worker_id)
        worker.run_task(job)
