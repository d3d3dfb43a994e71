"""One write at a time, for a service whose database is SQLite.

Two transactions that have both read and now both want to write cannot go on: SQLite fails one of
them at once ("database is locked"), and the service answers 500. A cloud with a real database has
no such errors, so the demo's must not have them either. Loaded by gunicorn's settings, in the
services' own environment: only the standard library is there.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# An image's bytes: they take long, and their few rows are written at the beginning and at the end.
UPLOADS = ("/file", "/stage")


def one_write_at_a_time(app: App, lock: Path) -> App:
    """`app`, in all its processes and threads, with reads as parallel as ever."""

    def serial(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_upload = str(environ["PATH_INFO"]).endswith(UPLOADS)
        if environ["REQUEST_METHOD"] not in WRITES or is_upload:
            return app(environ, start_response)
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            return app(environ, start_response)

    return serial
