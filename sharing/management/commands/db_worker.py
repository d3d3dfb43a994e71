from typing import Any

from django_tasks_db.management.commands.db_worker import Command as DbWorker

from sharing import tasks


class Command(DbWorker):
    """django-tasks-db's worker, which at its start also sees to the mails of killed workers."""

    def handle(self, **options: Any) -> None:
        tasks.ensure_sweep()
        super().handle(**options)
