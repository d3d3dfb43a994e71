"""The real Glance fetches images from an address; and a deleted image's consumers hear of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portal.demo.mailbox import Letter
from tests.live.browser import NEW, Browser
from tests.live.processes import comes_true
from tests.views.producer.reading import said, source

MEBIBYTE = bytes(1024 * 1024)


CALLERS: list[str] = []


def caller(port: int) -> str:
    """The working directory of the process on this machine that calls from the port."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(f":{port:04X}")}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if sockets(process) & inodes:
                return str((process / "cwd").readlink())
    return "nobody"


def sockets(process: Path) -> set[str]:
    """The inodes of those that it has open. Raises OSError when it has ended."""
    found = set()
    for held in (process / "fd").iterdir():
        with suppress(OSError):
            found.add(str(held.readlink()).removeprefix("socket:[").rstrip("]"))
    return found


class Answers(BaseHTTPRequestHandler):
    """A web server with one image of 4 MiB: whole, slow, or cut off in the middle."""

    def do_GET(self) -> None:
        CALLERS.append(caller(self.client_address[1]))
        if self.path == "/nothing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(4 * len(MEBIBYTE)))
        self.end_headers()
        for number in range(4):
            if self.path == "/cut" and number == 2:
                return
            self.wfile.write(MEBIBYTE)
            time.sleep(0.5 if self.path == "/slow" else 0)

    def log_message(self, *_: object) -> None:
        """Nothing: each test says what it asked for."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def create(una: Browser, url: str, **changes: str) -> str:
    """The page of a new image whose data the cloud is asked to fetch."""
    answer = una.post(NEW, una.facts(source="url", url=url, **changes))
    assert answer.is_redirect, answer.text
    return answer.headers["Location"]


def says(una: Browser, page: str, words: str) -> bool:
    return words in said(una.get(page))


def is_over(una: Browser, page: str) -> bool:
    is_there = una.image(page)["status"] == "active"
    return is_there or says(una, page, "The cloud could not fetch it")


def test_an_image_is_fetched(una: Browser, site: str) -> None:
    page = create(una, f"{site}/slow")
    answer = una.get(page)
    assert "The cloud is fetching the image" in said(answer)
    assert "every 3s" in source(answer)
    assert comes_true(lambda: una.image(page)["status"] == "active")
    assert una.image(page)["size"] == 4 * len(MEBIBYTE)
    assert "every 3s" not in source(una.get(page))


def test_it_is_glance_that_calls_and_never_the_portal(una: Browser, site: str) -> None:
    """Also when the page is looked at again, the address is bad, or the try is repeated."""
    CALLERS.clear()
    for path in ("/slow", "/nothing"):
        page = create(una, site + path)
        assert comes_true(partial(is_over, una, page))
        una.delete_image(page)
    una.post(NEW, una.facts(source="url", url=f"{site}/x y"))
    una.post(NEW, una.facts(source="file", url=f"{site}/not-asked-for"))
    assert len(CALLERS) >= 2
    glance = str(una.demo.cloud.state_dir / "glance")
    assert set(CALLERS) == {glance}


@pytest.mark.parametrize(
    ("path", "disk_format"), [("/nothing", "raw"), ("/cut", "raw"), ("/whole", "qcow2")]
)
def test_a_fetch_that_fails_can_be_tried_again(
    una: Browser, site: str, path: str, disk_format: str
) -> None:
    page = create(una, site + path, disk_format=disk_format)
    assert comes_true(lambda: says(una, page, "The cloud could not fetch it"))
    answer = una.get(page)
    assert f"{site}{path}" in said(answer)
    assert "Try again" in said(answer)
    assert f"{page}delete/" in source(answer)
    again = una.post(f"{page}data/", {"url": f"{site}/whole"})
    assert again.is_redirect
    if disk_format == "raw":
        assert comes_true(lambda: una.image(page)["status"] == "active")
    una.delete_image(page)


def test_an_address_without_a_server_is_said(una: Browser) -> None:
    page = create(una, "http://127.0.0.1:1/none")
    assert comes_true(lambda: says(una, page, "The cloud could not fetch it"))
    assert una.post(f"{page}delete/", {"confirm": "big"}).is_redirect
    assert una.get(page).status_code == 404


def test_an_address_that_the_operator_does_not_allow_is_said(una: Browser) -> None:
    page = create(una, "http://192.0.2.1/elsewhere")
    answer = una.get(page)
    assert "does not pass filtering" in said(answer)
    assert "The image has no data yet" in said(answer)


def test_the_consumers_of_a_deleted_image_get_a_mail(una: Browser) -> None:
    page = una.new_image()
    project = una.demo.cloud.create_project("readers")
    form = {"project_id": project, "email": "chen@readers.example"}
    una.post(f"{page}members/", form)
    asked = una.get(f"{page}delete/")
    assert "1 project loses it" in said(asked)
    assert "chen@readers.example" in said(asked)
    una.post(f"{page}delete/", {"confirm": "big", "notify": "on"})
    assert comes_true(lambda: any(is_about_the_end(one) for one in letters(una)))


def test_a_private_images_consumers_get_it_only_on_request(una: Browser) -> None:
    page = una.new_image(name="hidden-away")
    project = una.demo.cloud.create_project("watchers")
    una.post(f"{page}members/", {"project_id": project, "email": "wen@watchers.example"})
    una.post(f"{page}visibility/", {"visibility": "private"})
    assert "1 project had it before" in said(una.get(f"{page}delete/"))
    una.post(f"{page}delete/", {"confirm": "hidden-away", "notify": "on"})
    assert comes_true(
        lambda: any(
            is_about_the_end(one) and "wen@watchers.example" in one.recipients
            for one in letters(una)
        )
    )


def test_a_protected_image_says_why_it_stays(una: Browser) -> None:
    page = una.new_image(name="kept")
    una.post(f"{page}edit/", {"name": "kept", "protected": "on"})
    assert una.image(page)["protected"] is True
    answer = una.post(f"{page}delete/", {"confirm": "kept"})
    assert answer.status_code == 422
    assert "protected from deletion" in said(answer)


def letters(una: Browser) -> list[Letter]:
    return list(una.demo.mailbox.letters())


def is_about_the_end(letter: Letter) -> bool:
    return " deleted " in letter.subject
