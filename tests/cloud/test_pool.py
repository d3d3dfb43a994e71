from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sharing.cloud.errors import Broken, CloudError, NotFound, TimedOut
from sharing.cloud.pool import both, gather, gather_or_raise


def test_results_come_in_the_items_order() -> None:
    def slowest_first(number: int) -> int:
        time.sleep((10 - number) / 1000)
        return number * 2

    assert gather(slowest_first, range(10)) == [number * 2 for number in range(10)]


def test_nothing_to_do_is_done() -> None:
    assert gather(len, []) == []


def test_an_error_stands_in_its_place() -> None:
    def fail_odd(number: int) -> int:
        if number % 2:
            raise NotFound(str(number))
        return number

    results = gather(fail_odd, range(4))
    assert [isinstance(one, CloudError) for one in results] == [False, True, False, True]
    assert [str(one) for one in results] == ["0", "1", "2", "3"]


def test_the_first_error_can_be_raised() -> None:
    def fail(number: int) -> int:
        raise NotFound(str(number))

    with pytest.raises(NotFound, match=r"^0$"):
        gather_or_raise(fail, range(3))
    assert gather_or_raise(len, ["a", "bc"]) == [1, 2]


def test_both_are_called_side_by_side_and_an_error_stands_in_its_place() -> None:
    met = threading.Barrier(2, timeout=10)

    def fail() -> str:
        met.wait()
        raise NotFound("no member")

    found, error = both(met.wait, fail)
    assert found in {0, 1}
    assert isinstance(error, NotFound)


@pytest.mark.parametrize("limit", [1, 3, None])
def test_no_more_than_the_limit_run_at_once_and_that_is_eight(limit: int | None) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def count(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1

    gather(count, range(30), **({"limit": limit} if limit else {}))
    assert most == (limit or 8)


def test_gathering_within_gathering_ends() -> None:
    def inner(number: int) -> int:
        return sum(gather_or_raise(lambda other: number * other, range(4)))

    def outer(number: int) -> int:
        return sum(gather_or_raise(inner, range(number)))

    assert gather_or_raise(outer, range(40), limit=40)[3] == 6 * (0 + 1 + 2)


def test_other_exceptions_come_out_and_stop_the_rest() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gather(fail, range(100), limit=2)
    assert len(begun) <= 4


def test_when_nobody_answers_the_rest_is_not_asked() -> None:
    begun: list[int] = []

    def time_out(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)
        raise TimedOut

    results = gather(time_out, range(100), limit=4)
    assert {type(one) for one in results} == {TimedOut}
    assert len(results) == 100
    assert len(begun) <= 8


def test_a_broken_answer_concerns_only_its_call() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        raise Broken

    gather(fail, range(20))
    assert len(begun) == 20


def test_gathering_goes_on_while_every_thread_is_busy() -> None:
    release = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(gather, lambda _: release.wait(10), range(200), limit=100)
        time.sleep(0.05)
        try:
            assert gather_or_raise(abs, range(20)) == list(range(20))
            assert not busy.done()
        finally:
            release.set()


def test_a_forked_worker_has_threads_of_its_own() -> None:
    program = """
import os, threading, time
from sharing.cloud.pool import gather
gather(time.sleep, [0.001] * 20)
child = os.fork()
if not child:
    names = gather(lambda _: time.sleep(0.01) or threading.current_thread().name, range(20))
    os._exit(0 if any(name.startswith("cloud") for name in names) else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0
