"""Looking at what runs on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 20.0


def processes_of(state: Path) -> list[str]:
    """What runs on this machine in the folder, or with its name in the command line or
    environment.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            words += bytes((process / "cwd").readlink())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if str(state).encode() in words and int(process.name) != os.getpid():
            found.append(words.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found


def comes_true(condition: Callable[[], bool], *, seconds: float = SECONDS) -> bool:
    """Whether it does so soon."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return true
