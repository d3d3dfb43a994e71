"""The site starts with good settings, and names those that are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOOD = {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "BASE_URL": "https://images.example.test",
    "OS_AUTH_URL": "https://keystone.example.test/v3",
}


def start(environment: dict[str, str], then: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import portal.settings as s; {then}"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def said(then: str, **changes: str) -> str:
    done = start(GOOD | changes, f"print(({then}))")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_three_that_are_needed_are_enough() -> None:
    assert start(GOOD).returncode == 0


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {one: text for one, text in GOOD.items() if one != name}
    done = start(environment | ({} if value is None else {name: value}))
    assert done.returncode != 0
    assert f"{name} is missing" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "images.example.test"),
        ("BASE_URL", "ftp://images.example.test"),
        ("BASE_URL", "http://images.example.test"),
        ("OS_AUTH_URL", "keystone:5000"),
        ("OS_INTERFACE", "secret"),
        ("OS_CACERT", "/no/such/file.pem"),
        ("DEBUG", "perhaps"),
        ("WEBSSO_CHOICES", "openid"),
        ("WEBSSO_CHOICES", "openid:"),
        ("WEBSSO_CHOICES", "open id:Company"),
        ("WEBSSO_CHOICES", "openid:Company,openid:University"),
        ("WEBSSO_IDP_MAPPING", "openid:company/openid"),  # no such choice
        ("WEBSSO_KEYSTONE_URL", "keystone:5000"),
        ("TRUSTED_PROXIES", "many"),
        ("REMINDER_DAYS", "-1"),
        ("IMAGE_MEMBER_QUOTA", "-1"),
        ("BULK_JOB_DAYS", "soon"),
        ("HISTORY_DAYS", "two years"),
        ("REMINDER_LIMIT", "some"),
        ("MAILS_PER_ADDRESS", "few"),
        ("MAILS_PER_PROJECT", "many"),
        ("DIGEST_HOUR", "24"),
        ("EMAIL_TIMEOUT", "20"),
        ("EMAIL_TIMEOUT", "1s, 2s"),
        ("MAIL_RETRY_AFTER", "1m, 0s"),
        ("MAIL_LEASE", "1m"),  # shorter than the slowest hand-over
        ("DATABASE_URL", "nonsense"),
        ("CACHE_URL", "nonsense"),
        ("EMAIL_URL", "nonsense"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    done = start(GOOD | {name: value})
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured: Settings:" in last
    assert name in last


def test_all_faults_are_named_at_once() -> None:
    done = start({"DEBUG": "perhaps"})
    for name in (*GOOD, "DEBUG"):
        assert name in done.stderr.strip().splitlines()[-1]


def test_https_closes_the_cookies_and_sends_hsts() -> None:
    then = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0"
    assert said(then) == "(True, True, True)"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]"])
def test_http_is_for_loopback(host: str) -> None:
    then = "s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS"
    assert said(then, BASE_URL=f"http://{host}") == "(False, 0)"


def test_cookies_are_always_http_only_and_lax() -> None:
    then = "s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE"
    assert said(then) == "(True, True, 'Lax')"


def test_the_ecosystems_names_are_understood(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    then = "s.OS_REGION_NAME, s.OS_INTERFACE, s.OS_CACERT"
    changes = {"OS_REGION_NAME": "North", "OS_INTERFACE": "internal", "OS_CACERT": str(bundle)}
    assert said(then, **changes) == str(("North", "internal", str(bundle)))


def test_postgresql_and_smtp_are_understood() -> None:
    then = "s.DATABASES['default']['HOST'], s.EMAIL_HOST"
    changes = {
        "DATABASE_URL": "postgres://u:p@db.test/portal",
        "EMAIL_URL": "smtp://mail.test:25",
    }
    assert said(then, **changes) == "('db.test', 'mail.test')"


def test_how_long_mail_is_tried_can_be_set() -> None:
    then = "[wait.total_seconds() for wait in s.MAIL_RETRY_AFTER], s.MAIL_LEASE.total_seconds()"
    assert said(then) == "([60.0, 300.0, 1800.0, 7200.0, 28800.0, 86400.0], 300.0)"
    changes = {"MAIL_RETRY_AFTER": "30s,1d", "MAIL_LEASE": "24s", "EMAIL_TIMEOUT": "2s"}
    assert said(then, **changes) == "([30.0, 86400.0], 24.0)"


def test_debug_is_off_unless_said() -> None:
    assert said("s.DEBUG") == "False"
    assert said("s.DEBUG", DEBUG="on") == "True"


def test_the_operators_address_must_be_one() -> None:
    assert said("s.OPERATOR_EMAIL") == ""
    assert said("s.OPERATOR_EMAIL", OPERATOR_EMAIL="ops@cloud.test") == "ops@cloud.test"
    done = start(GOOD | {"OPERATOR_EMAIL": "the operator"})
    assert done.returncode != 0
    assert "OPERATOR_EMAIL is 'the operator'" in done.stderr


def test_a_redis_that_is_away_stops_no_page() -> None:
    assert said("s.CACHES['default']['BACKEND']", CACHE_URL="redis://cache.test:6379/0") == (
        "portal.forgetful.ForgetfulCache"
    )


def test_the_checks_for_a_real_site_have_nothing_to_say() -> None:
    """But for two about HSTS, which would decide for the host's neighbours."""
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = GOOD | {"DATABASE_URL": "sqlite://:memory:"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no issues (2 silenced)" in done.stdout
    assert said("sorted(s.SILENCED_SYSTEM_CHECKS)") == "['security.W005', 'security.W021']"
