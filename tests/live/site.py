"""A portal and its worker on the demo's cloud and database, with all that may hold a secret at
hand: its wires to Keystone and Glance, its mail server, its logs, what it reports and stores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as Keeping
from aiosmtpd.smtp import AuthResult, LoginPassword

from portal.demo.mailbox import Mailbox
from portal.demo.ports import HOST, Port
from portal.demo.processes import Child
from portal.demo.stack import Demo
from tests.live.processes import comes_true
from tests.live.secrets import Secrets
from tests.live.wire import Sentry, Spite, Wire

ROOT = Path(__file__).parents[2]
# Every cell of every table, and what is inside of the sessions.
DUMP = """
import json
from django.apps import apps
from django.contrib.sessions.models import Session
for model in apps.get_models(include_auto_created=True):
    for row in model.objects.all():
        for column in model._meta.concrete_fields:
            value = getattr(row, column.attname)
            print(json.dumps([f"{model._meta.db_table}.{column.column}", str(value)]))
for one in Session.objects.all():
    print(json.dumps(["inside of a session", json.dumps(one.get_decoded())]))
"""


@dataclass
class Site:
    demo: Demo
    base_url: str
    environment: dict[str, str]
    keystone: Wire
    glance: Wire
    sentry: Sentry
    mailbox: Mailbox
    portal: Child
    worker: Child
    secrets: Secrets

    def logs(self) -> str:
        return self.portal.log.read_text() + self.worker.log.read_text()

    def stored(self) -> list[tuple[str, str]]:
        """Where, and what."""
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", DUMP]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
        return [tuple(json.loads(line)) for line in lines]

    def sql(self, statement: str) -> None:
        run = f"from django.db import connection as c; c.cursor().execute({statement!r})"
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", run]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    @contextmanager
    def spite(self, how: Spite) -> Iterator[None]:
        """Keystone and Glance answer with all that they are sent."""
        self.keystone.spite = self.glance.spite = how
        yield
        self.keystone.spite = self.glance.spite = None

    def mail_to(self, address: str) -> str:
        """The text of the first one; its links are learned."""
        text = self.mailbox.wait_for(address, "", seconds=30).text
        self.secrets.learn_from_mail(text)
        return text


@contextmanager
def site(demo: Demo, folder: Path, log_format: str) -> Iterator[Site]:
    """The demo's own worker rests meanwhile."""
    secrets, smtp_password = Secrets(), f"smtp-{uuid.uuid4().hex}"
    with ExitStack() as stack:
        glance = Wire(demo.cloud.image_url, {})
        keystone_url = demo.cloud.auth_url.removesuffix("/v3")
        keystone = Wire(keystone_url, {demo.cloud.image_url: glance.url})
        keystone.instead[keystone_url] = keystone.url
        sentry, port, mail_port = Sentry(), Port(), Port()
        mailbox = Mailbox(folder / "mail")
        for one in (keystone, glance, sentry):
            stack.callback(one.close)
        stack.callback(port.release)
        stack.enter_context(_mail_server(mailbox.folder, mail_port, smtp_password))
        environment = demo.environment | {
            "BASE_URL": port.url,
            "OS_AUTH_URL": f"{keystone.url}/v3",
            "SECRET_KEY": f"key-{uuid.uuid4().hex}-{uuid.uuid4().hex}",
            "EMAIL_URL": f"smtp://portal:{smtp_password}@{mail_port.address}",
            "PORTAL_DEMO_MAILBOX": "",
            "SENTRY_DSN": sentry.dsn,
            "LOG_FORMAT": log_format,
            "LOG_LEVEL": "DEBUG",
        }
        secrets.learn("key", environment["SECRET_KEY"])
        secrets.learn("smtp", smtp_password)
        secrets.learn("password", urlsplit(environment["DATABASE_URL"]).password or "")
        demo.worker.stop()
        stack.callback(demo.worker.start)
        portal = _child("portal", ["-m", "gunicorn", "portal.wsgi", "--bind", port.address],
                        environment, folder)  # fmt: skip
        worker = _child("worker", ["manage.py", "db_worker"], environment, folder)
        stack.enter_context(portal)
        stack.enter_context(worker)
        made = Site(
            demo, port.url, environment, keystone, glance, sentry, mailbox, portal, worker, secrets
        )
        assert comes_true(lambda: "Listening at" in made.logs()), made.logs()
        yield made


def _child(name: str, words: list[str], environment: dict[str, str], folder: Path) -> Child:
    log = folder / f"{name}.log"
    return Child(name, [sys.executable, *words], env=environment, log=log, cwd=ROOT)


@contextmanager
def _mail_server(folder: Path, port: Port, password: str) -> Iterator[None]:
    """Takes mails of who knows the password, and quotes a wrong one."""

    def check(_server: object, _session: object, _envelope: object, mechanism: str, data: object
              ) -> AuthResult:  # fmt: skip
        is_right = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=is_right)

    controller = Controller(
        Keeping(folder),
        hostname=HOST,
        port=port.number,
        authenticator=check,
        auth_require_tls=False,
    )
    controller.start()
    yield
    controller.stop()
    port.release()
