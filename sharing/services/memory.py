"""Whether the cache keeps what it is given. The portal does without, only slower."""

from __future__ import annotations

import uuid

from django.core.cache import cache

_SECONDS = 60


def is_there() -> bool:
    """By a key of this one question: many ask at the same time."""
    key = f"is-there:{uuid.uuid4().hex}"
    cache.set(key, key, _SECONDS)
    is_kept: bool = cache.get(key) == key
    cache.delete(key)
    return is_kept
