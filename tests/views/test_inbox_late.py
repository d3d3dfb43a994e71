"""What the inbox did not wait for, and what follows by itself."""

from __future__ import annotations

import html
import re

import pytest

from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record, a_share, inbox

URL = "/inbox/"
LATE = {"HX-Request": "true", "HX-Target": "late"}


@pytest.fixture
def script(consumer: Party) -> Party:
    """In a browser with a script: it has sent its time zone."""
    consumer.client.cookies["tz"] = "UTC"
    return consumer


def test_with_a_script_the_page_waits_for_its_own_list_only(
    fake: FakeCloud, producer: Party, script: Party
) -> None:
    a_share(fake, producer, script)
    before = len(fake.calls)
    page = inbox(script.client)
    assert len(fake.calls) == before + 2
    assert 'Waiting <span class="count">1</span>' in page
    assert '<span class="count" id="count-accepted" aria-busy="true">…</span>' in page
    assert 'hx-trigger="load"' in page


def test_the_rest_follows(fake: FakeCloud, producer: Party, script: Party) -> None:
    elsewhere, here = (a_share(fake, producer, script) for _ in range(2))
    a_record(here, producer, script)
    a_share(fake, producer, script, "accepted")
    page = html.unescape(inbox(script.client))
    [address] = re.findall(r'id="late"[^>]* hx-get="([^"]+)"', page)
    rest = script.client.get(address, headers=LATE).content.decode()
    assert '<span class="count" id="count-accepted" hx-swap-oob="true">1</span>' in rest
    assert '<span class="count" id="count-rejected" hx-swap-oob="true">0</span>' in rest
    assert f'<span id="at-{elsewhere}" hx-swap-oob="true"><time' in rest
    assert here not in rest


def test_beside_an_empty_drawer_the_others_are_counted_too(
    fake: FakeCloud, producer: Party, script: Party
) -> None:
    a_share(fake, producer, script, "accepted")
    page = html.unescape(inbox(script.client))
    assert "Nothing waits for you" in page
    [address] = re.findall(r'id="late"[^>]* hx-get="([^"]+)"', page)
    rest = script.client.get(address, headers=LATE).content.decode()
    assert '<span class="count" id="count-accepted" hx-swap-oob="true">1</span>' in rest


def test_what_waits_in_a_second_row_only_is_taken_away(
    fake: FakeCloud, producer: Party, script: Party
) -> None:
    image_id = a_share(fake, producer, script, "accepted")
    fake.member(image_id, script.project)  # two at once made two rows (trap 2)
    assert image_id in inbox(script.client)
    rest = script.client.get(f"{URL}?image={image_id}", headers=LATE).content.decode()
    assert f'<li id="letter-{image_id}" hx-swap-oob="delete">' in rest


@pytest.mark.parametrize("image", ["", "x", "\x00", "0e0c8b1e-7c6f-4d0e-9f0a-0123456789ab"])
def test_of_nonsense_nothing_follows(
    fake: FakeCloud, producer: Party, script: Party, image: str
) -> None:
    a_share(fake, producer, script)
    answer = script.client.get(URL, {"image": image}, headers=LATE)
    assert answer.status_code == 200
    assert b"at-" not in answer.content


def test_of_others_shares_nothing_follows(
    fake: FakeCloud, producer: Party, script: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, stranger)
    rest = script.client.get(f"{URL}?image={image_id}", headers=LATE).content.decode()
    assert image_id not in rest


def test_when_the_rest_does_not_come_the_page_stays(
    fake: FakeCloud, producer: Party, script: Party
) -> None:
    image_id = a_share(fake, producer, script)
    page = inbox(script.client)
    assert "could not be asked for just now" in page
    fake.fail("GET", "/v2/images", status=500, times=None)
    assert script.client.get(f"{URL}?image={image_id}", headers=LATE).status_code == 503


def test_a_full_drawer_asks_for_no_time_even_without_a_script(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    for _ in range(101):
        a_share(fake, producer, consumer)
    before = len(fake.calls)
    page = inbox(consumer.client)
    assert len(fake.calls) == before + 6
    assert "its own page says" in page
