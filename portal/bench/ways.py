"""The three ways to the same cloud: its raw calls, the portal, the command-line client. Each says
how many seconds it took.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from portal.bench.stage import PROGRAMS, Account, token_of
from portal.demo.cloud_template import child_environment
from portal.demo.stack import Demo
from portal.demo.visitor import Visitor

TIMEOUT = 300
AT_ONCE = 8  # as the portal does it
HTMX = {"HX-Request": "true"}


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


class Raw:
    """The Image API with an account's token, as a client does it that knows how: connections are
    kept, a list is one call, many calls are made eight at a time.
    """

    def __init__(self, demo: Demo, account: Account) -> None:
        self.project_id = account.project_id
        self._url = f"{demo.cloud.image_url}/v2/images"
        self._token = token_of(demo, account)
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self._own = threading.local()

    def call(self, method: str, path: str = "", **options: Any) -> requests.Response:
        answer = self._http().request(method, f"{self._url}{path}", timeout=TIMEOUT, **options)
        answer.raise_for_status()
        return answer

    def images(self, **params: str | int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", params=params).json()["images"]
        return found

    def each(self, calls: Sequence[Callable[[], object]]) -> None:
        list(self._threads.map(lambda call: call(), calls))

    def _http(self) -> requests.Session:
        if not hasattr(self._own, "http"):
            self._own.http = requests.Session()
            self._own.http.trust_env = False
            self._own.http.headers.update(
                {"X-Auth-Token": self._token, "Accept": "application/json"}
            )
        http: requests.Session = self._own.http
        return http


class Browser:
    """A browser with a script at the portal; signed in where there is an account."""

    def __init__(self, demo: Demo, account: Account | None = None) -> None:
        self._visitor = Visitor(demo.base_url)
        self.http = self._visitor.http
        self._base_url = demo.base_url
        if account:
            self._visitor.sign_in(account.name, account.password)
        self.http.cookies.set("tz", "UTC")

    def get(self, path: str, *, target: str = "") -> str:
        """A page; or the part of it that its script asks for."""
        headers = {**HTMX, "HX-Target": target} if target else {}
        return self.ask("GET", path, 200, headers=headers).text

    def post(self, path: str, target: str = "", **fields: Any) -> requests.Response:
        headers = {**HTMX, "HX-Target": target} if target else {}
        return self.ask(
            "POST", path, 200 if target else 302, data=self.with_csrf(fields), headers=headers
        )

    def with_csrf(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {**fields, "csrfmiddlewaretoken": self.http.cookies.get("csrftoken")}

    def ask(self, method: str, path: str, expected: int, **options: Any) -> requests.Response:
        answer = self.http.request(
            method, self._base_url + path, timeout=TIMEOUT, allow_redirects=False, **options
        )
        if answer.status_code != expected:
            raise RuntimeError(f"{method} {path}: {answer.status_code}, and not {expected}")
        return answer


class CommandLine:
    """`openstack`, a process for each command, which signs in by itself."""

    def __init__(self, demo: Demo, account: Account) -> None:
        self._environment = child_environment() | {
            "OS_IDENTITY_API_VERSION": "3",
            "OS_AUTH_URL": demo.cloud.auth_url,
            "OS_REGION_NAME": demo.cloud.region,
            "OS_USERNAME": account.name,
            "OS_PASSWORD": account.password,
            "OS_PROJECT_ID": account.project_id,
            "OS_USER_DOMAIN_NAME": "Default",
        }
        self.most_memory = 0  # KiB that the last command took

    def run(self, *words: str) -> None:
        command = [str(PROGRAMS / "openstack"), "image", *words]
        child = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        complaint = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.stderr:
            child.stderr.close()
        self.most_memory = usage.ru_maxrss
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)}: {complaint.decode()[-500:]}")
