from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sharing.cloud.resources import MemberStatus
from sharing.models import Listing
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import Answer, element, said, source, words

URL = "/producer/images/"
COUNTED = "/producer/images/?counts=1"


def test_says_how_to_get_an_image_when_there_is_none(producer: Party) -> None:
    answer = producer.client.get(URL)
    assert "Your project has no image yet" in said(answer)
    assert "openstack image create" in said(answer)


def test_shows_what_an_image_is(fake: FakeCloud, producer: Party) -> None:
    image = fake.image(producer.project, name="noble", visibility="private", status="queued")
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert "noble" in row
    assert "Private" in row
    assert "Queued" in row
    assert "1.0 MiB" in row


def test_shows_only_the_images_of_the_project(
    fake: FakeCloud, producer: Party, stranger: Party
) -> None:
    shared = fake.image(stranger.project)
    fake.member(shared, producer.project, "accepted")
    assert shared not in source(producer.client.get(URL))


def test_counts_the_members_by_status(fake: FakeCloud, producer: Party, image: str) -> None:
    counts: dict[MemberStatus, int] = {"pending": 1, "accepted": 3, "rejected": 2}
    for status, count in counts.items():
        for _ in range(count):
            fake.member(image, uuid.uuid4().hex, status)
    row = element(producer.client.get(COUNTED), "tr", f'data-image="{image}"')
    assert "1 waiting 3 accepted 2 rejected" in row


def test_asks_once_for_the_members_of_each_shared_image(fake: FakeCloud, producer: Party) -> None:
    shared = [fake.image(producer.project) for _ in range(20)]
    private = fake.image(producer.project, visibility="private")
    before = len(fake.calls)
    row = element(producer.client.get(COUNTED), "tr", f'data-image="{private}"')
    asked = [call for call in fake.calls[before:] if call.endswith("/members")]
    assert sorted(asked) == sorted(f"GET /v2/images/{image}/members" for image in shared)
    assert "—" in row


@pytest.mark.parametrize("weather", [{"status": 403}, {"status": 500}, {"html": True}])
def test_members_that_cannot_be_had_break_no_row(
    fake: FakeCloud, producer: Party, weather: Weather
) -> None:
    bad, good = fake.image(producer.project), fake.image(producer.project)
    fake.fail("GET", f"/v2/images/{bad}/members", times=None, **weather)
    answer = producer.client.get(COUNTED)
    assert answer.status_code == 200
    assert "not available" in element(answer, "tr", f'data-image="{bad}"')
    assert "0 waiting" in element(answer, "tr", f'data-image="{good}"')
    assert "could not be asked for" in said(answer)


