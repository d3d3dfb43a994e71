"""The whole demo on one machine: cloud, mail server, portal and worker. `make demo`, the browser
tests and the benchmarks are users of the one class here."""

from __future__ import annotations

import fcntl
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests

from portal.demo import story
from portal.demo.cloud import GLANCE_PORT, KEYSTONE_PORT, DemoCloud
from portal.demo.cloud_template import ROOT, child_environment
from portal.demo.company import PROTOCOL
from portal.demo.keystone_admin import RefusedByCloud
from portal.demo.mail_server import MailServer
from portal.demo.mailbox import Mailbox
from portal.demo.ports import Port
from portal.demo.processes import Child, ChildDied, stop_all, tail
from portal.demo.seed import Report, Story

PORTAL_PORT = 8000
READY_SECONDS = 150.0
STATIC_MANIFEST = ROOT / "staticfiles" / "staticfiles.json"
PREPARED, SEEDED = "prepared", "seeded"
BROKEN_STATE = (ChildDied, RefusedByCloud, requests.RequestException, OSError, ValueError)


class DemoRefused(RuntimeError):
    """The demo cannot start; the message says what to do."""


def say_nothing(_: str) -> None:
    pass


class Demo:
    """Everything, running, with all its data in `state_dir`; started again there it has its data
    again.

    A context manager. Ports are the usual ones where these are free, and with `usual_ports=False`
    always others. With `is_seeded` the story is played on it, once. The portal's database is
    SQLite in `state_dir`, or the one at `database_url`, which is the caller's to empty; so many
    `workers` serve the application `wsgi`. `report` is told each step in words. What an earlier
    start has not finished, or what will not start again, is thrown away and made anew. One process
    at a time uses a `state_dir`.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        is_seeded: bool = False,
        usual_ports: bool = True,
        database_url: str = "",
        workers: int = 2,
        wsgi: str = "portal.wsgi",
        report: Report = say_nothing,
    ) -> None:
        self.state_dir = state_dir.resolve()
        self._is_seeded = is_seeded
        self._usual_ports = usual_ports
        self._database_url = database_url
        self._workers = workers
        self._wsgi = wsgi
        self._report = report
        self._lock: IO[str] | None = None
        self._parts: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The portal's address, without a slash at its end."""
        return self._port.url

    @property
    def mailbox_url(self) -> str:
        return f"{self.base_url}/demo/mailbox/"

    def start(self) -> None:
        if not STATIC_MANIFEST.exists():
            raise DemoRefused(f"{STATIC_MANIFEST} is not there. Run: make install")
        self._take_lock()
        try:
            self._start_or_start_over()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything; fine to call twice."""
        self._stop_parts()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def check(self) -> None:
        """`ChildDied`, with the end of its log, when a process is no longer there."""
        self.cloud.check()
        self.portal.check()
        self.worker.check()

    def manage(self, *words: str) -> None:
        """Run a command of `manage.py` on the demo's portal, to its end; `ChildDied` when it
        fails.
        """
        with self._manage(*words) as command:
            command.wait()

    def restart_portal(self) -> None:
        """New workers, which have answered nobody yet."""
        self.portal.stop()
        self.portal.start()
        self._wait_until_ready()

    def _take_lock(self) -> None:
        self.state_dir.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.state_dir.with_name(f"{self.state_dir.name}.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.stop()
            raise DemoRefused(f"A demo is running with {self.state_dir}. Stop it first.") from error

    def _start_or_start_over(self) -> None:
        is_old = (self.state_dir / PREPARED).exists()
        if not is_old:
            self._wipe()
        try:
            self._start_parts()
        except BROKEN_STATE as error:
            self._stop_parts()
            if not is_old:
                raise
            self._report(f"What an earlier start left does not start again; starting over. {error}")
            self._wipe()
            self._start_parts()
        (self.state_dir / PREPARED).touch()
        if self._is_seeded and not (self.state_dir / SEEDED).exists():
            self._seed()

    def _seed(self) -> None:
        """Half filled it does not count as prepared: the next start throws it away."""
        (self.state_dir / PREPARED).unlink()
        Story(
            cloud=self.cloud, mailbox=self.mailbox, base_url=self.base_url, report=self._report
        ).play()
        for mark in (SEEDED, PREPARED):
            (self.state_dir / mark).touch()

    def _wipe(self) -> None:
        if self.state_dir.exists():
            shutil.rmtree(self.state_dir)
        self.state_dir.mkdir()

    def _start_parts(self) -> None:
        ports = (KEYSTONE_PORT, GLANCE_PORT, PORTAL_PORT) if self._usual_ports else (0, 0, 0)
        self._port = Port(ports[2])
        self.cloud = DemoCloud(
            self.state_dir / "cloud",
            keystone_port=ports[0],
            glance_port=ports[1],
            dashboard=f"{self.base_url}/sign-in/websso/",
        )
        self.mailbox = Mailbox(self.state_dir / "mail")
        self.mail_server = MailServer(self.mailbox.folder)
        self._parts = [self._port.release, self.mail_server.close, self.cloud.stop]
        self.mail_server.start()
        if not self.cloud.state_dir.exists():
            self._report("A new cloud (the very first takes half a minute)")
        self.cloud.reserve()
        self.environment = self._environment()
        self._report("Keystone, Glance and the portal's database")
        with self._manage("migrate", "--verbosity=0") as migration:
            self.cloud.start()
            migration.wait()
        self._report("The portal and its worker")
        self.portal, self.worker = self._gunicorn(), self._manage("db_worker")
        self._parts.append(lambda: stop_all([self.portal, self.worker]))
        self.portal.start()
        self.worker.start()
        self._wait_until_ready()

    def _stop_parts(self) -> None:
        while self._parts:
            self._parts.pop()()

    def _environment(self) -> dict[str, str]:
        return child_environment() | {
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": self._secret_key(),
            "BASE_URL": self.base_url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "OS_AUTH_URL": self.cloud.auth_url,
            "WEBSSO_CHOICES": f"{PROTOCOL}:{story.COMPANY}",
            # Another name than the portal's, so that it is another site, as with a real cloud.
            "WEBSSO_KEYSTONE_URL": self.cloud.auth_url.replace("127.0.0.1", "localhost"),
            "DATABASE_URL": self._database_url or f"sqlite:///{self.state_dir}/portal.sqlite3",
            "EMAIL_URL": self.mail_server.url,
            "DEFAULT_FROM_EMAIL": "Image Sharing Portal <portal@portal.example>",
            "OPERATOR_EMAIL": "operator@portal.example",
            "PORTAL_DEMO_MAILBOX": str(self.mailbox.folder),
            "METRICS_ALLOW": "127.0.0.1",
        }

    def _secret_key(self) -> str:
        kept = self.state_dir / "secret_key"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(50))
        return kept.read_text()

    def _manage(self, *words: str) -> Child:
        return self._child(words[0], [str(ROOT / "manage.py"), *words])

    def _gunicorn(self) -> Child:
        options = {
            "config": str(ROOT / "gunicorn.conf.py"),
            "bind": self._port.address,
            "workers": str(self._workers),
            "graceful-timeout": "1",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        return self._child(
            "portal", ["-m", "gunicorn", self._wsgi, "--preload", "--no-control-socket", *words]
        )

    def _child(self, name: str, words: list[str]) -> Child:
        return Child(
            name,
            [sys.executable, *words],
            env=self.environment,
            log=self.state_dir / "logs" / f"{name}.log",
            cwd=self.state_dir,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            self.portal.check()
            self.worker.check()
            if time.monotonic() > deadline:
                raise ChildDied(f"The portal is not ready:\n{tail(self.portal.log)}")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.base_url}/readyz", timeout=READY_SECONDS).ok
        except requests.ConnectionError:
            return False
