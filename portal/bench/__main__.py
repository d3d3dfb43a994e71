"""`make bench`: the portal side by side with the Image API's raw calls and with the command-line
client, and how each grows with the data. It writes docs/benchmarks.md; a quick run only prints.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from portal.bench.measure import Rounds, at_size
from portal.bench.report import page
from portal.bench.stage import stage
from portal.bench.world import SIZES, fill
from portal.demo.cloud_template import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FULL = Rounds(warm=15, slow=3, data=3, rate=3)
QUICK = Rounds(warm=3, slow=1, data=1, rate=1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("how", nargs="?", choices=("full", "quick"), default="full")
    is_quick = parser.parse_args().how == "quick"
    sizes, rounds = (SIZES[:2], QUICK) if is_quick else (SIZES, FULL)
    began, load = time.monotonic(), _load()

    def report(words: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {words}", flush=True)

    steps = []
    with stage(report, wsgi="portal.bench.hello") as demo:
        before = 0
        for size in sizes:
            report(f"×{size.factor}: {size.listings:,} listings, and all that belongs to it")
            world = fill(demo, size, listings_before=before)
            is_last = size is sizes[-1]
            steps.append(at_size(demo, world, rounds, is_full=is_last, report=report))
            before = size.listings
    made = page(steps, load=f"{load} before it, {_load()} with it")
    if not is_quick:
        PAGE.write_text(made)
    print(made)
    report("Done")
    return 0


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
