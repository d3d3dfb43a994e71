"""Looks at everything that the portal needs, and says of what is wrong what to do about it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from sharing import session
from sharing.cloud.errors import CloudError, WrongCredentials
from sharing.cloud.images import ImagesClient
from sharing.cloud.transport import Timeout, new_request_id
from sharing.services import memory, queues, sign_in

PATIENCE = Timeout(connect=5, read=15)
# A token's times are compared by both clocks: with more than this between them, sign-ins fail.
MOST_SKEW = timedelta(seconds=30)
# The worker looks every second; a job that is due for longer has none.
MOST_DELAY = 300.0
# Of the database's connections; with so many taken, another host may find none.
CROWDED = 0.8


class Mark(StrEnum):
    GOOD = "good"
    UNSURE = "unsure"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """``advice`` says what to do; empty when all is well."""

    about: str
    mark: Mark
    words: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whoever runs the check: only with somebody's own can the Image API be asked."""

    username: str
    password: str
    domain: str = "Default"


def examine(credentials: Credentials | None) -> Iterator[Finding]:
    """One finding after the other, each as soon as it is there."""
    yield from _settings()
    yield from _database()
    yield _cache()
    yield from _keystone(credentials)
    yield _mail_server()


def _settings() -> Iterator[Finding]:
    """That they can be read at all is shown by our being here."""
    found = checks.run_checks(include_deployment_checks=settings.IS_HTTPS)
    found = [one for one in found if one.level >= checks.WARNING]
    for one in found:
        yield Finding("settings", Mark.BAD, f"{one.id}: {one.msg}", one.hint or "docs/settings.md")
    if settings.DEBUG:
        yield Finding("settings", Mark.BAD, "DEBUG is on: errors show secrets", "unset DEBUG")
    elif not found:
        yield Finding("settings", Mark.GOOD, f"the site is {settings.BASE_URL}")
    if settings.WEBSSO_CHOICES:
        advice = f"Keystone needs [federation] trusted_dashboard = {sign_in.websso_way_back()}"
        yield Finding("websso", Mark.UNSURE, "only a browser can try it", advice)


def _database() -> Iterator[Finding]:
    kind = connection.vendor
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        advice = "look at DATABASE_URL: is the server there, and are user and password right?"
        yield Finding("database", Mark.BAD, f"{kind}: {_first_line(error)}", advice)
        return
    if kind == "sqlite":
        advice = "fine on one machine; set DATABASE_URL to PostgreSQL for more"
        yield Finding("database", Mark.UNSURE, "SQLite", advice)
    else:
        yield _connections(kind)
    if missing:
        words = f"{len(missing)} not carried out, from {missing[0][0]} on"
        yield Finding("migrations", Mark.BAD, words, "manage.py migrate")
        return
    yield Finding("migrations", Mark.GOOD, "all carried out")
    yield from _background()


