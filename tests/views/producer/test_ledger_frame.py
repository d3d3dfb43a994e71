"""With many images, a browser with a script gets the ledger's frame first."""

from __future__ import annotations

import pytest

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import said, source
from tests.views.producer.shared import URL, members

PART = {"HX-Request": "true", "HX-Target": "shares"}


@pytest.fixture
def many(fake: FakeCloud, producer: Party) -> list[str]:
    """Nine images with one share each: more than one round of calls."""
    producer.client.cookies["tz"] = "Europe/Oslo"
    found = [fake.image(producer.project, name=f"image {n}") for n in range(9)]
    for image in found:
        members(fake, image, 1)
    return found


def test_the_frame_makes_only_the_list_calls(
    fake: FakeCloud, producer: Party, many: list[str]
) -> None:
    before = len(fake.calls)
    page = source(producer.client.get(URL, {"status": "pending", "page": "2"}))
    assert fake.calls[before:] == ["GET /v2/images"] * 2
    assert 'hx-get="?status=pending&amp;page=2" hx-trigger="load"' in page
    assert page.count("<tr data-image=") == 0
    assert 'value="pending" selected' in page


def test_the_shares_follow_in_one_request(producer: Party, many: list[str]) -> None:
    part = source(producer.client.get(URL, headers=PART))
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert part.count("<tr data-image=") == 9


def test_without_a_script_all_is_there_at_once(producer: Party, many: list[str]) -> None:
    assert 'href="?sort=image&amp;whole=1"' in source(producer.client.get(URL))
    assert source(producer.client.get(URL, {"whole": "1"})).count("<tr data-image=") == 9
    del producer.client.cookies["tz"]
    assert source(producer.client.get(URL)).count("<tr data-image=") == 9


def test_with_few_images_all_is_there_at_once(
    fake: FakeCloud, producer: Party, many: list[str]
) -> None:
    fake.delete_image(many[0])
    assert source(producer.client.get(URL)).count("<tr data-image=") == 8


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
@pytest.mark.parametrize("call", ["/v2/images", "*/members"])
def test_in_bad_weather_the_frame_stays_and_can_try_again(
    fake: FakeCloud, producer: Party, many: list[str], call: str, weather: Weather
) -> None:
    fake.fail("GET", call, times=None, **weather)
    answer = producer.client.get(URL, {"q": "image"}, headers=PART)
    assert answer.status_code == 200
    assert "<html" not in source(answer)
    assert "gave no answer" in source(answer)
    assert 'href="?q=image"' in source(answer)


def test_a_session_that_ended_leads_to_the_sign_in(
    fake: FakeCloud, producer: Party, many: list[str]
) -> None:
    fake.expire_all()
    answer = producer.client.get(URL, headers=PART)
    assert answer["HX-Redirect"].startswith("/sign-in/?next=%2Fproducer%2Fshares%2F")


def test_the_page_says_how_many_there_are(producer: Party, many: list[str]) -> None:
    page = said(producer.client.get(URL, {"whole": "1", "image": many[0]}))
    assert "1 share of 9" in page
