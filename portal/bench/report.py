"""What was found, as a page of docs/."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from portal.bench.disk import Transfer
from portal.bench.measure import Result, Step
from portal.bench.numbers import Sample, milliseconds, ratio
from portal.bench.stage import WORKERS
from portal.bench.tasks import CLI_COMMANDS
from portal.demo.cloud_template import ROOT

HEAD = """\
# Benchmarks

Made by `make bench`; do not edit. {date}, on {machine}; load of the machine {load}.

The portal is gunicorn with {workers} workers of 16 threads, as [deploy.md](deploy.md) has it for
two cores, on PostgreSQL; everything runs on the one machine and goes over HTTP, with
{services}.

- *Raw* are the Image API's calls that tell or do the same, as a client makes them that knows how:
  one list call, connections that are kept, many calls eight at a time.
- *Command line* is `openstack`, a process for each command, as people use it. Of many commands that
  are alike at most {few} were run and the rest reckoned from them.
- Raw and portal were measured in turns, all in milliseconds: the median, and from the least to the
  most. Each way was tried once before it counted, so this is warm. *Cold* is the first page of
  workers that have just been started.
- An answer or a list sent by the portal is also written down, and told by mail; raw it is not. A
  page that is there at once, and what its script asks for afterwards, have lines of their own.
"""
GROWTH = """\
## How it grows

{sizes}

Milliseconds, medians; the growth is from the first to the last. Where the raw calls grow as much,
it is the Image API that takes longer, and not the portal. The catalogue's raw call is a list of the
same number of community images.
"""


def page(steps: Sequence[Step], *, load: str) -> str:
    last = steps[-1]
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        machine=machine(),
        load=load,
        workers=WORKERS,
        services=_services(),
        few=CLI_COMMANDS,
    )
    growth = GROWTH.format(sizes="\n".join(_size(step) for step in steps))
    return "\n".join(
        [
            head,
            f"## Side by side, at ×{last.size.factor}\n",
            _side_by_side(last),
            f"## An image of {last.size.data:,} MiB\n",
            _transfers(last),
            "## Requests per second\n",
            _rate(last),
            growth,
            _growth(steps),
        ]
    )


def _side_by_side(step: Step) -> str:
    head = (
        "", "of", "rounds", "raw", "portal", "portal : raw",
        "command line", "portal : command line", "cold",
    )  # fmt: skip
    return _table(head, (_result(one) for one in step.results))


def _result(one: Result) -> Sequence[str]:
    return (
        one.name,
        one.of,
        str(len(one.portal.seconds)),
        str(one.raw),
        str(one.portal),
        ratio(one.portal.median, one.raw.median),
        str(one.cli) if one.cli else "–",
        ratio(one.portal.median, one.cli.median) if one.cli else "–",
        str(one.cold) if one.cold else "–",
    )


def _transfers(step: Step) -> str:
    words = {"raw": "raw", "portal": "portal", "cli": "command line"}
    raw, size = step.transfers["raw"], step.size.data
    rows = [
        (
            words[name],
            str(len(one.up.seconds)),
            *_speed(one.up, raw.up, size),
            *_speed(one.down, raw.down, size),
            _memory(name, one),
        )
        for name, one in step.transfers.items()
    ]
    head = ("", "rounds", "up, MiB/s", "raw : it", "down, MiB/s", "raw : it", "memory, MiB")
    explained = (
        "Memory: of the portal, how much the peak (VmHWM) of any of its processes rose above what "
        "it had before; of the command line, all that its process had at its peak.\n"
    )
    return f"{_table(head, rows)}\n{explained}"


def _speed(it: Sample, raw: Sample, mebibytes: int) -> tuple[str, str]:
    rates = sorted(mebibytes / one for one in it.seconds)
    spread = f"{median(rates):.0f} ({rates[0]:.0f}–{rates[-1]:.0f})"
    return spread, ratio(raw.median, it.median)


def _memory(name: str, one: Transfer) -> str:
    if name == "raw":
        return "–"
    return f"{'+' if name == 'portal' else ''}{one.memory / 1024:.0f}"


def _rate(step: Step) -> str:
    rows = [
        (name, f"{median(found):,.0f} ({min(found):,.0f}–{max(found):,.0f})")
        for name, found in (
            ("catalogue", step.rate.catalogue),
            ("a bare Django's “Hello”", step.rate.hello),
        )
    ]
    found = median(step.rate.hello) / median(step.rate.catalogue)
    explained = (
        "Eight connections that never pause, in the same gunicorn; the client takes its part of "
        f"the same cores. One page of the catalogue, with {step.size.listings:,} listings, costs "
        f"as much as {found:.0f} times “Hello” from a view without any middleware.\n"
    )
    return f"{_table(('', 'per second'), rows)}\n{explained}"


def _growth(steps: Sequence[Step]) -> str:
    factors = [f"×{step.size.factor}" for step in steps]
    head = ("", *(f"raw {one}" for one in factors), "growth",
            *(f"portal {one}" for one in factors), "growth")  # fmt: skip
    rows = [
        (found[0].name, *_grown([one.raw for one in found]), *_grown([one.portal for one in found]))
        for found in zip(*(step.results for step in steps), strict=True)
    ]
    for name, which in (("upload", "up"), ("download", "down")):
        ways = [
            [getattr(step.transfers[way], which) for step in steps] for way in ("raw", "portal")
        ]
        rows.append((name, *_grown(ways[0]), *_grown(ways[1])))
    return _table(head, rows)


def _grown(samples: Sequence[Sample]) -> Sequence[str]:
    medians = [sample.median for sample in samples]
    return (*map(milliseconds, medians), ratio(medians[-1], medians[0]))


def _size(step: Step) -> str:
    size = step.size
    return (
        f"- ×{size.factor}: {size.listings:,} listings; {size.images} images of {size.members} "
        f"members; {size.shares} pending shares, {size.several} accepted in one go; "
        f"{size.bulk} added in bulk; {size.data:,} MiB"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    marks = ["---", *("---:" for _ in head[1:])]
    lines = [f"| {' | '.join(row)} |" for row in (head, marks, *rows)]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Its processor, cores, memory and system."""
    processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    cores = len(os.sched_getaffinity(0))
    return (
        f"{processor[1] if processor else platform.machine()}, {cores} cores, "
        f"{int(memory[1]) / 1024**2 if memory else 0:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def _services() -> str:
    """The cloud's, with their versions, on SQLite."""
    pinned = (ROOT / "requirements" / "cloud.txt").read_text()
    found = dict(re.findall(r"^(keystone|glance)==(\S+)", pinned, flags=re.MULTILINE))
    return f"a real Keystone {found['keystone']} and a real Glance {found['glance']} (on SQLite)"
