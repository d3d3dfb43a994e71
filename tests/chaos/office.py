"""The portal's mail office: its database, its workers, and whoever kills them."""

from __future__ import annotations

import itertools
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from portal.demo.processes import Child, run_to_end, stop_all
from tests.chaos.databases import Database

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mail:
    message_id: str
    to: str
    state: str
    attempts: int
    last_error: str


class Office:
    """``killed_sending``: how often a mail's worker was killed while it was being sent."""

    def __init__(self, folder: Path, database: Database, mail_server: str, seed: int) -> None:
        self._folder = folder
        self._database = database
        self._lots = Random(seed)  # noqa: S311 - nothing is secret
        self._numbers = itertools.count(1)
        self.workers: dict[str, Child] = {}
        self.kills = 0
        self.killed_sending: Counter[str] = Counter()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "BASE_URL": "http://localhost",
            "OS_AUTH_URL": "https://keystone.test/v3",
            "DATABASE_URL": database.address,
            "EMAIL_URL": f"smtp://{mail_server}",
            # As in life, but for the times: so that hours pass in a minute.
            "EMAIL_TIMEOUT": "2s",
            "MAIL_LEASE": "24s",
            "MAIL_RETRY_AFTER": ", ".join(["1s"] * 6 + ["2s"] * 12),
            "MAIL_SWEEP_EVERY": "2s",
        }

    def open(self, mails: int, workers: int) -> None:
        self.manage("migrate", "--verbosity=0")
        self.manage("shell", "-c", f"from tests.chaos.writing import write; write({mails})")
        for _ in range(workers):
            self._hire()

    def check(self) -> None:
        """No worker ends by itself, whatever it meets."""
        for worker in self.workers.values():
            worker.check()

    def close(self) -> None:
        stop_all(self.workers.values())

    def pause(self) -> float:
        return self._lots.uniform(0.6, 1.6)

    def kill_one(self) -> None:
        """As ``kill -9`` does; what it was at, its job tells."""
        name = self._lots.choice(sorted(self.workers))
        self.workers.pop(name).kill()
        self.kills += 1
        for message_id, workers in self._database.rows(_BEING_SENT):
            if f'"{name}"' in workers:
                self.killed_sending[message_id] += 1
        self._hire()

    def mails(self) -> list[Mail]:
        sql = 'SELECT message_id, "to", state, attempts, last_error FROM sharing_outgoingmail'
        return [Mail(*row) for row in self._database.rows(sql)]

    def unsettled(self) -> int:
        sql = "SELECT COUNT(*) FROM sharing_outgoingmail WHERE state IN ('queued', 'sending')"
        return int(self._database.rows(sql)[0][0])

    def jobs(self, status: str) -> Counter[str]:
        rows = self._database.rows(
            "SELECT status, task_path FROM django_tasks_database_dbtaskresult"
        )
        return Counter(path for one, path in rows if one == status)

    def lose_the_regular_jobs(self) -> None:
        """As if each had been killed at its first breath."""
        self._database.change(
            "DELETE FROM django_tasks_database_dbtaskresult WHERE status = 'READY'"
        )

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("worker-*.log")))

    def _hire(self) -> None:
        name = f"worker-{next(self._numbers)}"
        words = ["db_worker", "--no-startup-delay", "--interval=0.2", f"--worker-id={name}"]
        self.workers[name] = self.child(name, *words)
        self.workers[name].start()

    def manage(self, *words: str) -> None:
        child = self.child(words[0], *words)
        run_to_end(child.command, env=child.env, log=child.log)

    def child(self, name: str, *words: str, **environment: str) -> Child:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        log = self._folder / f"{name}.log"
        return Child(name, command, env=self._environment | environment, log=log, cwd=ROOT)


# A mail's job has one argument. As text, JSON is alike in both databases but for spaces.
_BEING_SENT = """
    SELECT mail.message_id, CAST(job.worker_ids AS TEXT)
    FROM sharing_outgoingmail AS mail, django_tasks_database_dbtaskresult AS job
    WHERE job.status = 'RUNNING' AND mail.state = 'sending'
    AND REPLACE(CAST(job.args_kwargs AS TEXT), ' ', '') LIKE '%"args":[' || mail.id || ']%'
"""
