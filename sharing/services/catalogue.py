"""What the public website reads: the listings that anyone may see, searched and filtered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from sharing.models import Listing, Tag

PAGE_SIZE = 24
MOST_WORDS = 8
MOST_FOUND = 2000  # by words: nobody looks through more
MOST_VALUES = 100  # of one filter: a list to choose from can't be longer

# The ORM cannot say this. Ten thousand rows with ten values cost ten steps.
_NEXT_VALUES = """
    WITH RECURSIVE step(value) AS (
        SELECT MIN(COLUMN) FROM LISTING
        WHERE shown = 1 AND COLUMN > ''
        UNION ALL
        SELECT (
            SELECT MIN(COLUMN) FROM LISTING
            WHERE shown = 1 AND COLUMN > step.value
        ) FROM step WHERE step.value IS NOT NULL
    )
    SELECT value FROM step WHERE value IS NOT NULL LIMIT %(most)s
"""

_ON_A_CARD = (
    "slug",
    "title",
    "summary",
    "os_distro",
    "os_version",
    "architecture",
    "size",
    "producer_name",
    "published_at",
)
_LONG = ("description", "terms", "search_text")


@dataclass(frozen=True, slots=True)
class Search:
    """What a visitor looks for. Empty fields do not narrow; the others must all hold."""

    q: str = ""
    os: str = ""
    architecture: str = ""
    format: str = ""
    producer: str = ""
    tag: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The fields that narrow."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the words to search for was chosen."""
        return bool(self.given.keys() - {"q"})

    @property
    def words(self) -> list[str]:
        return self.q.lower().split()[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Facets:
    """The values that the published listings have, by the name of the filter; each sorted."""

    os: Sequence[str]
    architecture: Sequence[str]
    format: Sequence[str]
    producer: Sequence[str]
    tag: Sequence[str]


def published() -> QuerySet[Listing]:
    """What anyone may see (``Listing.is_published``)."""
    return Listing.objects.filter(shown=1)


def find(search: Search, *, page: str = "") -> Page[Listing]:
    """A page of the listings that match, newest first. A page that makes no sense is the nearest
    one that does: the first, or the last.

    The IDs come from an index alone, so that even the last of many pages touches 24 rows. Words
    are looked for once, since to count would be to look for them twice, and until enough is found.
    """
    ids = _pages(search, PAGE_SIZE).get_page(page)
    cards = _rows(ids).only(*_ON_A_CARD).order_by(*_order(search))
    return Page(cards, ids.number, ids.paginator)


def read(search: Search, *, page: int, size: int) -> Page[Listing]:
    """The same with all facts, for machines. Raises EmptyPage: there is no such page."""
    ids = _pages(search, size).page(page)
    rows = _rows(ids).defer(*_LONG).order_by(*_order(search))
    return Page(rows, ids.number, ids.paginator)


def changes(search: Search, *, page: int, size: int) -> Page[Listing]:
    """The same, what was changed last first. Raises EmptyPage."""
    matching = _narrowed(published(), search)
    if search.words:
        # The index that has the words is in another order.
        newest = matching.order_by(*_order(search)).values("pk")[:MOST_FOUND]
        matching = Listing.objects.filter(pk__in=newest)
    last_first = ("-updated_at", "-pk")
    found = matching.order_by(*last_first).values_list("pk", flat=True)
    ids: Page[Any] = Paginator(found, size).page(page)
    rows = _rows(ids).defer(*_LONG).order_by(*last_first)
    return Page(rows, ids.number, ids.paginator)


def is_cut(search: Search, page: Page[Listing]) -> bool:
    """Whether more may match the words than can be paged through."""
    return bool(search.words) and page.paginator.count == MOST_FOUND


def facets() -> Facets:
    return Facets(
        os=_values("os_distro"),
        architecture=_values("architecture"),
        format=_values("disk_format"),
        producer=_values("producer_name"),
        tag=_tags(),
    )


def search_text(listing: Listing, tags: Iterable[str]) -> str:
    """What the search looks in, to be kept in ``Listing.search_text`` with every save.

    Every word once and in lower case, what matters most first; the end of a long description is
    left out.
    """
    parts = (
        listing.title,
        *tags,
        listing.os_distro,
        listing.os_version,
        listing.architecture,
        listing.disk_format,
        listing.producer_name,
        listing.image_name,
        listing.image_id,
        listing.summary,
        listing.description,
    )
    words = dict.fromkeys(" ".join(parts).lower().split())
    return " ".join(words)[: Listing._meta.get_field("search_text").max_length]


def _pages(search: Search, size: int) -> Paginator[Any]:
    """Of IDs."""
    matching = _narrowed(published(), search).order_by(*_order(search))
    found = matching.values_list("pk", flat=True)
    return Paginator(list(found[:MOST_FOUND]) if search.words else found, size)


def _rows(ids: Page[Any]) -> QuerySet[Listing]:
    return Listing.objects.filter(pk__in=list(ids)).prefetch_related("tags")


def _order(search: Search) -> tuple[str, ...]:
    """Newest first, and among equals as the index has them that this search reads."""
    return ("-published_at", *(("-search_text",) if search.words else ()), "-pk")


def _narrowed(listings: QuerySet[Listing], search: Search) -> QuerySet[Listing]:
    """The first filter has an index in the order of the pages. Each other one is a list of IDs
    from an index of its own, so that several together read no row."""
    exact = {
        "os_distro": search.os,
        "architecture": search.architecture,
        "disk_format": search.format,
        "producer_name": search.producer,
    }
    given = [Q(**{column: value}) for column, value in exact.items() if value]
    listings = listings.filter(*given[:1])
    for other in given[1:]:
        listings = listings.filter(pk__in=published().filter(other).values("pk"))
    if search.tag:
        tagged = Listing.tags.through.objects.filter(tag__name=search.tag)
        listings = listings.filter(pk__in=tagged.values("listing_id"))
    for word in search.words:
        listings = listings.filter(search_text__contains=word)
    return listings


def _values(column: str) -> list[str]:
    """The values of an indexed column: from each straight to the next, past all of its rows."""
    sql = _NEXT_VALUES.replace("COLUMN", column).replace("LISTING", Listing._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"most": MOST_VALUES})
        return sorted((value for (value,) in cursor.fetchall()), key=str.lower)


def _tags() -> list[str]:
    """Nested, so that each tag's search ends with its first published listing."""
    is_published = Exists(published().filter(pk=OuterRef("listing_id")))
    used = Listing.tags.through.objects.filter(is_published, tag=OuterRef("pk"))
    tags = Tag.objects.filter(Exists(used)).order_by("name")
    return list(tags.values_list("name", flat=True)[:MOST_VALUES])
