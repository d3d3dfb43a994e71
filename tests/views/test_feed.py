"""The catalogue's Atom feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from sharing.models import Listing, Succession
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.feeds import read_feed
from tests.scenarios.loop import publish
from tests.visitor import PRODUCER, a_listing, page_of

pytestmark = pytest.mark.django_db

NASTY = "</title><b>&amp;</b> \x01\x0b\ufffe \U0001f427 ]]> “ß”"


def changed(listing: Listing, days_ago: int) -> Listing:
    """The listing as if its producer had last saved it then."""
    Listing.objects.filter(pk=listing.pk).update(
        updated_at=timezone.now() - timedelta(days=days_ago)
    )
    return listing


def test_an_entry_is_the_listing() -> None:
    listing = a_listing(tags=("lts", "gpu"))
    feed = read_feed("/feed.atom")
    [entry] = feed.entries
    assert entry.id == entry.link == f"http://localhost{listing.get_absolute_url()}"
    assert (entry.title, entry.author) == ("Noble", "Acme Images")
    assert (entry.published, entry.updated) == (listing.published_at, listing.updated_at)
    assert sorted(entry.tags) == ["gpu", "lts"]
    assert feed.updated == listing.updated_at
    for words in ("Small and quick.", "Ubuntu 24.04", "x86_64", "600\xa0MiB", listing.image_id):
        assert words in entry.html


def test_what_changed_last_comes_first() -> None:
    new = changed(a_listing("New"), 2)
    old = a_listing("Old, but changed", published_at=timezone.now() - timedelta(days=90))
    assert read_feed("/feed.atom").titles == [old.title, new.title]


@pytest.mark.parametrize(
    "fields",
    [{"state": "draft"}, {"state": "withdrawn"}, {"unavailable_since": timezone.now()}],
    ids=["draft", "withdrawn", "unavailable"],
)
def test_only_what_anyone_may_see_is_in_it(fields: dict[str, Any]) -> None:
    a_listing("Secret", **fields)
    assert read_feed("/feed.atom").titles == []


@pytest.mark.parametrize(
    "query",
    [
        {"q": "wanted"},
        {"os": "debian"},
        {"architecture": "aarch64"},
        {"format": "raw"},
        {"producer": "Orchard & Co"},
        {"tag": "long term"},
    ],
)
def test_it_takes_the_catalogues_filters(query: dict[str, str]) -> None:
    a_listing("Other")
    fields = {"os_distro": "debian", "architecture": "aarch64", "disk_format": "raw"}
    a_listing("Wanted", tags=("long term",), producer_name="Orchard & Co", **fields)
    feed = read_feed(f"/feed.atom?{urlencode(query)}")
    assert feed.titles == ["Wanted"]
    [value] = query.values()
    assert value in feed.title
    assert feed.links["self"] == feed.id
    assert feed.id.startswith("http://localhost/feed.atom?")
    assert feed.links["alternate"] == feed.id.replace("/feed.atom", "/")


@pytest.mark.parametrize("query", ["page=abc", "q=%00", "q=%ff%fe", "tag=" + "x" * 5000, "os[]=1"])
def test_nonsense_counts_as_not_given(query: str) -> None:
    a_listing()
    assert Client().get(f"/feed.atom?{query}").status_code == 200


@pytest.mark.parametrize("page", ["2", "0", "-1", "999999999"])
def test_a_page_that_is_not_there_is_a_404(page: str) -> None:
    a_listing()
    assert Client().get("/feed.atom", {"page": page}).status_code == 404


def test_pages_lead_to_each_other() -> None:
    for number in range(21):
        changed(a_listing(f"Noble {number}"), number)
    first = read_feed("/feed.atom", q="noble")
    assert len(first.entries) == 20
    second = read_feed(first.links["next"])
    assert second.titles == ["Noble 20"]
    assert second.id == first.id
    assert second.links["previous"] == first.links["self"]


def test_an_empty_feed_is_a_feed_that_never_changed() -> None:
    feed = read_feed("/feed.atom", q="nothing")
    assert feed.titles == []
    assert feed.updated.year == 1970


def test_what_a_producer_writes_breaks_nothing() -> None:
    a_listing(NASTY, summary=NASTY, producer_name=NASTY, os_distro=NASTY, tags=(NASTY, "\x02"))
    [entry] = read_feed("/feed.atom").entries
    assert entry.title == entry.author == "</title><b>&amp;</b>  \U0001f427 ]]> “ß”"
    assert entry.tags == [entry.title]
    assert "<b>" not in entry.html
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in entry.html


def test_who_has_it_is_told_so() -> None:
    listing = a_listing()
    first = Client().get("/feed.atom")
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for known in (
        {"If-None-Match": tag},
        {"If-None-Match": f"W/{tag}"},
        {"If-Modified-Since": date},
    ):
        again = Client().get("/feed.atom", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    listing.title = "Changed"
    listing.save()
    assert Client().get("/feed.atom", headers={"If-None-Match": tag}).status_code == 200


def test_it_is_the_same_for_everyone_and_any_site(producer: Party) -> None:
    a_listing()
    answer = Client().get("/feed.atom")
    assert answer.content == producer.client.get("/feed.atom").content
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert Client().post("/feed.atom").status_code in {403, 405}


def test_a_new_version_is_a_change_of_its_listing(fake: FakeCloud, producer: Party) -> None:
    old, new = (fake.image(producer.project, name=name) for name in ("noble-1", "noble-2"))
    listing = changed(publish(producer, old), 9)
    a_listing("Another")
    [before] = [one for one in read_feed("/feed.atom").entries if one.title == listing.title]
    form = {"old": old, "note": "Kernel <6.9>."}
    assert producer.client.post(f"/producer/images/{new}/replaces/", form).status_code == 302
    after = read_feed("/feed.atom").entries[0]
    assert after.id == before.id
    assert after.updated > before.updated
    assert "A new version of noble-1: Kernel &lt;6.9&gt;." in " ".join(after.html.split()).replace(
        "</p>", ""
    )
    assert new in after.html


def test_a_newer_listing_is_a_change_of_both(fake: FakeCloud, producer: Party) -> None:
    old, new = (fake.image(producer.project, name=name) for name in ("noble-1", "noble-2"))
    for image, title in ((old, "Old"), (new, "New")):
        changed(publish(producer, image, title=title), 9)
    a_listing("Another")
    form = {"old": old, "note": "Faster."}
    assert producer.client.post(f"/producer/images/{new}/replaces/", form).status_code == 302
    entries = read_feed("/feed.atom").entries
    assert {entry.title for entry in entries[:2]} == {"Old", "New"}
    [old_one] = [entry for entry in entries if entry.title == "Old"]
    assert "There is a newer version: noble-2." in old_one.html


def test_another_projects_succession_says_nothing() -> None:
    listing = a_listing()
    Succession.objects.create(
        producer_project_id="0" * 32, old_image_id=listing.image_id, new_image_id="x", note="Mine"
    )
    assert "newer version" not in read_feed("/feed.atom").entries[0].html


def test_the_catalogue_names_the_feed_of_its_search() -> None:
    a_listing(tags=("lts",))
    page = page_of("/", q="no ble", tag="lts", os="")
    assert 'type="application/atom+xml"' in page
    assert page.count('href="/feed.atom?q=no+ble&amp;tag=lts"') == 2  # for browsers, for people
    assert 'href="/catalogue.json?q=no+ble&amp;tag=lts"' in page
    assert 'href="/feed.atom?q=unheard-of"' in page_of("/", q="unheard-of")


def test_a_listing_names_the_feeds_of_its_producer_and_tags() -> None:
    page = page_of(a_listing(tags=("a/b & c",), producer_name="<A>").get_absolute_url())
    for query in ("producer=%3CA%3E", f"tag={quote('a/b & c', safe='')}"):
        assert page.count(f'href="/feed.atom?{query}"') == 2


def test_a_producers_page_names_its_feed(producer: Party, fake: FakeCloud) -> None:
    publish(producer, fake.image(producer.project))
    producer.client.post("/producer/profile/", {"name": "The Acme Company"})
    page = page_of("/producers/the-acme-company/")
    assert page.count('href="/feed.atom?producer=acme-images"') == 2
    assert len(read_feed("/feed.atom?producer=acme-images").entries) == 1


def test_robots_keep_off_what_is_secret() -> None:
    text = page_of("/robots.txt")
    assert "Disallow: /feeds/" in text
    assert "Disallow: /access/" in text


def test_the_projects_id_is_not_in_it() -> None:
    a_listing()
    assert PRODUCER not in page_of("/feed.atom") + page_of("/catalogue.json")
