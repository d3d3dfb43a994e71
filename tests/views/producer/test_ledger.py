from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sharing.cloud.resources import MemberStatus
from sharing.models import Contact
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.shares import a_record
from tests.views.producer.reading import element, said, source
from tests.views.producer.shared import CSV, JSON, URL, members, share


def shown(party: Party, **query: str) -> list[str]:
    """The projects of the rows, in their order."""
    page = source(party.client.get(URL, query))
    return [part[:32].lstrip("0") or "0" for part in page.split('data-project="')[1:]]


def test_shows_every_share_of_every_image(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    other = fake.image(producer.project, name="noble", os_hidden=True)
    members(fake, image, 1, 2)
    members(fake, other, 1, status="accepted")
    share(producer, image, consumer.project.id, email="chen@orchard.test")
    page = producer.client.get(URL)
    assert source(page).count("<tr data-image=") == 4
    for mark in (f'data-image="{other}"', 'data-status="accepted"', 'data-status="pending"'):
        assert mark in source(page)
    row = element(page, "tr", f'data-project="{consumer.project.id}"')
    assert "debian-12" in row
    assert "chen@orchard.test" in row
    assert "never answered" in row


def test_says_what_to_do_when_nothing_is_shared(producer: Party, image: str) -> None:
    assert "Nothing is shared yet" in said(producer.client.get(URL))


def test_shows_nothing_of_others(
    fake: FakeCloud, producer: Party, stranger: Party, image: str
) -> None:
    members(fake, image, 1)
    shared_with_me = fake.image(producer.project)
    fake.member(shared_with_me, stranger.project)
    assert shown(stranger) == []
    assert stranger.client.get(JSON).json() == {"shares": []}


def test_filters_by_status_image_and_words(fake: FakeCloud, producer: Party, image: str) -> None:
    noble = fake.image(producer.project, name="Noble")
    members(fake, image, 1, 2)
    members(fake, image, 3, status="rejected")
    members(fake, noble, 4)
    Contact.objects.create(
        producer_project_id=producer.project.id, project_id=f"{2:032x}", email="Eve@orchard.test"
    )
    assert shown(producer, status="rejected") == ["3"]
    assert shown(producer, image=noble) == ["4"]
    assert shown(producer, q="nOBLE") == ["4"]
    assert shown(producer, q="eve@") == ["2"]
    assert shown(producer, q=f"{3:032x}".upper()) == ["3"]
    assert shown(producer, q=noble[:13]) == ["4"]
    assert sorted(shown(producer, hint="unreachable")) == ["1", "3", "4"]
    assert shown(producer, q="orchard", status="accepted") == []
    page = producer.client.get(URL, {"q": "orchard", "status": "accepted"})
    assert "No share is like that" in said(page)


def test_tells_silence_from_a_put_off_answer(fake: FakeCloud, producer: Party, image: str) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        members(fake, image, 1, 2)
        members(fake, image, 5, status="accepted")
    members(fake, image, 3)
    for row in fake.glance.images.images[image].members(f"{2:032x}"):
        row.updated_at += timedelta(days=2)
    assert shown(producer, hint="quiet") == ["1"]
    assert shown(producer, hint="back") == ["2"]
    page = producer.client.get(URL)
    assert "is the project ID right?" in element(page, "tr", f'data-project="{1:032x}"')
    assert "put back to pending" in element(page, "tr", f'data-project="{2:032x}"')
    assert "never answered" in element(page, "tr", f'data-project="{3:032x}"')


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("project", "123"),
        ("-project", "321"),
        ("status", "312"),
        ("-status", "213"),
        ("shared", "213"),
        ("-shared", "312"),
        ("answered", "132"),
        ("-answered", "231"),
        ("ends", "321"),
        ("-ends", "231"),
        ("image", "213"),
        ("nonsense", "213"),
    ],
)
def test_sorts(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, sort: str, order: str
) -> None:
    now, today = timezone.now(), timezone.localdate()
    made: list[tuple[int, MemberStatus, int]]
    made = [(2, "rejected", 9), (1, "pending", 8), (3, "accepted", 7)]
    for number, status, days in made:
        with time_machine.travel(now - timedelta(days=days)):
            members(fake, image, number, status=status)
    for number, days in ((2, 1), (3, 2)):
        for row in fake.glance.images.images[image].members(f"{number:032x}"):
            row.updated_at = now - timedelta(days=days)
    for number, days in ((2, 8), (3, 4)):
        record = a_record(image, producer, consumer, shared_at=now - timedelta(days=days + 0.5))
        record.project_id, record.ends_on = f"{number:032x}", today + timedelta(days=days)
        record.save()
    assert "".join(shown(producer, sort=sort)) == order


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"status": "\0"},
        {"image": "../.."},
        {"hint": "x" * 5000},
        {"q": "%' OR 1=1 --"},
        {"page": "nonsense"},
        {"page": "-1"},
        {"page": "99999999999999"},
    ],
)
def test_an_address_that_makes_no_sense_is_still_a_page(
    fake: FakeCloud, producer: Party, image: str, query: dict[str, str]
) -> None:
    members(fake, image, 1)
    for url in (URL, CSV, JSON):
        assert producer.client.get(url, query).status_code == 200


