"""An Atom feed as a strict reader takes it: what RFC 4287 wants must be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.test import Client
from django.utils import feedgenerator

ATOM = f"{{{feedgenerator.Atom1Feed.ns}}}"


@dataclass(frozen=True)
class ReadEntry:
    id: str
    title: str
    html: str
    link: str
    author: str
    published: datetime
    updated: datetime
    tags: Sequence[str]


@dataclass(frozen=True)
class ReadFeed:
    id: str
    title: str
    subtitle: str
    updated: datetime
    links: dict[str, str]
    entries: Sequence[ReadEntry]

    @property
    def titles(self) -> list[str]:
        return [entry.title for entry in self.entries]


def read_feed(address: str, client: Client | None = None, **query: str) -> ReadFeed:
    answer = (client or Client()).get(address, query)
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return parse(answer.content)


def parse(body: bytes) -> ReadFeed:
    root = ElementTree.XML(body)
    assert root.tag == f"{ATOM}feed"
    assert _text(root.find(f"{ATOM}author"), "name")
    links = {link.attrib["rel"]: link.attrib["href"] for link in root.findall(f"{ATOM}link")}
    assert "alternate" in links
    entries = [_entry(element) for element in root.findall(f"{ATOM}entry")]
    ids = [entry.id for entry in entries]
    assert len(set(ids)) == len(ids)
    return ReadFeed(
        id=_address(_text(root, "id")),
        title=_text(root, "title"),
        subtitle=_text(root, "subtitle"),
        updated=_time(_text(root, "updated")),
        links={relation: _address(link) for relation, link in links.items()},
        entries=entries,
    )


def _entry(element: ElementTree.Element) -> ReadEntry:
    summary, link = element.find(f"{ATOM}summary"), element.find(f"{ATOM}link")
    assert summary is not None
    assert summary.attrib["type"] == "html"
    assert link is not None
    return ReadEntry(
        id=_address(_text(element, "id")),
        title=_text(element, "title"),
        html=summary.text or "",
        link=_address(link.attrib["href"]),
        author=_text(element.find(f"{ATOM}author"), "name"),
        published=_time(_text(element, "published")),
        updated=_time(_text(element, "updated")),
        tags=[one.attrib["term"] for one in element.findall(f"{ATOM}category")],
    )


def _text(element: ElementTree.Element | None, name: str) -> str:
    assert element is not None
    [found] = element.findall(f"{ATOM}{name}")
    return found.text or ""


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment


def _address(text: str) -> str:
    parts = urlsplit(text)
    assert parts.scheme == "http", text
    assert parts.netloc, text
    return text
