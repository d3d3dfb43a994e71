"""What a page says, for people: its words without the markup."""

from __future__ import annotations

import html
import re
from typing import Protocol


class Answer(Protocol):
    @property
    def content(self) -> bytes: ...


def source(answer: Answer) -> str:
    return answer.content.decode()


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def said(answer: Answer) -> str:
    """All words of the page's main part."""
    return words(source(answer).partition("<main")[2])


def element(answer: Answer, tag: str, mark: str) -> str:
    """The words of the first ``tag`` whose start has ``mark``; fails when there is none."""
    pattern = rf"<{tag}\b[^>]*{re.escape(mark)}.*?</{tag}>"
    found = re.search(pattern, source(answer), re.DOTALL)
    assert found, f"no {tag} with {mark}"
    return words(found[0])
