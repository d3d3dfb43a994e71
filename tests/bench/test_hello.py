"""What the catalogue's requests per second are compared with."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from portal.bench.hello import application

# Nothing is asked of the database; but at each request Django looks after its connections.
pytestmark = pytest.mark.django_db


def ask(path: str) -> tuple[bytes, dict[str, str]]:
    environ: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    found: dict[str, str] = {}

    def start_response(_status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        found.update(headers)

    return b"".join(application(environ, start_response)), found


def test_hello_goes_through_no_middleware() -> None:
    body, headers = ask("/hello")
    assert body == b"Hello"
    assert set(headers) == {"Content-Type"}


def test_everything_else_is_the_portal() -> None:
    body, headers = ask("/healthz")
    assert b"Hello" not in body
    assert "X-Content-Type-Options" in headers
