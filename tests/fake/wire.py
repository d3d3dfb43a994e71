"""What the fake services take and give instead of HTTP, and the adapter that puts them there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse


@dataclass(frozen=True)
class Call:
    """One request. ``path`` as sent, still quoted; ``params`` without repetitions."""

    method: str
    host: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def segments(self) -> list[str]:
        """As WSGI servers do it: a quoted slash is a slash."""
        return unquote(self.path).split("/")[1:]

    @property
    def token(self) -> str:
        return self.headers.get("X-Auth-Token", "")

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.headers.get("Accept", "")

    def json(self) -> Any:
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Reply:
    """``data`` becomes JSON; ``text`` is sent as it is, as ``content_type``."""

    status: int
    data: Any = None
    text: str = ""
    raw: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if self.raw:
            return self.raw
        return (self.text if self.data is None else json.dumps(self.data)).encode()


class FakeAdapter(BaseAdapter):
    """Gives every request to ``answer`` and never opens a connection."""

    def __init__(self, answer: Callable[[Call], Reply]) -> None:
        super().__init__()
        self.answer = answer

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **kwargs: Any
    ) -> requests.Response:
        timeout = kwargs["timeout"]
        assert isinstance(timeout, tuple), f"{request.method} {request.url} without a timeout"
        assert "Authorization" not in request.headers, "a password from somewhere"
        return _response(request, self.answer(_call(request)), self)

    def close(self) -> None:
        raise AssertionError("closing a session closes the pool that all share")


def _call(request: requests.PreparedRequest) -> Call:
    url = urlsplit(request.url or "")
    pairs = parse_qsl(url.query, keep_blank_values=True)
    params = dict(pairs)
    assert len(params) == len(pairs), f"a parameter twice: {url.query}"
    body = request.body or b""
    return Call(
        method=request.method or "",
        host=url.netloc,
        path=url.path or "/",
        params=params,
        headers=request.headers,
        body=_sent(body, request.headers),
    )


def _sent(body: Any, headers: Mapping[str, str]) -> bytes:
    """A streamed body as it comes; as much as was announced, or it is a bad request."""
    if isinstance(body, str | bytes):
        return body.encode() if isinstance(body, str) else body
    whole = b"".join(body)
    assert int(headers.get("Content-Length", len(whole))) == len(whole)
    return whole


def _response(
    request: requests.PreparedRequest, reply: Reply, adapter: BaseAdapter
) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    headers = {"Content-Type": reply.content_type, **reply.headers}
    response.headers = CaseInsensitiveDict(headers)
    response.raw = HTTPResponse(io.BytesIO(reply.content), headers, preload_content=False)
    response.url = request.url or ""
    response.request = request
    return response
