"""A large image goes through the portal: in constant memory, and no slower than past it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from portal.demo.stack import Demo

MEBIBYTE = bytes(1024 * 1024)
SIZE = 512 * len(MEBIBYTE)
MOST_GROWTH = 32 * 1024  # KiB


class Disk:
    """So many bytes, made as they are sent."""

    def __len__(self) -> int:
        return SIZE

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(SIZE // len(MEBIBYTE)):
            yield MEBIBYTE


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("uploads") / "demo", usual_ports=False) as demo:
        yield demo


def test_in_constant_memory(demo: Demo) -> None:
    cloud = demo.cloud
    project = cloud.create_project("uploads")
    cloud.grant(cloud.create_user("una", "una-pw"), project)
    browser = requests.Session()
    browser.headers["Referer"] = demo.base_url
    words = {"method": "password", "username": "una", "password": "una-pw", "domain": "Default"}
    browser.post(
        f"{demo.base_url}/sign-in/", words | _token(browser, demo, "/sign-in/"), timeout=30
    )
    new = "/producer/images/new/"
    facts = {"name": "big", "disk_format": "raw", "container_format": "bare", "source": "file"}
    form = facts | {"file_follows": "yes"} | _token(browser, demo, new)
    page = browser.post(demo.base_url + new, form, timeout=30).url
    headers = {
        "X-CSRFToken": _token(browser, demo, new)["csrfmiddlewaretoken"],
        "Content-Type": "application/octet-stream",
    }
    with Watch(_workers(demo)) as watch:
        answer = browser.put(f"{page}data/", data=Disk(), headers=headers, timeout=120)
        assert "The upload is complete" in answer.text
        with browser.get(f"{page}download/", stream=True, timeout=120) as download:
            assert sum(map(len, download.iter_content(1024 * 1024))) == SIZE
    assert watch.growth < MOST_GROWTH


def _token(browser: requests.Session, demo: Demo, path: str) -> dict[str, str]:
    page = browser.get(demo.base_url + path, timeout=30).text
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return {"csrfmiddlewaretoken": found[1]}


def _workers(demo: Demo) -> list[Path]:
    """The portal's processes, as folders of /proc."""
    state = str(demo.state_dir).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = state in (process / "environ").read_bytes()
            words = (process / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if is_ours and b"portal.wsgi" in words:
            found.append(process)
    assert len(found) >= 2
    return found


class Watch:
    """How much memory any of the processes took in addition, at most, in KiB."""

    def __init__(self, processes: list[Path]) -> None:
        self.growth = 0
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
            time.sleep(0.1)


def _memory(process: Path) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
    return int(found[1]) if found else 0
