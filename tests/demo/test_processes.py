"""Children that never outlive their parent, tried on small ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.demo.processes import Child, ChildDied, run_to_end, stop_all

SECONDS = 5.0
# A server as gunicorn is one: a parent with a child; the child takes no hint to end.
FAMILY = """
import os, signal, sys, time
child = os.fork()
if child == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
print(os.getpid(), child, flush=True)
time.sleep(600)
"""
# It takes an interrupt even where the tests themselves were started in the background, without.
PARENT = """
import signal, sys, time
from pathlib import Path
from portal.demo import processes
signal.signal(signal.SIGINT, signal.default_int_handler)
processes.GRACE_SECONDS = 0.3
family = [sys.executable, "-c", sys.argv[1]]
child = processes.Child("family", family, env={}, log=Path(sys.argv[2]))
child.start()
print("started", flush=True)
time.sleep(600)
"""


def python(code: str, log: Path) -> Child:
    return Child("child", [sys.executable, "-c", code], env=dict(os.environ), log=log)


def is_alive(process: int) -> bool:
    """A zombie that nobody has collected is not alive. One may also end between open and read."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_gone(processes: list[int]) -> bool:
    deadline = time.monotonic() + SECONDS + 3
    while any(map(is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(is_alive, processes))


def family_in(log: Path) -> list[int]:
    deadline = time.monotonic() + SECONDS
    while not (log.exists() and log.read_text().endswith("\n")) and time.monotonic() < deadline:
        time.sleep(0.02)
    return [int(word) for word in log.read_text().split()]


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.demo.processes.GRACE_SECONDS", 0.3)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[tuple[Child, list[int]]]:
    child = python(FAMILY, tmp_path / "family.log")
    child.start()
    yield child, family_in(child.log)
    child.stop()


def test_stopping_ends_grandchildren_that_ignore_it(family: tuple[Child, list[int]]) -> None:
    child, processes = family
    assert len(processes) == 2
    child.stop()
    assert not any(map(is_alive, processes))


def test_stopping_ends_what_is_frozen(family: tuple[Child, list[int]]) -> None:
    child, processes = family
    child.freeze()
    stop_all([child])
    assert not any(map(is_alive, processes))


def test_grandchildren_end_when_the_child_is_killed(family: tuple[Child, list[int]]) -> None:
    _, processes = family
    os.kill(processes[0], signal.SIGKILL)
    assert wait_until_gone(processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_end_with_the_parent(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "family.log"
    command = [sys.executable, "-c", PARENT, FAMILY, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        processes = family_in(log)
        parent.send_signal(number)
    assert len(processes) == 2
    assert wait_until_gone(processes)


def test_a_death_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    child = python("print('no such table'); raise SystemExit(3)", tmp_path / "log")
    child.start()
    with pytest.raises(ChildDied, match=r"(?s)exit code 3.*no such table"):
        child.wait()
    with pytest.raises(ChildDied):
        child.check()
    child.stop()


def test_a_program_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    child = Child("nothing", ["/no/such/program"], env={}, log=tmp_path / "log")
    with pytest.raises(ChildDied, match="No such file"):
        child.start()


def test_a_command_runs_to_its_end(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run_to_end(["/usr/bin/touch", str(mark)], env={}, log=tmp_path / "log")
    assert mark.exists()


def test_can_be_started_again_after_a_stop(tmp_path: Path) -> None:
    child = python("import time; time.sleep(600)", tmp_path / "log")
    for _ in range(2):
        child.start()
        child.check()
        child.stop()
        assert not child.is_running