def _connections(kind: str) -> Finding:
    """Each thread of each process on each host holds one; without any left, pages fail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int"
        )
        taken, most = cursor.fetchone()
    words = f"{kind}, {taken} of {most} connections taken"
    if taken < most * CROWDED:
        return Finding("database", Mark.GOOD, words)
    advice = "raise PostgreSQL's max_connections: docs/deploy.md, Several hosts"
    return Finding("database", Mark.UNSURE, words, advice)


def _background() -> Iterator[Finding]:
    waiting = queues.look()
    if waiting.oldest_job > MOST_DELAY:
        minutes = round(waiting.oldest_job / 60)
        words = f"a job has been due for {minutes} minutes"
        yield Finding("worker", Mark.BAD, words, "start a worker: manage.py db_worker")
    else:
        yield Finding("worker", Mark.GOOD, "no job is overdue")
    if failed := waiting.mails_by_state.get("failed"):
        advice = "each producer sees his own, with the server's words, under Producer → Mail"
        yield Finding("mail", Mark.UNSURE, f"{failed} mails could not be sent", advice)


def _cache() -> Finding:
    kind = str(settings.CACHES["default"]["BACKEND"]).rpartition(".")[2]
    kind = "Redis" if kind == "ForgetfulCache" else kind
    if not memory.is_there():
        advice = "pages go on without it, slower; look at CACHE_URL: is the server there?"
        return Finding("cache", Mark.BAD, f"{kind} keeps nothing", advice)
    if kind == "LocMemCache":
        advice = "fine with one process; set CACHE_URL to Redis for more"
        return Finding("cache", Mark.UNSURE, "each process's own memory", advice)
    return Finding("cache", Mark.GOOD, kind)


def _keystone(credentials: Credentials | None) -> Iterator[Finding]:
    try:
        theirs = session.connection().identity.ping(PATIENCE)
    except CloudError as error:
        advice = "look at OS_AUTH_URL (and OS_CACERT, for a certificate of your own authority)"
        words = f"{settings.OS_AUTH_URL}: {type(error).__name__} {error.message}".strip()
        yield Finding("keystone", Mark.BAD, words, advice)
        return
    yield Finding("keystone", Mark.GOOD, settings.OS_AUTH_URL)
    if theirs is None:
        yield Finding("clock", Mark.UNSURE, "Keystone does not tell its time")
    elif abs(skew := timezone.now() - theirs) > MOST_SKEW:
        words = f"this machine's clock is {round(skew.total_seconds())} s off Keystone's"
        yield Finding("clock", Mark.BAD, words, "let both follow the same time server (NTP)")
    else:
        yield Finding("clock", Mark.GOOD, "as Keystone's")
    yield from _image_api(credentials)


def _image_api(credentials: Credentials | None) -> Iterator[Finding]:
    if credentials is None:
        advice = "set OS_USERNAME and OS_PASSWORD (and OS_USER_DOMAIN_NAME) to sign in as yourself"
        yield Finding("image API", Mark.UNSURE, "its address is known after a sign-in", advice)
        return
    identity, request_id = session.connection().identity, new_request_id()
    try:
        unscoped = identity.sign_in_with_password(
            username=credentials.username,
            password=credentials.password,
            domain=credentials.domain,
            request_id=request_id,
        )
        projects = identity.list_projects(unscoped, request_id=request_id)
        if not projects:
            yield Finding("sign-in", Mark.BAD, "the user has no project", "give him a role in one")
            return
        token = identity.scope(unscoped, projects[0].id, request_id=request_id)
    except WrongCredentials:
        yield Finding("sign-in", Mark.BAD, "wrong user name or password", "look at OS_USERNAME …")
        return
    except CloudError as error:
        words = f"{type(error).__name__} {error.message}".strip()
        yield Finding("sign-in", Mark.BAD, words, "Keystone's log has its own words about it")
        return
    yield from _regions(
        token_urls=token.image_urls,
        client=lambda url: ImagesClient(
            transport=session.connection().transport,
            base_url=url,
            token=token,
            request_id=request_id,
            check_token=lambda: identity.check(token.id, request_id=request_id),
        ),
    )
    identity.revoke(token.id, request_id=request_id)
    identity.revoke(unscoped.id, request_id=request_id)


def _regions(
    *, token_urls: Mapping[str, str], client: Callable[[str], ImagesClient]
) -> Iterator[Finding]:
    if not token_urls:
        advice = (
            f"the catalogue needs a service of type image with interface {settings.OS_INTERFACE}"
        )
        yield Finding("image API", Mark.BAD, "not in Keystone's catalogue", advice)
    if settings.OS_REGION_NAME and settings.OS_REGION_NAME not in token_urls:
        words = f"no image service in the region {settings.OS_REGION_NAME}"
        yield Finding(
            "image API", Mark.BAD, words, f"OS_REGION_NAME: one of {', '.join(token_urls)}"
        )
    for region, url in token_urls.items():
        try:
            client(url).list_shared_with_me("pending")
        except CloudError as error:
            words = f"{region} {url}: {type(error).__name__} {error.message}".strip()
            yield Finding("image API", Mark.BAD, words, "can this machine reach that address?")
        else:
            yield Finding("image API", Mark.GOOD, f"{region} {url}")


def _mail_server() -> Finding:
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if kind != "smtp":
        advice = "set EMAIL_URL to an SMTP server"
        return Finding("mail server", Mark.UNSURE, f"mail goes to the {kind} and to nobody", advice)
    words = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    server = get_connection()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            "mail server", Mark.BAD, f"{words}: {_first_line(error)}", "look at EMAIL_URL"
        )
    return Finding("mail server", Mark.GOOD, words)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
