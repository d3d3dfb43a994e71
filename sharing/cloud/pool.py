"""Many calls at once: eight at a time, on threads that the whole process shares.

Functions given to it run on other threads than the web request's: they may call the cloud, and
must not touch the database.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any, Generic, TypeVar

from .errors import CloudError, Refused, TimedOut

T = TypeVar("T")
R = TypeVar("R")

_THREADS = 32


def gather(
    function: Callable[[T], R], items: Iterable[T], *, limit: int = 8
) -> list[R | CloudError]:
    """What ``function`` returns for each item, in order, or the ``CloudError`` it raised.

    Any other exception comes out of here, and what was not begun by then is left out. Once a call
    found no service (``Refused``, ``TimedOut``), those not yet begun fail with the same error
    instead of each waiting for its own.

    The calling thread takes its turn too, and waits for no helper that has not begun: so a
    gathered function may itself gather, however busy the threads are.
    """
    work = _Work(function, list(items))
    helpers = [_executor().submit(work.run) for _ in range(min(limit, work.size) - 1)]
    try:
        work.run()
    finally:
        begun = [helper for helper in helpers if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()
    return [work.results[index] for index in range(work.size)]


def gather_or_raise(function: Callable[[T], R], items: Iterable[T], *, limit: int = 8) -> list[R]:
    """Like ``gather``, but the first ``CloudError``, in the items' order, is raised."""
    results: list[R] = []
    for result in gather(function, items, limit=limit):
        if isinstance(result, CloudError):
            raise result
        results.append(result)
    return results


def both(first: Callable[[], T], second: Callable[[], R]) -> tuple[T | CloudError, R | CloudError]:
    """Two calls side by side, each with what it returns or raised, as ``gather`` has it."""
    calls: tuple[Callable[[], Any], ...] = (first, second)
    one, other = gather(lambda call: call(), calls)
    return one, other


class _Work(Generic[T, R]):
    """Items that several threads take turns to take from."""

    def __init__(self, function: Callable[[T], R], items: list[T]) -> None:
        self.size = len(items)
        self.results: dict[int, R | CloudError] = {}
        self._function = function
        self._items = iter(enumerate(items))
        self._lock = threading.Lock()
        self._absence: CloudError | None = None
        self._is_stopped = False

    def run(self) -> None:
        is_finished = False
        try:
            while (item := self._take()) is not None:
                index, argument = item
                self.results[index] = self._absence or self._outcome(argument)
            is_finished = True
        finally:
            self._is_stopped = self._is_stopped or not is_finished

    def _take(self) -> tuple[int, T] | None:
        with self._lock:
            return None if self._is_stopped else next(self._items, None)

    def _outcome(self, argument: T) -> R | CloudError:
        try:
            return self._function(argument)
        except (Refused, TimedOut) as error:
            self._absence = error
            return error
        except CloudError as error:
            return error


@cache
def _executor() -> ThreadPoolExecutor:
    """Made at the first use: a server that forks its workers must not fork threads."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="cloud")


os.register_at_fork(after_in_child=_executor.cache_clear)
