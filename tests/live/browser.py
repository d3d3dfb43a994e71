"""A browser without a script, at a demo of its own."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import requests

from portal.demo.cloud_template import ROOT
from portal.demo.stack import Demo
from tests.live.processes import comes_true

NAME, PASSWORD = "una", "una-demo"
NEW = "/producer/images/new/"
BOUNDARY = "the-boundary"
PATIENCE = 120


class Browser:
    """Someone signed in to the portal of ``demo``, and the same one's token for the cloud."""

    def __init__(self, demo: Demo, *, is_signed_in: bool = True) -> None:
        self.demo, self.base_url = demo, demo.base_url
        cloud = demo.cloud
        self.project = cloud.create_project("uploads")
        cloud.grant(cloud.create_user(NAME, PASSWORD), self.project)
        self.http = requests.Session()
        self.http.headers["Referer"] = f"{demo.base_url}/"
        self.cloud_headers = {"Accept": "application/json"}
        if is_signed_in:
            self.sign_in()

    def sign_in(self, back: str = "/") -> requests.Response:
        """The page that one comes to."""
        words = {"method": "password", "username": NAME, "password": PASSWORD, "next": back}
        answer = self.post("/sign-in/", words)
        token = self.demo.cloud.token(NAME, PASSWORD, self.project)
        self.cloud_headers["X-Auth-Token"] = token
        return self.get(answer.headers["Location"])

    def through(self, base_url: str, ca_file: str) -> Browser:
        """The same one at another door of the portal, not signed in yet."""
        other = copy.copy(self)
        other.base_url, other.http = base_url, requests.Session()
        other.http.trust_env = False  # certificates of the environment would come first
        other.http.verify = ca_file
        other.http.headers["Referer"] = f"{base_url}/"
        return other

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self._url(path), timeout=PATIENCE, **options)

    def post(self, path: str, form: Mapping[str, str]) -> requests.Response:
        data = {**form, **self.csrf()}
        url = self._url(path)
        return self.http.post(url, data, timeout=PATIENCE, allow_redirects=False)

    def post_form(self, path: str, body: Iterable[bytes] | bytes) -> requests.Response:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.send("POST", path, body, headers)

    def put(self, page: str, body: Iterable[bytes] | bytes) -> requests.Response:
        """As the page's script sends a file."""
        return self.send("PUT", f"{page}data/", body, self.put_headers())

    def put_headers(self) -> dict[str, str]:
        token = self.csrf()["csrfmiddlewaretoken"]
        return {"X-CSRFToken": token, "Content-Type": "application/octet-stream"}

    def csrf(self) -> dict[str, str]:
        page = self.get("/sign-in/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        return {"csrfmiddlewaretoken": found[1]}

    def facts(self, **changes: str) -> dict[str, str]:
        facts = {"name": "big", "disk_format": "raw", "container_format": "bare", "source": "file"}
        return facts | self.csrf() | changes

    def new_image(self, **changes: str) -> str:
        """The page of a new image without data, as the page's script makes it."""
        answer = self.post(NEW, self.facts(**changes) | {"file_follows": "yes"})
        assert answer.is_redirect, answer.text
        return answer.headers["Location"]

    def image(self, page: str) -> dict[str, Any]:
        """As the Image API has it."""
        answer = requests.get(self.image_url(page), headers=self.cloud_headers, timeout=PATIENCE)
        found: dict[str, Any] = answer.json()
        return found

    def image_url(self, page: str) -> str:
        return f"{self.demo.cloud.image_url}/v2/images/{page.split('/')[-2]}"

    def delete_image(self, page: str) -> None:
        """Also one that Glance still fetches: to that it says 500."""
        url, headers = self.image_url(page), self.cloud_headers
        assert comes_true(
            lambda: requests.delete(url, headers=headers, timeout=PATIENCE).status_code == 204
        )

    def processes(self) -> list[Path]:
        """All that the demo runs, as folders of /proc."""
        state = str(self.demo.state_dir).encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if state in words:
                found.append(process)
        assert len(found) >= 6
        return found

    def send(
        self, method: str, path: str, body: Iterable[bytes] | bytes, headers: Mapping[str, str]
    ) -> requests.Response:
        return self.http.request(
            method,
            self._url(path),
            data=body,
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=False,
        )

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


def forget_attempts(demo: Demo) -> None:
    """Each test is another hour: all of them ask from one address, which may do so five times."""
    forget = "from sharing.models import Attempt; Attempt.objects.all().delete()"
    command = [sys.executable, "manage.py", "shell", "-c", forget]
    subprocess.run(command, cwd=ROOT, env=demo.environment, check=True, capture_output=True)


def form_with_a_file(fields: Mapping[str, str]) -> tuple[bytes, bytes]:
    """What stands before the file's bytes in a form, and after them."""
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    before = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    before += f'{part}"file"; filename="f.raw"\r\nContent-Type: application/octet-stream\r\n\r\n'
    return before.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
