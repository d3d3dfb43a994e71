"""What a page's header asks for by itself."""

from __future__ import annotations

import html
import re

from django.test import Client
from django.urls import reverse

URL = "/inbox/waiting/"


def look(client: Client, *, on: str = "/") -> str:
    """The answer to the header of the page ``on``."""
    headers = {
        "HX-Request": "true",
        "HX-Target": "waiting",
        "HX-Current-URL": f"http://testserver{on}",
    }
    answer = client.get(reverse("waiting"), headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def said(markup: str) -> str:
    """The words, without the icons."""
    text = re.sub(r"<(svg|script|style).*?</\1>|<[^>]*>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def counts(client: Client) -> dict[str, int | None]:
    """Project name → what waits there, as the page says; None when it does not know."""
    answer = client.get(reverse("waiting"))
    assert answer.status_code == 200, answer.status_code
    found: dict[str, int | None] = {}
    for row in re.findall(r"<li class=\"card\".*?</li>", answer.content.decode(), re.DOTALL):
        words = said(row)
        number = re.search(r"(\d+) waits? for an answer", words)
        none = 0 if "Nothing waits here." in words else None
        found[words.split()[0]] = int(number[1]) if number else none
    return found
