"""What became of the fifty users: a table, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.bench.numbers import percentile

ALLOWED = 100.0  # milliseconds, for 95 of 100
# Their pages, and what they send, need no call to Keystone or Glance.
OWN = (
    "catalogue",
    "catalogue, a page",
    "catalogue, filtered",
    "catalogue, searched",
    "listing",
    "request form",
    "request sent",
    "status page",
    "link of the mail",
    "request confirmed",
    "sign-in page",
    "dashboard",
    "queue",
    "mail",
    "history",
    "my requests",
)
CALLING = (
    "sign in",
    "sign out",
    "dashboard's figures",
    "approve",
    "image list",
    "image",
    "share",
    "remove",
    "ledger",
    "inbox",
    "share's page",
    "answer",
    "answer, in the inbox",
)
MAIL = "mail has come"
FINE = "as expected"


@dataclass(frozen=True)
class Step:
    """``ms`` of each time, and how often it was answered how: as expected, or what was wrong."""

    ms: list[float]
    answers: Mapping[str, int]


def table(steps: Mapping[str, Step]) -> str:
    lines = [f"{'':24}{'times':>7}{'median':>9}{'p95':>9}{'worst':>9}  ms"]
    for kind, names in (("without calls", OWN), ("with calls", CALLING), ("mail", (MAIL,))):
        taken = {name: steps[name].ms for name in names if name in steps}
        lines.append(_line(kind, [one for ms in taken.values() for one in ms]))
        lines += [_line(f"  {name}", ms) for name, ms in taken.items()]
    return "\n".join(lines)


def _line(name: str, ms: list[float]) -> str:
    figures = (percentile(ms, 50), percentile(ms, 95), max(ms)) if ms else ()
    return f"{name:24}{len(ms):7}" + "".join(f"{one:9.0f}" for one in figures)


def faults(steps: Mapping[str, Step]) -> list[str]:
    """Nothing, when each step was taken, and each was answered as it should be."""
    steps_taken = {name for name, step in steps.items() if step.ms}
    every = (*OWN, *CALLING, MAIL)
    found = [f"nobody came to: {name}" for name in every if name not in steps_taken]
    for name, step in steps.items():
        wrong = {words: count for words, count in step.answers.items() if words != FINE}
        found += [f"{name}: {count} × {words}" for words, count in wrong.items()]
    return found


def slowness(steps: Mapping[str, Step]) -> list[str]:
    """Nothing, when the pages without calls were quick enough."""
    p95 = percentile([one for name in OWN if name in steps for one in steps[name].ms], 95)
    if p95 < ALLOWED:
        return []
    return [f"pages without calls: 95 of 100 take up to {p95:.0f} ms, not {ALLOWED:.0f}"]
