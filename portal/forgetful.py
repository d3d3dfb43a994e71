"""A cache that is away has forgotten everything: no page fails, or waits long, because of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import redis
from django.core.cache.backends.redis import RedisCache

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger("portal")
# So long nobody of this process asks again: each would only wait for a time-out of its own.
PAUSE_SECONDS = 1.0


class ForgetfulCache(RedisCache):
    """What is set while Redis is away is lost, and each ``add`` is the first."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return _or(True, super().add, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or(default, super().get, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        _or(None, super().set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return _or(False, super().delete, *args, **kwargs)


class _Pause:
    until = 0.0


def _or(otherwise: R, method: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    if time.monotonic() < _Pause.until:
        return otherwise
    try:
        return method(*args, **kwargs)
    except redis.RedisError as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning("The cache is away: %s", type(error).__name__)
        return otherwise
