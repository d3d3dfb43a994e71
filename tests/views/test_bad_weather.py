"""Whatever the Image API does, the consumer's pages say what is the case; never a bare 500."""

from __future__ import annotations

from typing import Any

import pytest

from sharing.models import HistoryEntry
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record, a_share, inbox, share_url, status_url

AWAY: dict[str, dict[str, Any]] = {
    "refused": {"refused": True},
    "slow": {"slow": True},
    "html 200": {"html": True, "status": 200},
    "html 404": {"html": True, "status": 404},
    "html 502": {"html": True, "status": 502},
    "500": {"status": 500},
    "503": {"status": 503},
    "429": {"status": 429},
    "nonsense": {"status": 200, "body": "[]"},
    "other shape": {"status": 200, "body": '{"images": [{}], "status": 7}'},
}
LISTS = "/v2/images"


def fail(fake: FakeCloud, method: str, path: str, how: dict[str, Any]) -> None:
    fake.fail(method, path, times=None, **how)


def is_said(page: str) -> bool:
    return "Image API does not answer" in page and "req-" in page and "nothing" in page.lower()


@pytest.mark.parametrize("how", AWAY.values(), ids=AWAY)
def test_the_inbox_without_its_lists(fake: FakeCloud, consumer: Party, how: dict[str, Any]) -> None:
    fail(fake, "GET", LISTS, how)
    answer = consumer.client.get("/inbox/")
    assert answer.status_code == 503
    assert is_said(answer.content.decode())
    assert "Retry-After" in answer


@pytest.mark.parametrize("how", AWAY.values(), ids=AWAY)
def test_the_inbox_without_a_member(
    fake: FakeCloud, producer: Party, consumer: Party, how: dict[str, Any]
) -> None:
    image_id = a_share(fake, producer, consumer)
    fail(fake, "GET", f"/v2/images/{image_id}/members/*", how)
    assert consumer.client.get("/inbox/").status_code == 503


@pytest.mark.parametrize("call", ["", "/members/*"], ids=["image", "member"])
@pytest.mark.parametrize("how", AWAY.values(), ids=AWAY)
def test_a_share_without_its_image_or_member(
    fake: FakeCloud, producer: Party, consumer: Party, call: str, how: dict[str, Any]
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    fail(fake, "GET", f"/v2/images/{image_id}{call}", how)
    for answer in (
        consumer.client.get(share_url(image_id)),
        consumer.client.post(status_url(image_id), {"status": "accepted"}),
    ):
        assert answer.status_code == 503
        assert is_said(answer.content.decode())


@pytest.mark.parametrize("how", AWAY.values(), ids=AWAY)
def test_an_answer_that_is_not_taken_is_not_written_down(
    fake: FakeCloud, producer: Party, consumer: Party, how: dict[str, Any]
) -> None:
    image_id = a_share(fake, producer, consumer)
    fail(fake, "PUT", f"/v2/images/{image_id}/members/*", how)
    calls = len([call for call in fake.calls if call.startswith("PUT")])
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == 503
    assert len([call for call in fake.calls if call.startswith("PUT")]) == calls + 1  # no retry
    assert not HistoryEntry.objects.exists()
    page = consumer.client.get(share_url(image_id)).content.decode()
    assert "You had chosen “Show in my image list”" in page


@pytest.mark.parametrize("how", AWAY.values(), ids=AWAY)
def test_several_answers_that_are_not_taken(
    fake: FakeCloud, producer: Party, consumer: Party, how: dict[str, Any]
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(2)]
    fail(fake, "PUT", "/v2/images/*/members/*", how)
    form = {"image": images, "status": "accepted"}
    assert consumer.client.post("/inbox/", form).status_code == 503
    assert not HistoryEntry.objects.exists()
    assert inbox(consumer.client).count(" checked") == 2


@pytest.mark.parametrize(
    ("status", "expected"), [(401, 503), (403, 403), (404, 409), (409, 403), (413, 403), (400, 503)]
)
def test_what_the_api_refuses_is_said(
    fake: FakeCloud, producer: Party, consumer: Party, status: int, expected: int
) -> None:
    """A 401 for a token that Keystone takes is a fault of the Image API."""
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    fake.fail("PUT", f"/v2/images/{image_id}/members/*", status=status)
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert answer.status_code == expected
    assert b"<h1" in answer.content
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("status", [401, 403, 404, 409, 413, 400])
def test_several_that_the_api_refuses_are_named(
    fake: FakeCloud, producer: Party, consumer: Party, status: int
) -> None:
    images = [a_share(fake, producer, consumer, name=name) for name in ("good", "bad")]
    fake.fail("PUT", f"/v2/images/{images[1]}/members/*", status=status, times=None)
    form = {"image": images, "status": "accepted"}
    page = consumer.client.post("/inbox/", form, follow=True).content.decode()
    assert "bad: " in page
    assert "“good” is in your image list now." in page


@pytest.mark.parametrize("status", [401, 403, 404, 409, 413])
def test_lists_that_are_refused_are_no_bare_error(
    fake: FakeCloud, consumer: Party, status: int
) -> None:
    fake.fail("GET", LISTS, status=status, times=None)
    answer = consumer.client.get("/inbox/")
    assert answer.status_code in {403, 404, 503}
    assert b"<h1" in answer.content


def test_one_lost_connection_is_not_noticed(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.fail("GET", LISTS, refused=True, times=1)
    assert image_id in inbox(consumer.client)


def test_after_the_storm_nobody_has_to_sign_in(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.stop_glance()
    assert consumer.client.get("/inbox/").status_code == 503
    fake.start_glance()
    assert image_id in inbox(consumer.client)
