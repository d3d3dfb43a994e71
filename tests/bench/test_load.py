"""What the load test finds fault with."""

from __future__ import annotations

from portal.bench.verdict import CALLING, FINE, MAIL, OWN, Step, faults, slowness, table


def a_minute(**changes: Step) -> dict[str, Step]:
    """In which each step was taken twenty times, some in 90 ms; ``changes`` by name."""
    names = (*OWN, *CALLING, MAIL)
    return {name: Step([20.0] * 19 + [90.0], {FINE: 20}) for name in names} | changes


def test_nothing_is_wrong_with_a_good_minute() -> None:
    assert faults(a_minute()) == slowness(a_minute()) == []


def test_an_answer_that_was_not_expected_is_a_fault() -> None:
    listing = Step([20.0] * 20, {FINE: 19, "500, and not 200": 1})
    assert faults(a_minute(listing=listing)) == ["listing: 1 × 500, and not 200"]


def test_a_step_that_nobody_came_to_is_a_fault() -> None:
    minute = a_minute()
    del minute["approve"]
    assert faults(minute) == ["nobody came to: approve"]


def test_an_error_before_all_were_there_is_a_fault() -> None:
    early = Step([], {"500, and not 200": 1})
    assert "approve: 1 × 500, and not 200" in faults(a_minute(approve=early))


def test_pages_without_calls_must_be_quick() -> None:
    slow = Step([120.0] * 40, {FINE: 40})
    words = "pages without calls: 95 of 100 take up to 120 ms, not 100"
    assert slowness(a_minute(listing=slow)) == [words]


def test_pages_with_calls_may_take_as_long_as_those_do() -> None:
    assert slowness(a_minute(approve=Step([900.0] * 40, {FINE: 40}))) == []


def test_the_table_has_a_line_for_each_step_and_one_for_each_kind() -> None:
    lines = table(a_minute()).splitlines()
    assert len(lines) == 1 + 3 + len(OWN) + len(CALLING) + 1
    assert lines[1].split() == ["without", "calls", str(20 * len(OWN)), "20", "20", "90"]
