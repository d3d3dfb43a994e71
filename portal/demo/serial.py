"""Writers that wait for each other, for a service whose database is SQLite.

A transaction that has begun to read and then wants to write, while another one writes, cannot go
on: SQLite fails it at once ("database is locked"). The service then answers 500, or leaves an image
``saving`` for ever when that happened as an upload broke off. A cloud with a real database has no
such errors, so the demo's must not have them either: whatever may write says so as it begins, and
waits its turn. Loaded by gunicorn's settings, in the services' own environment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
READS = frozenset({"GET", "HEAD"})


def writers_wait(app: App) -> App:
    """`app`, whose transactions are a writer's from their beginning; those of a request that only
    reads, which are as parallel as ever, are not.
    """
    thread = threading.local()

    def begun(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> tuple[str, Any]:
        # oslo.db sends the BEGIN itself. A thread of no request does what an import asks for.
        if statement == "BEGIN" and not getattr(thread, "reads", False):
            statement = "BEGIN IMMEDIATE"
        return statement, parameters

    event.listen(Engine, "before_cursor_execute", begun, retval=True)

    def marked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        thread.reads = environ["REQUEST_METHOD"] in READS
        return app(environ, start_response)

    return marked
