"""Measures: in turns, so that what else the machine does hits all ways alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.bench.disk import Disks, Transfer
from portal.bench.numbers import Sample
from portal.bench.tasks import Act, Task, Tasks
from portal.bench.throughput import per_second
from portal.bench.ways import seconds
from portal.bench.world import Size, World
from portal.demo.stack import Demo

Report = Callable[[str], None]


@dataclass(frozen=True)
class Rounds:
    """How often: what takes less than a second, what takes longer, and an image up and down.
    ``rate`` in seconds for each turn of requests without a pause.
    """

    warm: int
    slow: int
    data: int
    rate: float


@dataclass(frozen=True)
class Result:
    """``cold`` is the first answer of a portal that has just been started."""

    name: str
    of: str
    raw: Sample
    portal: Sample
    cli: Sample | None = None
    cold: Sample | None = None


@dataclass(frozen=True)
class Rate:
    """Requests per second, of each turn."""

    catalogue: tuple[float, ...]
    hello: tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """All that was found at one size of the data."""

    size: Size
    results: list[Result]
    transfers: dict[str, Transfer]
    rate: Rate


def at_size(demo: Demo, world: World, rounds: Rounds, *, is_full: bool, report: Report) -> Step:
    """``is_full``: with the command-line client, and cold."""
    results = []
    for task in Tasks(demo, world).all():
        result = _measure(demo, task, rounds, is_full=is_full)
        report(f"  {task.name}: raw {result.raw}, portal {result.portal} ms")
        results.append(result)
    rate = _rate(demo, rounds)
    disks = Disks(demo, world.producer, mebibytes=world.size.data)
    report(f"  {world.size.data} MiB up and down")
    transfers = disks.measure(rounds=rounds.data, has_cli=is_full)
    return Step(world.size, results, transfers, rate)


def _measure(demo: Demo, task: Task, rounds: Rounds, *, is_full: bool) -> Result:
    """Each way once before it counts: connections and workers are warm then."""
    first = task.raw() + task.portal()
    count = rounds.warm if first < 1 else rounds.slow
    turns = [(task.raw(), task.portal()) for _ in range(count)]
    cli = _several(task.cli, rounds.slow) if is_full and task.cli else None
    return Result(
        task.name,
        task.of,
        Sample(tuple(raw for raw, _ in turns)),
        Sample(tuple(portal for _, portal in turns)),
        cli.times(task.cli_stands_for) if cli else None,
        _cold(demo, task.page, rounds.slow) if is_full and task.page else None,
    )


def _several(act: Act, count: int) -> Sample:
    return Sample(tuple(act() for _ in range(count)))


def _cold(demo: Demo, page: Callable[[], object], count: int) -> Sample:
    def once() -> float:
        demo.restart_portal()
        return seconds(page)

    return _several(once, count)


def _rate(demo: Demo, rounds: Rounds) -> Rate:
    def turn(path: str) -> float:
        return per_second(f"{demo.base_url}{path}", seconds=rounds.rate)

    per_second(f"{demo.base_url}/", seconds=rounds.rate / 2)  # every worker gets warm
    turns = [(turn("/"), turn("/hello")) for _ in range(rounds.slow)]
    return Rate(tuple(one for one, _ in turns), tuple(other for _, other in turns))
