"""Addresses that are keys: 256 random bits, which nobody guesses; who tries all the same, waits."""

from __future__ import annotations

from datetime import timedelta

from sharing.services import throttle

WRONG_ONES, WITHIN = 30, timedelta(minutes=10)


def count_wrong(address: str) -> int:
    """The seconds to wait for one at ``address`` who tries keys, else 0."""
    return throttle.hit(kind="key-wrong", key=address, limit=WRONG_ONES, window=WITHIN)
