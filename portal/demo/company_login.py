"""The sign-in page of a company, in front of the demo's Keystone: it stands for the identity
provider and for the web server's module (mod_auth_openidc, mod_auth_mellon …) that asks it.

What such a module does is here: it lets nobody through to Keystone's WebSSO addresses who has not
signed in, and says in the request's environment who has. Run inside Keystone's worker, in its
environment: standard library only.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

ISSUER = "https://login.company.example"
GUARDED = re.compile(
    r"/v3/auth/OS-FEDERATION/(websso/[^/]+|identity_providers/[^/]+/protocols/[^/]+/websso)/?"
)
LARGEST_FORM = 10_000
PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Example Company: sign in</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>
      :root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
      body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; }}
      main {{ width: min(22rem, 100vw - 2rem); }}
      label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
      input, button {{ margin: .25rem 0 1rem; padding: .5rem .75rem; }}
      [role=alert] {{ color: light-dark(#a11, #f99); font-weight: 600; }}
    </style>
  </head>
  <body>
    <main>
      <h1>Example Company</h1>
      <p>This page stands for the sign-in of a company. It is part of the demo’s cloud, not of the
        portal.</p>
      {alert}
      <form method="post">
        <label for="name">Name</label>
        <input id="name" name="name" value="{name}" autocomplete="username" required autofocus>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password">
        <button type="submit">Sign in at Example Company</button>
      </form>
    </main>
  </body>
</html>
"""


def password_of(name: str) -> str:
    return f"{name}-demo"


def company_login(app: Application, people: Path) -> Application:
    """`app` behind the page. `people` is a file of JSON: name → the name of the project that the
    company says the person works in; who is not in it may sign in too, and works in none.
    """

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        for name in [name for name in environ if name.startswith("HTTP_OIDC")]:
            del environ[name]  # whoever sends these as headers claims to be the company
        if not GUARDED.fullmatch(environ.get("PATH_INFO", "")):
            return app(environ, start_response)
        form = _form(environ) if environ["REQUEST_METHOD"] == "POST" else {}
        name = form.get("name", "")
        if not name or form.get("password") != password_of(name):
            return _page(name, start_response)
        return app(environ | _claims(name, people) | NO_BODY, start_response)

    return guarded


NO_BODY = {"CONTENT_LENGTH": "0", "CONTENT_TYPE": "", "wsgi.input": io.BytesIO()}


def _claims(name: str, people: Path) -> dict[str, str]:
    known = json.loads(people.read_text()) if people.exists() else {}
    claims = {"HTTP_OIDC_ISS": ISSUER, "HTTP_OIDC_SUB": name}
    return claims | ({"HTTP_OIDC_PROJECT": known[name]} if name in known else {})


def _form(environ: dict[str, Any]) -> dict[str, str]:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_FORM)
    fields = parse_qs(environ["wsgi.input"].read(length).decode(errors="replace"))
    return {name: values[0] for name, values in fields.items()}


def _page(name: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    alert = '<p role="alert">This is not right. Try again.</p>' if name else ""
    body = PAGE.format(alert=alert, name=html.escape(name, quote=True)).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    start_response("200 OK", headers)
    return [body]