def test_says_whether_an_image_is_listed(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    unlisted = fake.image(producer.project)
    answer = producer.client.get(URL)
    assert "Published" in element(answer, "tr", f'data-image="{listing.image_id}"')
    assert "Make one" in element(answer, "tr", f'data-image="{unlisted}"')


def test_an_image_that_came_back_is_available_again(producer: Party, listing: Listing) -> None:
    Listing.objects.update(unavailable_since=listing.created_at)
    row = element(producer.client.get(URL), "tr", f'data-image="{listing.image_id}"')
    assert "Published" in row


def test_goes_on_from_page_to_page(fake: FakeCloud, producer: Party) -> None:
    for number in range(30):
        fake.image(producer.project, name=f"image-{number}")
    first = producer.client.get(URL)
    assert source(first).count("data-image=") == 25
    marker = source(first).partition("?marker=")[2].partition('"')[0]
    second = producer.client.get(URL, {"marker": marker})
    assert source(second).count("data-image=") == 5
    assert "Next" not in said(second)
    assert "First" in said(second)


def test_a_marker_that_makes_no_sense_is_the_first_page(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    answer = producer.client.get(URL, {"marker": "nonsense"})
    assert f'data-image="{image}"' in source(answer)


def test_tells_an_admin_that_it_leaves_the_others_out(
    fake: FakeCloud, producer: Party, stranger: Party, image: str
) -> None:
    foreign = fake.image(stranger.project)
    fake.user("root", "correct horse", projects=[producer.project], roles=["admin", "member"])
    form = {"method": "password", "username": "root", "password": "correct horse"}
    producer.client.post(reverse("sign-in"), form | {"domain": "Default"})
    answer = producer.client.get(URL)
    assert "role admin" in said(answer)
    assert f'data-image="{image}"' in source(answer)
    assert foreign not in source(answer)


def test_a_member_of_the_project_is_told_nothing_of_admins(producer: Party, image: str) -> None:
    assert "role admin" not in said(producer.client.get(URL))


def test_reads_the_tables_once_for_all_rows(
    fake: FakeCloud, producer: Party, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        fake.image(producer.project)
    with django_assert_num_queries(2):  # the session, the listings
        producer.client.get(COUNTED)


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_a_list_that_cannot_be_had_is_a_page_that_says_so(
    fake: FakeCloud, producer: Party, weather: Weather
) -> None:
    fake.fail("GET", "/v2/images", times=None, **weather)
    answer = producer.client.get(URL)
    assert answer.status_code == 503
    assert "Image API" in said(answer)


def test_is_there_before_the_members_are_counted(fake: FakeCloud, producer: Party) -> None:
    images = [fake.image(producer.project) for _ in range(20)]
    before = len(fake.calls)
    answer = producer.client.get(URL)
    assert all(f'data-image="{image}"' in source(answer) for image in images)
    assert all(call == "GET /v2/images" for call in fake.calls[before:])
    assert "being counted" in element(answer, "tr", f'data-image="{images[0]}"')


def test_the_counts_follow_in_one_request(fake: FakeCloud, producer: Party) -> None:
    images = [fake.image(producer.project) for _ in range(3)]
    private = fake.image(producer.project, visibility="private")
    fake.member(images[1], "1" * 32, "accepted")
    page = source(producer.client.get(URL))
    assert 'hx-get="?counts=1" hx-trigger="load"' in page
    answer = producer.client.get(COUNTED, headers={"HX-Request": "true", "HX-Target": "counts"})
    assert "<html" not in source(answer)
    assert source(answer).count('hx-swap-oob="true"') == 3
    for image in images:
        assert f'id="tallies-{image}"' in page
        assert f'id="tallies-{image}"' in source(answer)
    assert private not in source(answer)
    assert "1 accepted" in said_in(answer)


def said_in(answer: Answer) -> str:
    return words(source(answer))


def test_without_javascript_a_link_counts(fake: FakeCloud, producer: Party, image: str) -> None:
    assert 'href="?counts=1"' in source(producer.client.get(URL))
    answer = producer.client.get(COUNTED)
    assert "0 waiting" in element(answer, "tr", f'data-image="{image}"')
    assert "hx-trigger" not in source(answer).partition("<main")[2]


def test_the_counts_of_a_later_page_are_of_that_page(fake: FakeCloud, producer: Party) -> None:
    for _ in range(30):
        fake.image(producer.project)
    marker = source(producer.client.get(URL)).partition("?marker=")[2].partition('"')[0]
    page = source(producer.client.get(URL, {"marker": marker}))
    assert f'hx-get="?counts=1&amp;marker={marker}"' in page


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_counts_that_cannot_be_had_leave_the_list_as_it_is(
    fake: FakeCloud, producer: Party, image: str, weather: Weather
) -> None:
    row = element(producer.client.get(URL), "tr", f'data-image="{image}"')
    assert "not available" in row  # hidden by the stylesheet until the counts have failed
    fake.fail("GET", "/v2/images", times=None, **weather)
    answer = producer.client.get(COUNTED, headers={"HX-Request": "true", "HX-Target": "counts"})
    assert answer.status_code == 200
    assert "<html" not in source(answer)
    assert '<div id="counts" class="failed">' in source(answer)
    assert "could not be counted" in said_in(answer)
    assert 'hx-get="?counts=1" hx-target="#counts"' in source(answer)


def test_counts_of_which_some_fail_can_be_tried_again(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.fail("GET", "*/members", status=500, times=None)
    answer = producer.client.get(COUNTED)
    assert "not available" in element(answer, "tr", f'data-image="{image}"')
    assert 'href="?counts=1"' in source(answer)
