from typing import Any

from django_tasks_db.management.commands.db_worker import Command as DbWorker

from sharing import schedule, tasks


class Command(DbWorker):
    """django-tasks-db's worker, which at its start also sees to the mails of killed workers
    and to the regular jobs."""

    def handle(self, **options: Any) -> None:
        tasks.ensure_sweep()
        schedule.ensure()
        super().handle(**options)
