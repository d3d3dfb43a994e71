"""Children that never outlive us: each under its own keeper, in its own process group, with its
own log file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

KEEPER = Path(__file__).with_name("keeper.py")
GRACE_SECONDS = 5.0
TAIL_LINES = 25


class ChildDied(RuntimeError):
    """A child ended, or did not come up. The message carries the last lines of its log."""


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def run_to_end(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
    """Run a command that ends by itself; `ChildDied` unless it ends well."""
    with Child(Path(command[0]).name, command, env=env, log=log) as child:
        child.wait()


def stop_all(children: Collection[Child]) -> None:
    """End them all at the same time."""
    for child in children:
        child.begin_to_stop()
    for child in children:
        child.stop()


class Child:
    """One supervised process. `env` is its whole environment; stdout and stderr are appended to
    `log`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.log = log
        self.cwd = cwd
        self.group = 0
        self._keeper: subprocess.Popen[str] | None = None
        self._lifeline = -1

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        if self._keeper is not None:
            raise RuntimeError(f"{self.name} was already started")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        held_by_keeper, self._lifeline = os.pipe()
        try:
            with self.log.open("ab") as log:
                self._keeper = subprocess.Popen(
                    [
                        *(sys.executable, "-I", "-S", str(KEEPER)),
                        *(str(held_by_keeper), str(GRACE_SECONDS), *self.command),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=self.env,
                    cwd=self.cwd,
                    pass_fds=[held_by_keeper],
                    start_new_session=True,
                    text=True,
                )
        finally:
            os.close(held_by_keeper)
        if self._keeper.stdout is not None:
            with self._keeper.stdout as first_line:
                self.group = int(first_line.readline() or 0)
        if not self.group:
            self.stop()
            raise ChildDied(f"{self.name} could not be started:\n{tail(self.log)}")

    def begin_to_stop(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def stop(self) -> None:
        """End the whole group and wait for it; at most the grace and a moment. Fine to call
        twice.
        """
        self.begin_to_stop()
        if self._keeper is not None:
            self._keeper.wait()
            self._keeper = None

    def wait(self) -> None:
        """Until the process ends by itself; `ChildDied` if it ends badly."""
        if self._keeper is None or self._keeper.wait() != 0:
            raise ChildDied(self._obituary())

    def check(self) -> None:
        """`ChildDied` when the process should be running and is not."""
        if not self.is_running:
            raise ChildDied(self._obituary())

    def kill(self) -> None:
        """End the whole group at once: none of it can do anything about it."""
        os.killpg(self.group, signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        """Stop the group in its tracks: connections are still taken by the kernel, and nobody
        answers.
        """
        os.killpg(self.group, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.group, signal.SIGCONT)

    def _obituary(self) -> str:
        code = self._keeper.returncode if self._keeper is not None else "none"
        return f"{self.name} ended (exit code {code}). The end of {self.log}:\n{tail(self.log)}"
