"""What of a drawer is wanted, and in which order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, inbox


@pytest.fixture
def images(fake: FakeCloud, producer: Party, stranger: Party, consumer: Party) -> dict[str, str]:
    """Of two producers, of three systems, shared at three times."""
    now = timezone.now()
    facts = {
        "apple": (producer, "ubuntu", timedelta(hours=1)),
        "berry": (producer, "debian", timedelta(days=3)),
        "cherry": (stranger, "", timedelta(days=40)),
    }
    made = {}
    for name, (owner, system, age) in facts.items():
        made[name] = a_share(fake, owner, consumer, name=name, os_distro=system)
        fields = {"producer_name": owner.project.name, "note": f"About {name}s"}
        record = a_record(made[name], owner, consumer, shared_at=now - age, image_name=name)
        type(record).objects.filter(pk=record.pk).update(**fields)
    return made


def names(page: str) -> list[str]:
    return re.findall(r'<h2 class="letter-subject"><a [^>]*>([^<]+)</a>', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "apple berry cherry"),
        ({"sort": "oldest"}, "cherry berry apple"),
        ({"sort": "name"}, "apple berry cherry"),
        ({"sort": "producer"}, "apple berry cherry"),
        ({"os": "debian"}, "berry"),
        ({"age": "day"}, "apple"),
        ({"age": "week"}, "apple berry"),
        ({"age": "month"}, "apple berry"),
        ({"age": "older"}, "cherry"),
        ({"q": "CHERR"}, "cherry"),
        ({"q": "about berrys"}, "berry"),
        ({"q": "elsewhere"}, "cherry"),
        ({"q": "acme", "os": "ubuntu"}, "apple"),
        ({"q": "no such thing"}, ""),
    ],
)
@pytest.mark.usefixtures("images")
def test_it_finds_and_sorts(consumer: Party, query: dict[str, str], found: str) -> None:
    assert names(inbox(consumer.client, **query)) == found.split()


def test_by_producer(images: dict[str, str], producer: Party, consumer: Party) -> None:
    page = inbox(consumer.client, producer=producer.project.id)
    assert names(page) == ["apple", "berry"]
    assert f'value="{producer.project.id}" selected>acme-images<' in page
    assert names(inbox(consumer.client, q=images["cherry"])) == ["cherry"]


def test_only_what_is_there_can_be_chosen(
    images: dict[str, str], consumer: Party, stranger: Party
) -> None:
    page = inbox(consumer.client)
    assert {"ubuntu", "debian"} == set(re.findall(r'value="(\w+)">(?:Ubuntu|Debian)<', page))
    assert f'<option value="{stranger.project.id}">elsewhere<' in page


def test_a_producer_without_a_name_is_told_by_its_id(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for _ in range(2):
        a_share(fake, producer, consumer)
    assert f">{producer.project.id[:8]}…<" in inbox(consumer.client)


def test_a_published_listing_names_its_producer(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_listing_of(a_share(fake, producer, consumer), producer)
    a_share(fake, producer, consumer)
    page = inbox(consumer.client)
    assert f'<option value="{producer.project.id}">Acme Images<' in page
    assert len(names(inbox(consumer.client, q="acme im"))) == 2


@pytest.mark.usefixtures("images")
def test_where_nothing_matches_it_says_how_to_see_all(consumer: Party) -> None:
    page = inbox(consumer.client, q="no such thing")
    assert "Nothing here matches" in page
    assert "3 images lie in this drawer" in page
    assert '<a class="button primary" href="/inbox/?status=pending">' in page
    assert 'value="no such thing"' in page


@pytest.mark.parametrize("value", ["", "\x00", "x" * 5000, "'\"<script>", "-1", "{}", "é", "%00"])
@pytest.mark.parametrize("name", ["q", "producer", "os", "age", "sort", "only", "every", "late"])
@pytest.mark.usefixtures("images")
def test_nonsense_is_no_error(consumer: Party, name: str, value: str) -> None:
    assert "<script>" not in inbox(consumer.client, **{name: value}).partition("<body")[2]


@pytest.mark.usefixtures("images")
def test_an_answer_keeps_the_filters(consumer: Party, images: dict[str, str]) -> None:
    address = "/inbox/?status=pending&page=1&os=debian&sort=name"
    assert f'action="{address.replace("&", "&amp;")}"' in inbox(
        consumer.client, os="debian", sort="name"
    )
    form = {"image": images["berry"], "status": "accepted"}
    assert consumer.client.post(address, form)["Location"] == address


def test_2000_shares_have_80_pages(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    for number in range(2000):
        a_share(fake, producer, consumer, name=f"image {number:04}")
    page = inbox(consumer.client, sort="name", page="80")
    assert names(page)[-1] == "image 1999"
    assert len(names(page)) == 25
    assert page.count("?status=pending&amp;") < 200
    assert not [call for call in fake.calls if "/members/" in call]
