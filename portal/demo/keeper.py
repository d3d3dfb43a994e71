"""Runs one command and makes sure that nothing of it outlives whoever asked for it.

Started as a plain script, so it imports only the standard library:

    python -I -S keeper.py <read end of a pipe> <grace in seconds> <command> [argument …]

The asker holds the pipe's write end and never writes to it. However the asker ends, kill -9
included, the kernel closes that end, and the keeper ends the command's process group: SIGTERM,
then SIGKILL after the grace. (A parent death signal on the command itself would be tied to the
asker's *thread*, and would miss grandchildren.) The command does get a parent death signal for the
keeper's own end. Orphaned grandchildren come to the keeper, which is their subreaper. The first
line on stdout is the command's process ID, which is also its process group; the keeper's exit code
is the command's, or 128 + signal.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")


def die_with_keeper() -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def signal_group(group: int, number: int) -> bool:
    """False when nobody is left in the group."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def reap_orphans() -> None:
    """Collect every dead process we inherited, else a zombie keeps its group alive."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_group(group: int, grace: float) -> None:
    signal_group(group, signal.SIGTERM)
    signal_group(group, signal.SIGCONT)  # a stopped process acts on nothing but SIGKILL
    deadline = time.monotonic() + grace
    while signal_group(group, 0) and time.monotonic() < deadline:
        reap_orphans()
        time.sleep(0.02)
    while signal_group(group, signal.SIGKILL):
        reap_orphans()
        time.sleep(0.02)


def main(arguments: list[str]) -> int:
    lifeline, grace, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(
        command, stdout=sys.stderr, process_group=0, preexec_fn=die_with_keeper
    )
    print(child.pid, flush=True)
    sys.stdout.close()
    while child.poll() is None:
        ready, _, _ = select.select([lifeline, woken], [], [])
        received = os.read(woken, 64) if woken in ready else b""
        if lifeline in ready or set(received) - {signal.SIGCHLD}:
            break
    code = child.poll()  # before end_group, which reaps whatever has died
    end_group(child.pid, grace)
    if code is None:
        return 0
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
