import logging
import time
from threading import Thread
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from django_tasks_db.management.commands import db_worker

from sharing import schedule, tasks

logger = logging.getLogger("sharing.worker")


class Worker(db_worker.Worker):
    """django-tasks-db's worker, which waits for a database that is away instead of dying of it."""

    def run(self) -> None:
        while self.running:
            try:
                super().run()
            except tasks.AWAY as error:
                if self.batch:
                    raise
                logger.warning("The database does not answer: %s", str(error).strip())
                close_old_connections()
                time.sleep(tasks.PAUSE_SECONDS if self.running else 0)
            else:
                return


class Command(db_worker.Command):
    """django-tasks-db's, which also sees to the mails of killed workers and to the regular jobs."""

    def handle(self, **options: Any) -> None:
        vars(db_worker)["Worker"] = Worker  # by this name it is made
        if options["batch"]:
            _see_to_regular_jobs()
        else:
            Thread(target=_keep_seeing_to_regular_jobs, daemon=True).start()
        super().handle(**options)


def _see_to_regular_jobs() -> None:
    tasks.ensure_sweep()
    schedule.ensure()


def _keep_seeing_to_regular_jobs() -> None:
    """Whoever was to do one may have been killed before asking for the next."""
    while True:
        try:
            _see_to_regular_jobs()
        except tasks.AWAY:
            pause = tasks.PAUSE_SECONDS
        else:
            pause = settings.MAIL_SWEEP_EVERY.total_seconds()
        connection.close()
        time.sleep(pause)
