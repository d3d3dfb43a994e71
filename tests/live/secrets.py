"""The secrets of a run, who knows them, and where they are looked for."""

from __future__ import annotations

import base64
import html
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urljoin

import requests

from portal.demo.visitor import Address

# What nobody but Keystone, the mail server and the portal's own memory may ever see in plain text.
CREDENTIALS = ("password", "passcode", "application credential", "receipt", "token", "key", "smtp")
COOKIES = ("session", "csrf")
LINKS = ("request link", "confirmation", "unsubscribe link", "address link", "feed")
IN_MAILS = {
    "request link": r"/access/([\w-]{43})/",
    "confirmation": r"[?&]key=([\w-]{43})",
    "unsubscribe link": r"/unsubscribe/([\w-]{43})/",
    "address link": r"/mail/([\w-]{43})/confirm/",
}


@dataclass
class Secrets:
    """``known`` has them by kind; ``pages`` are all answers that anyone got."""

    known: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pages: list[requests.Response] = field(default_factory=list)

    def learn(self, kind: str, *values: str) -> None:
        self.known[kind] |= {value for value in values if value}

    def learn_from_mail(self, text: str) -> None:
        for kind, pattern in IN_MAILS.items():
            self.learn(kind, *re.findall(pattern, text))

    def found_in(self, text: str, kinds: tuple[str, ...]) -> set[tuple[str, str]]:
        """Those of the ``kinds`` that stand in the text, in whichever writing."""
        return {
            (kind, value)
            for kind in kinds
            for value in self.known[kind]
            if any(form in text for form in _writings(value)) and _is_whole(value, text)
        }


@cache
def _writings(secret: str) -> frozenset[str]:
    packed = base64.b64encode(secret.encode()).decode().rstrip("=")
    forms = {secret, quote(secret, safe=""), html.escape(secret), repr(secret)[1:-1]}
    return frozenset(forms if secret.isdecimal() else {*forms, packed})


def _is_whole(secret: str, text: str) -> bool:
    """A passcode's six digits are no passcode in the middle of a longer number or an ID."""
    if not secret.isdecimal():
        return True
    return bool(re.search(rf"(?<![0-9a-f.-]){secret}(?![0-9a-f-])", text))


class Person:
    """Somebody's browser at the portal, at an address of its own."""

    def __init__(self, base_url: str, secrets: Secrets) -> None:
        self.base_url, self.secrets = base_url, secrets
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.mount("http://", Address())

    def get(self, path: str, **headers: str) -> requests.Response:
        return self._keep(self.http.get(urljoin(self.base_url, path), headers=headers, timeout=90))

    def post(self, path: str, **fields: Any) -> requests.Response:
        if "csrftoken" not in self.http.cookies:
            self.get("/sign-in/")
        csrf = {"csrfmiddlewaretoken": self.http.cookies.get("csrftoken") or ""}
        url = urljoin(self.base_url, path)
        answer = self.http.post(
            url, fields | csrf, headers={"Referer": url}, timeout=90, allow_redirects=False
        )
        return self._keep(answer)

    def sign_in(self, name: str, password: str) -> requests.Response:
        self.secrets.learn("password", password)
        return self.post(
            "/sign-in/", method="password", username=name, password=password, domain="Default"
        )

    def enter_passcode(self, passcode: str) -> requests.Response:
        self.secrets.learn("passcode", passcode)
        return self.post("/sign-in/", passcode=passcode)

    def sign_in_as_application(self, credential: str, secret: str) -> requests.Response:
        self.secrets.learn("application credential", secret)
        return self.post(
            "/sign-in/",
            method="application_credential",
            application_credential_id=credential,
            application_credential_secret=secret,
        )

    def _keep(self, answer: requests.Response) -> requests.Response:
        cookies = self.http.cookies
        self.secrets.learn("session", cookies.get("sessionid") or "")
        self.secrets.learn("csrf", cookies.get("csrftoken") or "")
        self.secrets.pages.append(answer)
        return answer
