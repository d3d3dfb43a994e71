"""The few figures that many are told by, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many of a hundred do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True)
class Sample:
    """Seconds, one for each round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.seconds)

    def times(self, factor: float) -> Sample:
        return Sample(tuple(one * factor for one in self.seconds))

    def __str__(self) -> str:
        """The median, and from the least to the most."""
        if len(self.seconds) == 1:
            return milliseconds(self.median)
        least, most = milliseconds(min(self.seconds)), milliseconds(max(self.seconds))
        return f"{milliseconds(self.median)} ({least}–{most})"


def milliseconds(seconds: float) -> str:
    """Whole ones, and tenths where there are few."""
    ms = seconds * 1000
    return f"{ms:,.0f}" if ms >= 10 else f"{ms:.1f}"


def ratio(one: float, other: float) -> str:
    """How many times the other."""
    found = one / other
    return f"{found:.0f}×" if found >= 10 else f"{found:.2f}×"
