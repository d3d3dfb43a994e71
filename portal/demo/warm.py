"""Run inside a worker of the demo's Keystone or Glance, in their environment: standard library
only.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

REQUEST_SECONDS = 20.0
JSON = {"Content-Type": "application/json"}


def warm_up(application: Application) -> None:
    """One request by the administrator: a sign-in for Keystone, an image list for Glance (which
    has DEMO_AUTH_URL).
    """
    sign_in = password_request(os.environ["DEMO_ADMIN_PASSWORD"])
    auth_url = os.environ.get("DEMO_AUTH_URL")
    if auth_url is None:
        answer(application, "POST", "/v3/auth/tokens", body=sign_in)
        return
    address = urlsplit(auth_url)
    keystone = HTTPConnection(address.netloc, timeout=REQUEST_SECONDS)
    try:
        keystone.request("POST", f"{address.path}/auth/tokens", sign_in, JSON)
        token = keystone.getresponse().headers["X-Subject-Token"]
    except OSError as error:
        print(f"Not warmed up, Keystone does not answer: {error}", flush=True)
        return
    finally:
        keystone.close()
    answer(application, "GET", "/v2/images", token=token)


def password_request(password: str) -> bytes:
    domain = {"id": "default"}
    user = {"name": "admin", "domain": domain, "password": password}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"name": "admin", "domain": domain}}
    return json.dumps({"auth": {"identity": identity, "scope": scope}}).encode()


def answer(
    application: Application, method: str, path: str, *, body: bytes = b"", token: str = ""
) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_ACCEPT": "application/json",
    }
    if token:
        environ["HTTP_X_AUTH_TOKEN"] = token
    setup_testing_defaults(environ)
    b"".join(application(environ, lambda *_: None))
