"""A portal behind the proxies of deploy/, with TLS: images stream, and visitors are told apart."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from portal.demo.cloud_template import ROOT
from portal.demo.ports import Port
from portal.demo.processes import Child
from sharing.services.sign_in import WRONG_PASSWORDS
from tests.deploy import proxies
from tests.deploy.proxies import Proxy
from tests.live.browser import Browser, forget_attempts
from tests.live.processes import comes_true

MEBIBYTE = bytes(1024 * 1024)
MEBIBYTES = 96
Kind = Callable[..., AbstractContextManager[Proxy]]


@pytest.fixture(params=[proxies.nginx, proxies.caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, una: Browser, tmp_path: Path) -> Iterator[Proxy]:
    """In front of a website of its own, on the demo's cloud and database."""
    kind: Kind = request.param
    port, inner = Port(), Port()
    settings = {"BASE_URL": proxies.https(port), "TRUSTED_PROXIES": "1"}
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", inner.address]
    environment = una.demo.environment | settings
    with (
        Child("behind", command, env=environment, log=tmp_path / "behind.log", cwd=ROOT),
        kind(tmp_path, port=port, portal=inner.address) as proxy,
    ):
        yield proxy
    port.release()
    inner.release()


@pytest.fixture
def behind(proxy: Proxy, una: Browser) -> Browser:
    """Una, who comes through the proxy."""
    browser = una.through(proxy.url, proxy.ca_file)
    browser.sign_in()
    return browser


class Watched:
    """A file that is sent piece by piece; ``at_the_cloud`` says when its first bytes were there
    although its last were not yet sent."""

    def __init__(self, is_there: Callable[[], bool]) -> None:
        self._is_there = is_there
        self.came_early = False

    def __len__(self) -> int:
        return MEBIBYTES * len(MEBIBYTE)

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(MEBIBYTES - 1):
            yield MEBIBYTE
        self.came_early = comes_true(self._is_there)
        yield MEBIBYTE


def test_an_image_goes_in_and_out_as_it_comes(behind: Browser, proxy: Proxy) -> None:
    page = behind.new_image()
    body = Watched(lambda: behind.image(page)["status"] == "saving")
    assert behind.put(page, body).is_redirect
    assert body.came_early
    assert not proxy.kept()
    with behind.get(f"{page}download/", stream=True) as download:
        time.sleep(1)  # time for a proxy to run ahead of a slow reader
        assert not proxy.kept()
        assert sum(map(len, download.iter_content(1024 * 1024))) == len(body)
    behind.delete_image(page)


def test_only_over_tls_is_anybody_signed_in(behind: Browser, proxy: Proxy) -> None:
    session = next(cookie for cookie in behind.http.cookies if cookie.name == "sessionid")
    assert session.secure
    assert behind.get("/inbox/").headers["Strict-Transport-Security"]
    assert behind.get("/inbox/").ok


def test_no_log_has_an_address_that_is_a_key(una: Browser, proxy: Proxy) -> None:
    visitor = una.through(proxy.url, proxy.ca_file)
    visitor.http.headers["Referer"] = f"{proxy.url}/access/k3y/confirm/?key=k3y"
    for path in ("/access/k3y/", "/mail/k3y/confirm/", "/unsubscribe/k3y/", "/feeds/k3y.atom"):
        assert visitor.get(f"{path}?key=k3y").status_code == 404
    logs = [path.read_text() for path in proxy.folder.rglob("*.log")]
    assert any("/feeds/" in text for text in logs)
    assert not any("k3y" in text for text in logs)


def test_nobody_is_someone_else_by_a_header(una: Browser, proxy: Proxy) -> None:
    """Wrong passwords count for the address that the proxy saw, whatever its sender claims."""
    forget_attempts(una.demo)
    visitor = una.through(proxy.url, proxy.ca_file)
    answers = []
    for number in range(WRONG_PASSWORDS + 1):
        visitor.http.headers["X-Forwarded-For"] = f"192.0.2.{number}"
        form = {"method": "password", "username": f"nobody-{number}", "password": "wrong"}
        answers.append(visitor.post("/sign-in/", form).status_code)
    forget_attempts(una.demo)
    assert answers == [422] * WRONG_PASSWORDS + [429]


def test_figures_are_not_for_visitors(una: Browser, proxy: Proxy) -> None:
    assert una.through(proxy.url, proxy.ca_file).get("/metrics").status_code == 403
