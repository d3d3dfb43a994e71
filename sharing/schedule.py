"""The jobs that come again by themselves and call a service."""

from __future__ import annotations

from datetime import timedelta

from django_tasks import task

from sharing import tasks
from sharing.services import bulk, end_warnings

WARN_EVERY = timedelta(hours=1)
FORGET_EVERY = timedelta(days=1)


@task()
def warn_of_ends() -> None:
    """Come again in an hour, whatever happens; what was warned of once is not again."""
    ensure()
    end_warnings.warn()


@task()
def forget_old_lists() -> None:
    ensure()
    bulk.forget_old()


def ensure() -> None:
    """A worker's start calls it, and every run."""
    tasks.ensure(warn_of_ends, WARN_EVERY)
    tasks.ensure(forget_old_lists, FORGET_EVERY)
