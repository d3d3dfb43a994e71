"""The catalogue as JSON; docs/catalogue-json.md has its fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.settings import BASE_DIR
from sharing.models import Producer, Succession
from sharing.services import catalogue
from tests.visitor import PRODUCER, a_listing

pytestmark = pytest.mark.django_db
URL = "/catalogue.json"


def read(**query: str) -> Any:
    answer = Client().get(URL, query)
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def titles(**query: str) -> list[str]:
    return [listing["title"] for listing in read(**query)["listings"]]


def test_a_listing_is_all_that_anyone_may_know() -> None:
    noon = datetime(2030, 1, 31, 12, tzinfo=UTC)
    listing = a_listing(
        'No"ble', tags=("lts", "gpu"), checksum="d41d", image_created_at=noon, published_at=noon
    )
    Producer.objects.create(project_id=PRODUCER, project_name="acme", slug="acme", name="Acme")
    Succession.objects.create(
        producer_project_id=PRODUCER, old_image_id="older", new_image_id=listing.image_id, note="."
    )
    assert read()["listings"] == [
        {
            "slug": listing.slug,
            "url": f"http://localhost/catalogue/{listing.slug}/",
            "request_url": f"http://localhost/catalogue/{listing.slug}/request/",
            "title": 'No"ble',
            "summary": "Small and quick.",
            "producer": "Acme Images",
            "producer_url": "http://localhost/producers/acme/",
            "tags": ["gpu", "lts"],
            "image_id": listing.image_id,
            "image_name": "noble-server",
            "region": "",
            "os_distro": "ubuntu",
            "os_version": "24.04",
            "architecture": "x86_64",
            "disk_format": "qcow2",
            "container_format": "bare",
            "size": 600 * 1024 * 1024,
            "min_disk": 0,
            "min_ram": 0,
            "checksum": "d41d",
            "hash_algorithm": "",
            "hash_value": "",
            "answer_days": None,
            "replaces": "older",
            "replaced_by": None,
            "image_created_at": "2030-01-31T12:00:00Z",
            "image_updated_at": None,
            "facts_at": None,
            "published_at": "2030-01-31T12:00:00Z",
            "updated_at": listing.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ]


def test_the_document_names_every_field() -> None:
    a_listing()
    words = Path(BASE_DIR / "docs" / "catalogue-json.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", words, re.MULTILINE)
    answer = read()
    assert sorted(documented) == sorted([*answer, *answer["listings"][0]])


@pytest.mark.parametrize(
    "query",
    [{"q": "wanted"}, {"os": "debian"}, {"producer": "Orchard & Co"}, {"tag": "long term"}],
)
def test_it_takes_the_catalogues_filters(query: dict[str, str]) -> None:
    a_listing("Other")
    a_listing("Wanted", tags=("long term",), producer_name="Orchard & Co", os_distro="debian")
    assert titles(**query) == ["Wanted"]


@pytest.mark.parametrize(
    "fields",
    [{"state": "draft"}, {"state": "withdrawn"}, {"unavailable_since": timezone.now()}],
    ids=["draft", "withdrawn", "unavailable"],
)
def test_only_what_anyone_may_see_is_in_it(fields: dict[str, Any]) -> None:
    a_listing("Secret", **fields)
    assert read() == {
        "listings": [],
        "count": 0,
        "is_cut": False,
        "page": 1,
        "pages": 1,
        "limit": 25,
        "next": None,
        "previous": None,
    }


def test_following_next_gives_each_listing_once_in_the_catalogues_order() -> None:
    now = timezone.now()
    for number in range(7):
        a_listing(f"Noble {number}", published_at=now - timedelta(minutes=number // 2))
    found: list[str] = []
    address: str | None = f"{URL}?q=noble&limit=3"
    while address:
        answer = Client().get(address).json()
        found += [listing["slug"] for listing in answer["listings"]]
        assert (answer["count"], answer["pages"], answer["limit"]) == (7, 3, 3)
        address = answer["next"]
    assert answer["previous"] == "http://localhost/catalogue.json?q=noble&limit=3&page=2"
    shown = re.findall(r'data-listing="([^"]+)"', Client().get("/?q=noble").content.decode())
    assert found == shown


@pytest.mark.parametrize(
    ("limit", "used"),
    [("1", 1), ("0", 1), ("-7", 1), ("201", 200), ("999999999", 200), ("ten", 25), ("", 25)],
)
def test_a_limit_is_kept_within_bounds(limit: str, used: int) -> None:
    assert read(limit=limit)["limit"] == used


@pytest.mark.parametrize("page", ["2", "0", "-1", "999999999"])
def test_a_page_that_is_not_there_is_a_404_in_json(page: str) -> None:
    a_listing()
    answer = Client().get(URL, {"page": page})
    assert answer.status_code == 404
    assert answer.json() == {"error": "There is no such page."}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("query", ["page=abc", "q=%00", "q=%ff%fe", "page=" + "9" * 5000, "os[]=1"])
def test_nonsense_counts_as_not_given(query: str) -> None:
    a_listing()
    assert Client().get(f"{URL}?{query}").status_code == 200


def test_a_search_that_finds_too_much_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_FOUND", 2)
    for number in range(3):
        a_listing(f"Noble {number}")
    answer = read(q="noble")
    assert (answer["count"], answer["is_cut"]) == (2, True)


def test_who_has_it_is_told_so() -> None:
    listing = a_listing()
    tag = Client().get(URL).headers["ETag"]
    again = Client().get(URL, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    listing.summary = "Another."
    listing.save()
    assert Client().get(URL, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 25])
def test_the_number_of_queries_does_not_grow(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        a_listing(f"Noble {number}", tags=("lts", f"t{number}"))
    for address in (URL, "/feed.atom"):
        # Count, IDs, listings, tags, successions; the JSON has the profiles too.
        with django_assert_num_queries(6 if address == URL else 5):
            Client().get(address)
