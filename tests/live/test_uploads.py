"""A large image goes through the portal: in constant memory, and no slower than past it.

Run alone, like the other speed tests: what else the machine does would be measured too. With
``UPLOAD_MIB=4096`` in the environment it is four gibibytes, which takes three minutes.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.live.browser import Browser, form_with_a_file
from tests.live.test_speed import patiently, seconds

MEBIBYTE = bytes(1024 * 1024)
MEBIBYTES = int(os.environ.get("UPLOAD_MIB", "512"))
SIZE = MEBIBYTES * len(MEBIBYTE)
MOST_GROWTH = 32 * 1024  # KiB
RATIO_SIZE = MEBIBYTES // 4 * len(MEBIBYTE)
TURNS = 3
SLOWEST = 1 / 0.8  # times the same upload straight to Glance


class Disk:
    """So many bytes, made as they are sent; something before and after them."""

    def __init__(self, size: int, before: bytes = b"", after: bytes = b"") -> None:
        self._size, self._before, self._after = size, before, after

    def __len__(self) -> int:
        return len(self._before) + self._size + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        for _ in range(self._size // len(MEBIBYTE)):
            yield MEBIBYTE
        yield self._after


def test_in_constant_memory_and_without_a_file(una: Browser) -> None:
    page = una.new_image()
    with Watch(una.processes()) as watch:
        assert una.put(page, Disk(SIZE)).is_redirect
        with una.get(f"{page}download/", stream=True) as download:
            assert sum(map(len, download.iter_content(1024 * 1024))) == SIZE
    una.delete_image(page)
    print(f"\n{SIZE >> 20} MiB up and down: {watch.growth} KiB more at most")
    assert watch.growth < MOST_GROWTH
    assert not watch.files


def test_a_plain_form_in_constant_memory_and_without_a_file(una: Browser) -> None:
    before, after = form_with_a_file(una.facts())
    with Watch(una.processes()) as watch:
        answer = una.post_form("/producer/images/new/", Disk(SIZE, before, after))
    assert answer.is_redirect
    assert una.image(answer.headers["Location"])["size"] == SIZE
    una.delete_image(answer.headers["Location"])
    print(f"\n{SIZE >> 20} MiB by a form: {watch.growth} KiB more at most")
    assert watch.growth < MOST_GROWTH
    assert not watch.files


def test_not_much_slower_than_straight_to_glance(una: Browser) -> None:
    """Side by side, each way first in its turn; the quickest of each counts."""

    def measured() -> float:
        took = {way: [way(una)] for way in WAYS}
        for turn in range(1, TURNS):
            for way in WAYS[turn:] + WAYS[:turn]:
                took[way].append(way(una))
        alone, script, form = (min(took[way]) for way in WAYS)
        words = f"straight {alone:.2f} s, by script {script:.2f} s, by a form {form:.2f} s"
        print(f"\n{RATIO_SIZE >> 20} MiB: {words}; load {os.getloadavg()[0]:.1f}")
        return max(script, form) / alone

    assert patiently(measured, SLOWEST) <= SLOWEST


def straight(una: Browser) -> float:
    page = una.new_image()
    headers = {**una.cloud_headers, "Content-Type": "application/octet-stream"}
    url, body = f"{una.image_url(page)}/file", Disk(RATIO_SIZE)
    took = seconds(lambda: requests.put(url, data=body, headers=headers, timeout=120))
    una.delete_image(page)
    return took


def by_script(una: Browser) -> float:
    page, headers = una.new_image(), una.put_headers()
    took = seconds(lambda: una.send("PUT", f"{page}data/", Disk(RATIO_SIZE), headers))
    assert una.image(page)["size"] == RATIO_SIZE
    una.delete_image(page)
    return took


def by_form(una: Browser) -> float:
    before, after = form_with_a_file(una.facts())
    pages: list[str] = []

    def post() -> None:
        body = Disk(RATIO_SIZE, before, after)
        pages.append(una.post_form("/producer/images/new/", body).headers["Location"])

    took = seconds(post)
    una.delete_image(pages[0])
    return took


WAYS = (straight, by_script, by_form)


class Watch:
    """How much memory any of the processes took in addition, at most, in KiB; and the regular
    files that one of them had open for writing and that had grown large."""

    LARGE = 4 * 1024 * 1024

    def __init__(self, processes: list[Path]) -> None:
        self.growth = 0
        self.files: set[str] = set()
        self._before = {process: _memory(process) for process in processes}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.is_set():
            for process, before in self._before.items():
                self.growth = max(self.growth, _memory(process) - before)
                self.files |= _large_files(process, self.LARGE)
            time.sleep(0.05)


def _memory(process: Path) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
    return int(found[1]) if found else 0


def _large_files(process: Path, large: int) -> set[str]:
    """Temporary files have no name any more, or one that is not the store's."""
    found = set()
    for link in (process / "fd").iterdir():
        try:
            name, is_large = str(link.readlink()), link.stat().st_size > large
        except OSError:
            continue
        if is_large and "/glance/store/" not in name and not name.endswith((".log", ".db")):
            found.add(name)
    return found
