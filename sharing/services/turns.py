"""One at a time, over all processes on all hosts, where there is no row to hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_at_a_time(about: str) -> Iterator[None]:
    """A transaction that waits for the others about the same thing: what one of many at once wrote
    down, the next one sees. SQLite has one writer anyway."""
    with transaction.atomic():
        wait_for_turn(about)
        yield


def wait_for_turn(about: str) -> None:
    """In a transaction, and until its end."""
    if connection.vendor == "postgresql":
        digest = hashlib.sha256(about.encode()).digest()
        with connection.cursor() as cursor:
            number = int.from_bytes(digest[:8], signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