def test_goes_on_from_page_to_page_with_its_filters(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    members(fake, image, *range(1, 61))
    members(fake, image, 99, status="accepted")
    assert len(shown(producer, status="pending")) == 25
    assert len(shown(producer, status="pending", page="3")) == 10
    assert "status=pending&amp;page=2" in source(producer.client.get(URL, {"status": "pending"}))


def test_the_heads_sort_and_keep_the_filters(fake: FakeCloud, producer: Party, image: str) -> None:
    members(fake, image, 1)
    page = source(producer.client.get(URL, {"status": "pending", "sort": "shared"}))
    assert "?status=pending&amp;sort=-shared" in page
    assert 'aria-sort="ascending"' in page
    assert f"{CSV}?status=pending&amp;sort=shared" in page


def test_asks_once_for_each_shared_image_and_reads_each_table_once(
    fake: FakeCloud, producer: Party, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    images = [fake.image(producer.project) for _ in range(6)]
    fake.image(producer.project, visibility="private")
    for image in images:
        members(fake, image, *range(1, 9))
    before = len(fake.calls)
    # The session; shares, contacts, the projects' own addresses, mails of the page.
    with django_assert_num_queries(5):
        producer.client.get(URL)
    asked = [call for call in fake.calls[before:] if call.endswith("/members")]
    assert sorted(asked) == sorted(f"GET /v2/images/{image}/members" for image in images)


def test_a_member_that_is_no_project_is_shown_too(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    for name in ("orchard", "a/b", "x" * 300, "=1+1", "<b>"):
        fake.member(image, name)
    page = producer.client.get(URL)
    assert "not a project’s ID" in said(page)
    assert "<b>" not in source(page).partition("<main")[2]
    assert source(page).count("<tr data-image=") == 5


def test_an_image_whose_members_cannot_be_had_is_said_to_be_missing(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    bad = fake.image(producer.project)
    members(fake, image, 1)
    fake.fail("GET", f"/v2/images/{bad}/members", status=500, times=None)
    page = producer.client.get(URL)
    assert page.status_code == 200
    assert "The members of 1 image could not be asked for" in said(page)
    assert source(page).count("<tr data-image=") == 1


@pytest.mark.parametrize("url", [URL, CSV, JSON])
def test_one_signs_in_first(client: Any, url: str, db: None) -> None:
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
@pytest.mark.parametrize("call", ["/v2/images", "*/members"])
def test_without_the_image_api_there_is_a_page_that_says_so(
    fake: FakeCloud, producer: Party, image: str, call: str, weather: Weather
) -> None:
    fake.fail("GET", call, times=None, **weather)
    answer = producer.client.get(URL)
    assert answer.status_code == 503
    assert "Image API" in said(answer)


@pytest.mark.parametrize("status", [403, 404])
def test_an_image_that_turned_private_or_went_meanwhile_has_no_shares(
    fake: FakeCloud, producer: Party, image: str, status: int
) -> None:
    fake.fail("GET", f"/v2/images/{image}/members", status=status, times=None)
    assert "Nothing is shared yet" in said(producer.client.get(URL))
