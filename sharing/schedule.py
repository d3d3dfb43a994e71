"""The jobs that come again by themselves and call a service."""

from __future__ import annotations

from datetime import timedelta

from django_tasks import task

from sharing import tasks
from sharing.services import bulk, digests, end_warnings, expiry, mail_addresses, retention

WARN_EVERY = timedelta(hours=1)
FORGET_EVERY = EXPIRE_EVERY = timedelta(days=1)
DIGEST_EVERY = timedelta(minutes=10)


@task()
def warn_of_ends() -> None:
    """Come again in an hour, whatever happens; what was warned of once is not again."""
    ensure()
    end_warnings.warn()


@task()
def forget_old_lists() -> None:
    ensure()
    bulk.forget_old()


@task()
def send_digests() -> None:
    """Each few minutes: the hour that they are due at comes once a day."""
    ensure()
    digests.send()


@task()
def forget_old_addresses() -> None:
    ensure()
    mail_addresses.forget_old()


@task()
def forget_old_rows() -> None:
    ensure()
    retention.forget_old()


@task()
def expire_requests() -> None:
    ensure()
    expiry.expire_requests()


@task()
def flag_stale_listings() -> None:
    ensure()
    expiry.flag_stale_listings()


def ensure() -> None:
    """A worker's start calls it, and every run."""
    tasks.ensure(warn_of_ends, WARN_EVERY)
    tasks.ensure(forget_old_lists, FORGET_EVERY)
    tasks.ensure(send_digests, DIGEST_EVERY)
    tasks.ensure(forget_old_addresses, FORGET_EVERY)
    tasks.ensure(forget_old_rows, FORGET_EVERY)
    tasks.ensure(expire_requests, EXPIRE_EVERY)
    tasks.ensure(flag_stale_listings, EXPIRE_EVERY)
