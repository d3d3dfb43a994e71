"""A wire between the portal and a service: it remembers the secrets that pass, and can answer in
the service's place with all that it was sent.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

SECRET_HEADERS = ("X-Subject-Token", "X-Auth-Token", "Openstack-Auth-Receipt")
HOP_BY_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "host"}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """``is_cut``: it breaks off in the middle."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


@dataclass(frozen=True)
class Spite:
    """How it answers by itself. ``as_json``: with an error of the API's own form, whose message
    is all that was sent."""

    status: int
    as_json: bool = False
    is_cut: bool = False

    def answer(self, asked: Asked) -> Said:
        head = "".join(f"{name}: {value}\n" for name, value in asked.headers.items())
        sent = f"{asked.method} {asked.path}\n{head}\n{asked.body.decode()}"
        error: dict[str, Any] = {"message": sent, "code": self.status, "title": sent}
        text = json.dumps({"error": error} | error) if self.as_json else f"<p>{sent}</p>"
        kind = "application/json" if self.as_json else "text/html"
        return Said(self.status, {"Content-Type": kind}, text.encode(), self.is_cut)


class Listener:
    """Answers each request on a port of its own with what ``answer`` makes of it."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        handler = type("Handler", (_Handler,), {"make": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    make: Callable[[Asked], Said]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = self.make(Asked(self.command, self.path, dict(self.headers), body))
        self.send_response(said.status)
        for name, value in said.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body) + (99 if said.is_cut else 0)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)
        self.close_connection = said.is_cut

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Wire:
    """``secrets`` are the tokens and receipts that came by, by header; ``spite`` makes it unkind.

    ``instead`` replaces addresses in answers, so that the other services are called by their
    wires, too.
    """

    def __init__(self, target: str, instead: Mapping[str, str]) -> None:
        self.target, self.instead = target, dict(instead)
        self.secrets: dict[str, set[str]] = {name: set() for name in SECRET_HEADERS}
        self.spite: Spite | None = None
        self._listener = Listener(self._answer)
        self.url = f"http://{self._listener.address}"
        self.close = self._listener.close

    def _answer(self, asked: Asked) -> Said:
        self._note(asked.headers)
        return self.spite.answer(asked) if self.spite else self._pass_on(asked)

    def _pass_on(self, asked: Asked) -> Said:
        found = requests.request(
            asked.method,
            self.target + asked.path,
            data=asked.body,
            headers={k: v for k, v in asked.headers.items() if k.lower() not in HOP_BY_HOP},
            timeout=60,
            allow_redirects=False,
        )
        self._note(found.headers)
        body = found.content
        for old, new in self.instead.items():
            body = body.replace(old.encode(), new.encode())
        return Said(found.status_code, found.headers, body)

    def _note(self, headers: Mapping[str, str]) -> None:
        for name in SECRET_HEADERS:
            if name in headers:
                self.secrets[name].add(headers[name])


class Sentry:
    """Takes what the portal's processes report; ``said`` is all of it, unpacked."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._listener = Listener(self._take)
        self.dsn = f"http://key@{self._listener.address}/1"
        self.close = self._listener.close

    def _take(self, asked: Asked) -> Said:
        is_packed = asked.headers.get("Content-Encoding") == "gzip"
        self.said.append((zlib.decompress(asked.body, 31) if is_packed else asked.body).decode())
        return Said(200, {}, b"{}")
