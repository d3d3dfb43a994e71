"""A meeting point for processes: each waits until all are there."""

from __future__ import annotations

import os
import time
from pathlib import Path


def wait_for_the_others(place: str) -> None:
    """In the folder and of the number that the environment names."""
    folder, number = Path(os.environ["MEETING_FOLDER"]), int(os.environ["MEETING_OF"])
    (folder / f"{place}-{os.getpid()}.here").touch()
    deadline = time.monotonic() + 60
    while len(list(folder.glob(f"{place}-*.here"))) < number:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{place}: the others did not come")
        time.sleep(0.002)
