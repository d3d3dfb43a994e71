"""`make demo`: start everything, fill it the first time, say where it is, and run until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from portal.demo.cloud_template import ROOT, EnvironmentMissing
from portal.demo.keeper import PR_SET_PDEATHSIG, prctl
from portal.demo.processes import ChildDied
from portal.demo.seed import SeedFailed
from portal.demo.stack import Demo, DemoRefused
from portal.demo.story import passcodes, sign_ins

STATE = ROOT / ".demo"
CHECK_SECONDS = 1.0


class Ended(BaseException):
    """Somebody asked us to end: Ctrl-C, a kill, or a closed terminal."""


def end(number: int, _: FrameType | None) -> None:
    for further in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(further, signal.SIG_IGN)  # a second Ctrl-C must not break off the tidying up
    raise Ended(signal.Signals(number).name)


class Progress:
    """Steps with the time since the start, a line each: the same on a terminal, in a pipe and in a
    log.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()

    def __call__(self, step: str) -> None:
        print(f"[{time.monotonic() - self._since:5.1f} s] {step}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--state", type=Path, default=STATE, help="where the demo keeps its data")
    parser.add_argument("--empty", action="store_true", help="put nothing into it")
    parser.add_argument("--once", action="store_true", help="end as soon as everything is up")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if "MAKELEVEL" in os.environ:  # a make that is killed takes us with it
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    progress = Progress()
    demo = Demo(options.state, is_seeded=not options.empty, report=progress)
    try:
        run(demo, progress, once=options.once)
    except Ended as ended:
        print(f"\n{ended}: stopping …", flush=True)
    except (ChildDied, DemoRefused, EnvironmentMissing, SeedFailed) as error:
        print(f"\nThe demo cannot go on. {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        demo.stop()
    print(
        "Stopped; nothing is left running. The next start finds everything as it was.", flush=True
    )
    return 0


def run(demo: Demo, progress: Progress, *, once: bool) -> None:
    demo.start()
    progress("Ready")
    print(welcome(demo), flush=True)
    while not once:
        time.sleep(CHECK_SECONDS)
        demo.check()


def welcome(demo: Demo) -> str:
    return "\n".join(
        [
            "",
            f"  Portal    {demo.base_url}/",
            f"  Mailbox   {demo.mailbox_url}",
            f"  Keystone  {demo.cloud.auth_url}   Glance  {demo.cloud.image_url}",
            f"  Data      {demo.state_dir}   (remove it to begin anew)",
            "",
            "  Who may sign in:",
            "",
            *sign_ins(),
            "",
            *passcodes(demo.base_url),
            "",
            "  Ctrl-C ends all of it.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
