"""Atom feeds (RFC 4287), as Django's generator writes them, and what it leaves to us."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.xmlutils import SimplerXMLGenerator

CONTENT_TYPE = Atom1Feed.content_type
# XML 1.0 has no way to write these.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """``id`` is an address that stays; ``html`` is safe markup. A reader shows an entry as new
    when its ID is, and as changed when ``updated`` is later than before."""

    id: str
    title: str
    address: str
    html: str
    author: str
    published: datetime
    updated: datetime
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """``address`` is the feed's own, empty where it is a secret; ``page`` what it is the feed of;
    ``links``: the addresses of further links by what they are (``next``)."""

    id: str
    address: str
    page: str
    title: str
    subtitle: str
    author: str
    entries: Sequence[Entry]
    links: Mapping[str, str]

    @property
    def updated(self) -> datetime:
        """When its newest entry was; never, of an empty one."""
        return max((entry.updated for entry in self.entries), default=_NEVER)

    def to_xml(self) -> bytes:
        writer = _Writer(
            title=_writable(self.title),
            link=self.page,
            description=None,
            language=get_language(),
            subtitle=_writable(self.subtitle),
            author_name=_writable(self.author),
            feed_url=self.address or None,
            feed_guid=self.id,
            updated=self.updated,
            links=self.links,
        )
        for entry in self.entries:
            writer.add_item(
                title=_writable(entry.title),
                link=entry.address,
                description=_writable(entry.html),
                author_name=_writable(entry.author) or _writable(self.author),
                pubdate=entry.published.astimezone(UTC),
                updateddate=entry.updated.astimezone(UTC),
                unique_id=entry.id,
                categories=list(_written(entry.tags)),
            )
        return writer.writeString("utf-8").encode()


class _Writer(Atom1Feed):
    """Django's would call an empty feed changed at every look, and knows no further links."""

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated.astimezone(UTC)

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for relation, address in self.feed["links"].items():
            handler.addQuickElement("link", "", {"rel": relation, "href": address})


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _written(texts: Iterable[str]) -> Iterable[str]:
    return filter(None, map(_writable, texts))
