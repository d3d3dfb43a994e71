"""One site on two hosts: each a gunicorn with a port and a folder for temporary files of its own,
and a worker. What they share is one PostgreSQL and one Redis; behind them is a real cloud."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests

from portal.demo import postgres
from portal.demo.cloud import DemoCloud
from portal.demo.cloud_template import ROOT, child_environment
from portal.demo.mail_server import MailServer
from portal.demo.mailbox import Mailbox
from portal.demo.ports import Port
from portal.demo.processes import Child, stop_all
from tests.live.processes import comes_true
from tests.many.redis_server import Redis

READY_SECONDS = 60.0
MAILS_PER_ADDRESS = 40


class Host:
    """A machine with a web process: no file of it is another's."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.port = Port()
        self.url = self.port.url
        self.log = folder / "web.log"
        self.web = self._process({})

    def start(self, environment: dict[str, str]) -> None:
        self.web = self._process(environment | {"TMPDIR": str(self.temporary)})
        self.web.start()

    def is_alive(self) -> bool:
        self.web.check()
        try:
            return requests.get(f"{self.url}/healthz", timeout=READY_SECONDS).ok
        except requests.ConnectionError:
            return False

    def readiness(self) -> tuple[int, dict[str, str]]:
        answer = requests.get(f"{self.url}/readyz", timeout=READY_SECONDS)
        return answer.status_code, answer.json()

    def _process(self, env: dict[str, str]) -> Child:
        words = ["-m", "gunicorn", "portal.wsgi", "--bind", self.port.address, "--workers", "2"]
        options = ["--graceful-timeout", "1", "--preload"]
        command = [sys.executable, *words, *options]
        return Child(f"web-{self.name}", command, env=env, log=self.log, cwd=ROOT)


class Site:
    """A context manager. Who treats a part of it badly leaves it well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.secret_key = secrets.token_urlsafe(50)

    def __enter__(self) -> Site:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def restart(self, *hosts: Host, **settings: str) -> None:
        """With some settings that only these hosts have, until they are restarted again."""
        stop_all([host.web for host in hosts])
        self.start(*hosts, **settings)

    def start(self, *hosts: Host, **settings: str) -> None:
        for host in hosts:
            host.start(self.environment | settings)
        for host in hosts:
            assert comes_true(host.is_alive, seconds=READY_SECONDS), host.log.read_text()

    def manage(self, *words: str) -> Child:
        command = [sys.executable, "manage.py", *words]
        log = self._folder / f"{words[0]}.log"
        return Child(words[0], command, env=self.environment, log=log, cwd=ROOT)

    def select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the portal's database."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query.encode(), values).fetchall()

    @contextmanager
    def held(self, table: str, *, until_waiting: int) -> Iterator[None]:
        """Nobody writes to the table meanwhile; at the end, so many wait to, and start together."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
            yield
            assert comes_true(lambda: self.select(waiting)[0][0] >= until_waiting)

    def check(self) -> None:
        for child in (*self.workers, *(host.web for host in self.hosts)):
            child.check()

    def _start(self, stack: ExitStack) -> None:
        database_url = stack.enter_context(postgres.Cluster()).address
        self.redis = Redis(self._folder)
        stack.callback(self.redis.stop)
        self.redis.start()
        self.mailbox = Mailbox(self._folder / "mail")
        mail_server = MailServer(self.mailbox.folder)
        stack.callback(mail_server.close)
        mail_server.start()
        self.hosts = [Host(name, self._folder / name) for name in ("a", "b")]
        for host in self.hosts:
            stack.callback(host.port.release)
        self.cloud = DemoCloud(self._folder / "cloud", keystone_port=0, glance_port=0)
        stack.callback(self.cloud.stop)
        self.cloud.reserve()
        self.environment = child_environment() | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": self.secret_key,
            "BASE_URL": self.hosts[0].url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "OS_AUTH_URL": self.cloud.auth_url,
            "DATABASE_URL": database_url,
            "CACHE_URL": self.redis.url,
            "EMAIL_URL": mail_server.url,
            "DEFAULT_FROM_EMAIL": "Image Sharing Portal <portal@portal.example>",
            "OPERATOR_EMAIL": "operator@portal.example",
            "MAILS_PER_ADDRESS": str(MAILS_PER_ADDRESS),
        }
        migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
        with Child(
            "migrate", migrate, env=self.environment, log=self._folder / "migrate.log"
        ) as it:
            self.cloud.start()
            it.wait()
        self.workers: Sequence[Child] = [self.manage("db_worker") for _ in self.hosts]
        stack.callback(lambda: stop_all([*self.workers, *(host.web for host in self.hosts)]))
        for worker in self.workers:
            worker.start()
        self.start(*self.hosts)
