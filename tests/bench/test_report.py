"""How the benchmarks are told."""

from __future__ import annotations

import pytest

from portal.bench.disk import Transfer
from portal.bench.measure import Rate, Result, Step
from portal.bench.numbers import Sample, percentile, ratio
from portal.bench.report import page
from portal.bench.world import SIZES


def a_step(place: int) -> Step:
    """Everything takes the portal twice as long as it takes raw, and ten times at the next size."""
    took = 0.010 * 10**place
    raw, ours = Sample((took,) * 3), Sample((took, 2 * took, 3 * took))
    inbox = Result("inbox", "500 shares", raw, ours, Sample((4.0,)), Sample((1.5,)))
    second, two = Sample((1.0,)), Sample((2.0,))
    transfers = {
        "raw": Transfer(second, second),
        "portal": Transfer(two, second, 3072),
        "cli": Transfer(two, two, 102400),
    }
    return Step(SIZES[place], [inbox], transfers, Rate((50.0,), (2000.0,)))


def rows(steps: list[Step]) -> list[list[str]]:
    lines = page(steps, load="0.1").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_task_stands_beside_both_others() -> None:
    beside = ["10 (10–10)", "20 (10–30)", "2.00×", "4,000", "0.01×", "1,500"]
    assert ["inbox", "500 shares", "3", *beside] in rows([a_step(0)])


def test_what_nobody_does_by_command_has_a_dash() -> None:
    step = a_step(0)
    step.results[0] = Result("frame", "", Sample((0.01,)), Sample((0.0023,)))
    assert ["frame", "", "1", "10", "2.3", "0.23×", "–", "–", "–"] in rows([step])


def test_growth_is_from_the_first_size_to_the_last() -> None:
    grown = ["10", "100", "1,000", "100×", "20", "200", "2,000", "100×"]
    assert ["inbox", *grown] in rows([a_step(place) for place in range(3)])


def test_a_transfer_is_told_by_its_speed_and_its_memory() -> None:
    found = rows([a_step(2)])
    ours = ["512 (512–512)", "0.50×", "1024 (1024–1024)", "1.00×", "+3"]
    assert ["portal", "1", *ours] in found
    assert ["command line", "1", *ours[:2], *ours[:2], "100"] in found


def test_a_page_of_the_catalogue_costs_so_many_bare_answers() -> None:
    assert "as much as 40 times" in page([a_step(0)], load="0.1")


@pytest.mark.parametrize(("percent", "found"), [(50, 10), (95, 19), (100, 20), (1, 1)])
def test_so_many_of_a_hundred_do_not_exceed_it(percent: float, found: int) -> None:
    assert percentile([float(one) for one in range(20, 0, -1)], percent) == found


def test_a_ratio_has_as_many_digits_as_it_means() -> None:
    assert [ratio(1.234, 1), ratio(0.02, 1), ratio(123.4, 10)] == ["1.23×", "0.02×", "12×"]
