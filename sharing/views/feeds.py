"""The catalogue for machines: an Atom feed and JSON of what the same filters find on its page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Page
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sharing import atom, conditional
from sharing.forms.catalogue import SearchForm
from sharing.http import Request
from sharing.mail import absolute
from sharing.models import Listing, Producer
from sharing.services import catalogue, producers, versions
from sharing.templatetags.catalogue import feed_entry

PER_FEED = 20
PER_PAGE, MOST_PER_PAGE = 25, 200
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_ASK_AGAIN = "public, no-cache"


@require_safe
def atom_feed(request: Request) -> HttpResponse:
    """What was published or changed last; an image's new version is a change of its listing."""
    search = SearchForm(request.GET).search()
    try:
        page = catalogue.changes(search, page=_number(request, "page", 1), size=PER_FEED)
    except EmptyPage as error:
        raise Http404 from error
    listings = list(page)
    places = versions.places(listings)
    first = absolute(_address("feed", search.given))
    words = ", ".join(search.given.values())
    feed = atom.Feed(
        id=first,
        address=_page_address("feed", search.given, page.number),
        page=absolute(_address("catalogue", search.given)),
        title=_("Images to ask for: %(words)s") % {"words": words}
        if words
        else _("Images to ask for"),
        subtitle=_("Images that projects of this cloud offer to share."),
        author=_("Image Sharing Portal"),
        entries=[_entry(listing, places[listing.pk]) for listing in listings],
        links=_neighbours("feed", search.given, page),
    )
    response = conditional.answer(
        request,
        feed.to_xml(),
        content_type=atom.CONTENT_TYPE,
        cache_control=_ASK_AGAIN,
        changed_at=feed.updated,
    )
    return _for_any_site(response)


@require_safe
def as_json(request: Request) -> HttpResponse:
    """docs/catalogue-json.md has the fields."""
    search = SearchForm(request.GET).search()
    size = min(max(_number(request, "limit", PER_PAGE), 1), MOST_PER_PAGE)
    query = search.given | ({"limit": str(size)} if "limit" in request.GET else {})
    try:
        page = catalogue.read(search, page=_number(request, "page", 1), size=size)
    except EmptyPage:
        body = json.dumps({"error": "There is no such page."}).encode()
        answer = HttpResponse(body, content_type="application/json", status=HTTPStatus.NOT_FOUND)
        return _for_any_site(answer)
    listings = list(page)
    places, profiles = versions.places(listings), producers.profiles(listings)
    links = _neighbours("catalogue-json", query, page)
    body = json.dumps(
        {
            "listings": [
                _facts(listing, places[listing.pk], profiles.get(listing.project_id))
                for listing in listings
            ],
            "count": page.paginator.count,
            "is_cut": catalogue.is_cut(search, page),
            "page": page.number,
            "pages": page.paginator.num_pages,
            "limit": size,
            "next": links.get("next"),
            "previous": links.get("previous"),
        },
        ensure_ascii=False,
    ).encode()
    response = conditional.answer(
        request, body, content_type="application/json", cache_control=_ASK_AGAIN
    )
    return _for_any_site(response)


@require_safe
def robots(request: Request) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


def _entry(listing: Listing, place: versions.Place) -> atom.Entry:
    """Its address is its ID: a listing keeps it for ever."""
    address = absolute(listing.get_absolute_url())
    return atom.Entry(
        id=address,
        title=listing.title,
        address=address,
        html=feed_entry(listing, older=place.predecessor, newer=place.successor),
        author=listing.producer_name,
        published=listing.published_at or listing.updated_at,
        updated=listing.updated_at,
        tags=listing.tag_names,
    )


_COPIED = (
    "slug", "title", "summary", "image_id", "image_name", "region", "os_distro", "os_version",
    "architecture", "disk_format", "container_format", "size", "min_disk", "min_ram", "checksum",
    "hash_algorithm", "hash_value", "answer_days",
)  # fmt: skip
_TIMES = ("image_created_at", "image_updated_at", "facts_at", "published_at", "updated_at")


def _facts(listing: Listing, place: versions.Place, profile: Producer | None) -> Mapping[str, Any]:
    older, newer = place.predecessor, place.successor
    url = absolute(listing.get_absolute_url())
    return {
        **{name: getattr(listing, name) for name in _COPIED},
        **{name: _time(getattr(listing, name)) for name in _TIMES},
        "url": url,
        "request_url": f"{url}request/",
        "producer": listing.producer_name,
        "producer_url": absolute(profile.get_absolute_url()) if profile else None,
        "tags": sorted(listing.tag_names),
        "replaces": older.old_image_id if older else None,
        "replaced_by": newer.new_image_id if newer else None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _number(request: Request, name: str, default: int) -> int:
    """What stands in the address; what is no number counts as not given."""
    text = request.GET.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else default


def _address(name: str, query: Mapping[str, str]) -> str:
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


def _page_address(name: str, query: Mapping[str, str], number: int) -> str:
    numbered = {**query, "page": str(number)} if number > 1 else query
    return absolute(_address(name, numbered))


def _neighbours(name: str, query: Mapping[str, str], page: Page[Listing]) -> dict[str, str]:
    links = {}
    if page.has_next():
        links["next"] = _page_address(name, query, page.next_page_number())
    if page.has_previous():
        links["previous"] = _page_address(name, query, page.previous_page_number())
    return links


def _for_any_site(response: HttpResponse) -> HttpResponse:
    """The same for everyone, with or without a session: any site's script may read it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
