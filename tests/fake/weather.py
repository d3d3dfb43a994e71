"""What can go wrong on the way to a service, on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypedDict

import requests

from .endpoints import FakeGlance
from .wire import Call, Reply

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class Weather(TypedDict, total=False):
    """How a call fails: what ``FakeCloud.fail`` takes by name."""

    status: int
    html: bool
    refused: bool
    slow: bool
    cut: bool
    body: str


@dataclass
class Failure:
    """``left`` is how many more calls it hits; None: all."""

    method: str
    path: str
    status: int = 502
    is_html: bool = False
    is_refused: bool = False
    is_slow: bool = False
    is_cut: bool = False
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    left: int | None = 1
    params: dict[str, str] = field(default_factory=dict)

    def hits(self, call: Call) -> bool:
        is_named = self.method == call.method and fnmatchcase(call.path, self.path)
        return self.left != 0 and is_named and self.params.items() <= call.params.items()

    def reply(self) -> Reply:
        """The answer, or the exception that the network would be."""
        if self.left is not None:
            self.left -= 1
        if self.is_refused:
            raise requests.ConnectionError("connection refused")
        if self.is_slow:
            raise requests.ReadTimeout("no answer in time")
        if self.is_cut:
            return Reply(200, text="QFI", headers={"Content-Length": "1000"})
        if self.is_html:
            return Reply(self.status, text=HTML, content_type="text/html")
        if self.body is not None:
            return Reply(self.status, text=self.body, headers=self.headers)
        message = "The server has either erred.<br /><br />\n\n\n"
        return Reply(self.status, {"message": message, "code": str(self.status), "title": "Error"})


class Outages:
    """A whole service that refuses connections, or takes them and does not answer."""

    glance: FakeGlance

    def __init__(self) -> None:
        self._away: set[str] = set()
        self._frozen: set[str] = set()

    def stop_keystone(self) -> None:
        """Refuses connections; Glance takes no token then (trap 14)."""
        self._away.add("keystone")
        self.glance.is_keystone_up = False

    def start_keystone(self) -> None:
        self._away.discard("keystone")
        self.glance.is_keystone_up = True

    def stop_glance(self) -> None:
        self._away.add("glance")

    def start_glance(self) -> None:
        self._away.discard("glance")

    def freeze_keystone(self) -> None:
        self._frozen.add("keystone")

    def thaw_keystone(self) -> None:
        self._frozen.discard("keystone")

    def freeze_glance(self) -> None:
        self._frozen.add("glance")

    def thaw_glance(self) -> None:
        self._frozen.discard("glance")

    def _check_outages(self, name: str) -> None:
        if name in self._away:
            Failure("", "", is_refused=True).reply()
        if name in self._frozen:
            Failure("", "", is_slow=True).reply()
