"""``manage.py doctor`` finds what is wrong, and says what to do."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from portal.demo.ports import HOST, Port
from sharing import tasks
from sharing.models import OutgoingMail
from tests.conftest import PASSWORD
from tests.fake.cloud import FakeCloud

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _someone(fake: FakeCloud) -> None:
    fake.user("chen", PASSWORD, projects=[fake.project("orchard")])


def doctor() -> tuple[str, bool]:
    """What it says, and whether it is content."""
    said = StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return said.getvalue(), not end.code
    return said.getvalue(), True


def line(about: str) -> str:
    """What it says about one thing, with the advice."""
    lines = doctor()[0].splitlines()
    start = next(place for place, one in enumerate(lines) if one[5:].startswith(f"{about}:"))
    return " ".join(lines[start : start + 2])


def sign_in(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    monkeypatch.setenv("OS_USERNAME", "chen")
    monkeypatch.setenv("OS_PASSWORD", password)


def test_content_with_a_portal_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch)
    said, is_content = doctor()
    assert is_content, said
    for about in ("database", "migrations", "cache", "worker", "keystone", "clock", "image API"):
        assert f" {about}: " in said


def test_tells_what_keystone_needs_for_websso(settings: Settings) -> None:
    assert " websso: " not in doctor()[0]
    settings.WEBSSO_CHOICES, settings.BASE_URL = {"openid": "Company"}, "http://Localhost:8000"
    assert line("websso").endswith("trusted_dashboard = http://localhost:8000/sign-in/websso/")
    assert doctor()[1]


def test_the_image_api_is_asked_as_whoever_runs_it(
    fake: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line("image API").startswith("?")
    sign_in(monkeypatch)
    assert line("image API").startswith("ok")
    assert all(token.is_revoked for token in fake.keystone.tokens.values())


def test_a_wrong_password_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, "hunter2")
    assert "wrong user name or password" in line("sign-in")
    assert "hunter2" not in doctor()[0]


def test_no_keystone(fake: FakeCloud) -> None:
    fake.stop_keystone()
    assert line("keystone").startswith("BAD")
    assert "OS_AUTH_URL" in line("keystone")
    assert not doctor()[1]


def test_no_image_api(fake: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch)
    fake.freeze_glance()
    assert line("image API").startswith("BAD")


@pytest.mark.parametrize(("minutes", "mark"), [(0, "ok"), (5, "BAD"), (-5, "BAD")])
def test_two_clocks(fake: FakeCloud, minutes: int, mark: str) -> None:
    fake.keystone_is_ahead = timedelta(minutes=minutes)
    assert line("clock").startswith(mark)
    assert ("NTP" in line("clock")) == (mark == "BAD")


def test_a_migration_that_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sharing' AND name > '0002'")
    assert line("migrations").startswith("BAD")
    assert "manage.py migrate" in line("migrations")


def test_a_worker_that_is_not_there() -> None:
    tasks.send_mail.enqueue(1)
    assert line("worker").startswith("ok")
    long_ago = timezone.now() - timedelta(minutes=10)
    DBTaskResult.objects.update(enqueued_at=long_ago)
    assert line("worker").startswith("BAD")
    assert "db_worker" in line("worker")


def test_mails_that_failed() -> None:
    OutgoingMail.objects.create(
        kind="shared", to="a@b.test", state="failed", next_attempt_at=timezone.now()
    )
    assert "1 mails" in line("mail")


@pytest.mark.enable_socket
def test_no_mail_server(settings: Any) -> None:
    port = Port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, port.number
    assert line("mail server").startswith("BAD")
    assert "EMAIL_URL" in line("mail server")
    port.release()


def test_a_cache_that_keeps_nothing(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert line("cache").startswith("BAD")


def test_debug_is_not_for_others_to_see(settings: Any) -> None:
    settings.DEBUG = True
    assert "DEBUG" in doctor()[0]
    assert not doctor()[1]


def test_the_framework_s_own_warnings_count(settings: Any) -> None:
    settings.IS_HTTPS = True
    assert "BAD  settings: security.W012" in doctor()[0]
    assert not doctor()[1]
