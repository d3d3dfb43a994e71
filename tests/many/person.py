"""Somebody with a browser, whose every request may go to another host, as behind a proxy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from tests.live.conftest import Actor
from tests.many.site import Host

T = TypeVar("T")
_addresses = (
    f"127.0.{net}.{host}" for net, host in itertools.product(range(2, 255), range(1, 255))
)


class _From(HTTPAdapter):
    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(pool_maxsize=32)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self._address, 0))


class Person:
    """From an address of their own, unless it is given: the limits count by it."""

    def __init__(self, address: str = "") -> None:
        self.address = address or next(_addresses)
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.mount("http://", _From(self.address))

    def get(self, host: Host, path: str, **headers: str) -> requests.Response:
        url = f"{host.url}{path}"
        return self.http.get(url, headers=headers, timeout=60, allow_redirects=False)

    def post(self, host: Host, path: str, **form: Any) -> requests.Response:
        if "csrftoken" not in self.http.cookies:
            self.get(host, "/sign-in/")
        data = form | {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        return self.http.post(f"{host.url}{path}", data, timeout=60, allow_redirects=False)

    def sign_in(self, host: Host, actor: Actor) -> Person:
        answer = self.try_to_sign_in(host, actor.user, actor.password)
        assert answer.status_code == 302, answer.text
        return self

    def try_to_sign_in(self, host: Host, user: str, password: str) -> requests.Response:
        words = {"method": "password", "username": user, "password": password}
        return self.post(host, "/sign-in/", **words, domain="Default")

    def is_signed_in(self, host: Host) -> bool:
        answer = self.get(host, "/inbox/feeds/")
        assert answer.status_code in {200, 302}, answer.text
        return answer.status_code == 200

    def project_id(self, host: Host) -> str:
        """The project that they are signed in for, as a page says."""
        page = self.get(host, "/inbox/feeds/").text
        return page.partition('name="project" value="')[2].partition('"')[0]


def at_once(function: Callable[[Any], T], items: Iterable[Any]) -> list[T]:
    """All at the same time; what came of each, in their order."""
    items = list(items)
    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(function, items))
