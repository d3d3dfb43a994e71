"""Somebody at the portal: opens its pages and sends its forms, as a browser without JavaScript
would.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter

TIMEOUT_SECONDS = (3.05, 60.0)
SILENT = {"script", "style"}
MARKS = ("data-listing", "data-request")


class PortalRefused(RuntimeError):
    """The portal did not do as it was asked. The message has the request, the status and the
    page's words.
    """


@dataclass
class Form:
    """A form of a page: where it goes, and what it sends when nothing is touched (its hidden
    fields).
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a visitor takes from a page: its words, its forms, and the listings and requests on it.

    `marked["data-request"]` and `marked["data-listing"]` map each value of the attribute to the
    words and attributes from its element on, up to the next one.
    """

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url = answer.url
        self.forms: list[Form] = []
        self.marked: dict[str, dict[str, str]] = {name: {} for name in MARKS}
        self._words: list[str] = []
        self._open: dict[str, str] = {}
        self._is_silent = False
        self.feed(answer.text)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._words).split())

    def form(self, ending: str) -> Form:
        """The form that goes to an address with this ending."""
        for form in self.forms:
            if form.action.split("?")[0].endswith(ending):
                return form
        raise PortalRefused(f"{self.url} has no form that goes to {ending}: {self.words[:500]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._is_silent = True
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, given.get("action", ""))))
        if tag == "input" and given.get("type") == "hidden" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        self._open |= {name: given[name] for name in MARKS if name in given}
        self._note(" ".join(given.values()))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._is_silent = False

    def handle_data(self, data: str) -> None:
        if self._is_silent:
            return
        self._words.append(data)
        self._note(data)

    def _note(self, words: str) -> None:
        for mark, value in self._open.items():
            known = self.marked[mark].get(value, "")
            self.marked[mark][value] = f"{known} {words}"


class Address(HTTPAdapter):
    """Calls from an address of its own in 127.0.1.0/24, as from a machine of its own: the portal
    counts how often one address asks."""

    _numbers = itertools.cycle(range(1, 255))

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        here = (f"127.0.1.{next(self._numbers)}", 0)
        super().init_poolmanager(*args, **options, source_address=here)


class Visitor:
    """One browser session with the portal at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = requests.Session()
        self.http.mount("http://", Address())
        self.http.trust_env = False

    def sign_in(self, name: str, password: str, project_id: str = "") -> None:
        """Sign in by the form; for `project_id` where that is given."""
        self.get("/sign-in/")
        typed = {"username": name, "password": password, "domain": "Default"}
        self.post("/sign-in/", method="password", **typed, next="/")
        if project_id:
            self.post("/scope/", project_id=project_id, next="/")

    def get(self, path: str) -> Page:
        """A page; `path` may be a whole address of the portal."""
        return Page(self._ask("GET", path))

    def post(self, path: str, **fields: str) -> Page:
        """Send a form and follow where it leads."""
        return Page(self._ask("POST", path, self.with_csrf(fields)))

    def send(self, path: str, **fields: str) -> None:
        """Send a form, and do not look at where it leads."""
        self._ask("POST", path, self.with_csrf(fields), is_followed=False)

    def submit(self, form: Form, **fields: str) -> Page:
        return self.post(form.action, **form.fields, **fields)

    def with_csrf(self, fields: dict[str, str]) -> dict[str, str]:
        if "csrftoken" not in self.http.cookies:
            self.get("/sign-in/")
        return fields | {"csrfmiddlewaretoken": self.http.cookies.get("csrftoken") or ""}

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        is_followed: bool = True,
    ) -> requests.Response:
        url = urljoin(self.base_url, path)
        answer = self.http.request(
            method,
            url,
            data=fields,
            headers={"Referer": url},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=is_followed,
        )
        if answer.status_code >= 400:
            words = Page(answer).words
            raise PortalRefused(f"{method} {url}: {answer.status_code} {words[:800]}")
        return answer
