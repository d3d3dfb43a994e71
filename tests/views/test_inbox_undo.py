"""Ten seconds to think better of an answer."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sharing.models import HistoryEntry, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_share, by_another_tool, inbox, share_url, status_url

URL, UNDO = "/inbox/", "/inbox/undo/"


def answer(party: Party, images: list[str], status: str = "accepted") -> str:
    """Give it; the page that follows."""
    form = {"image": images, "status": status}
    return party.client.post(URL, form, follow=True).content.decode()


def keys(page: str) -> list[str]:
    return re.findall(r'name="undo" value="([^"]+)"', page)


def undo(party: Party, key: str) -> str:
    page = party.client.post(UNDO, {"undo": key}, follow=True)
    return html.unescape(page.content.decode())


def statuses(fake: FakeCloud, party: Party, images: list[str]) -> list[str | None]:
    return [fake.member_status(image_id, party.project) for image_id in images]


@pytest.mark.parametrize("before", ["pending", "rejected"])
def test_each_share_goes_back_to_the_status_it_had(
    fake: FakeCloud, producer: Party, consumer: Party, before: str
) -> None:
    images = [a_share(fake, producer, consumer, one) for one in (before, before, "accepted")]
    [key] = keys(answer(consumer, images))
    assert "Undone: 2 images are as they were." in undo(consumer, key)
    assert statuses(fake, consumer, images) == [before, before, "accepted"]


def test_statuses_that_differed_differ_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer, one) for one in ("pending", "rejected")]
    [key] = keys(answer(consumer, images))
    undo(consumer, key)
    assert statuses(fake, consumer, images) == ["pending", "rejected"]


def test_it_is_written_down_and_the_producer_told(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    [key] = keys(answer(consumer, [image_id]))
    undo(consumer, key)
    said = HistoryEntry.objects.order_by("pk").values_list("detail", flat=True)
    assert list(said) == ["accepted", "pending"]
    assert OutgoingMail.objects.filter(kind="answered").count() == 2


def test_an_answer_on_the_shares_page_can_be_undone_there(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    page = consumer.client.post(
        status_url(image_id), {"status": "rejected"}, headers={"Referer": share_url(image_id)},
        follow=True,
    )  # fmt: skip
    [key] = keys(page.content.decode())
    assert "Undone: “noble” is as it was." in undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_what_changed_nothing_has_nothing_to_undo(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert keys(answer(consumer, [image_id], "pending")) == []


def test_two_answers_within_ten_seconds_can_both_be_undone(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(2)]
    answer(consumer, images[:1])
    both = keys(answer(consumer, images[1:], "rejected"))
    assert len(both) == 2
    for key in both:
        undo(consumer, key)
    assert statuses(fake, consumer, images) == ["pending", "pending"]


def test_after_ten_seconds_an_answer_is_not_offered_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer) for _ in range(2)]
    answer(consumer, images[:1])
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert len(keys(answer(consumer, images[1:]))) == 1


@pytest.mark.parametrize("seconds", [9, 100])
def test_a_slow_hand_is_in_time(
    fake: FakeCloud, producer: Party, consumer: Party, seconds: int
) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_too_late_is_said(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert "It is too late to undo that." in undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "accepted"


@pytest.mark.parametrize("key", ["", "x", "\x00", "é" * 300])
def test_nonsense_undoes_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, key: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    answer(consumer, [image_id])
    assert "It is too late to undo that." in undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_what_someone_else_changed_since_stays_so(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    images = [a_share(fake, producer, consumer, name=name) for name in ("mine", "theirs")]
    [key] = keys(answer(consumer, images))
    by_another_tool(consumer, images[1], "rejected")
    page = undo(consumer, key)
    assert "Undone: “mine” is as it was." in page
    assert "theirs: It was hidden from the image list meanwhile, by another tool." in page
    assert statuses(fake, consumer, images) == ["pending", "rejected"]


def test_what_was_changed_and_changed_back_since_stays_so(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        by_another_tool(consumer, image_id, "rejected")
        by_another_tool(consumer, image_id, "accepted")
        assert "shown in the image list meanwhile" in undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "accepted"


def test_what_was_removed_since_is_said(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    producer.client.post(f"/producer/images/{image_id}/members/{consumer.project.id}/remove/")
    assert "noble: The image is gone" in undo(consumer, key)


def test_with_the_image_api_away_it_can_be_tried_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    fake.stop_glance()
    assert consumer.client.post(UNDO, {"undo": key}).status_code == 503
    fake.start_glance()
    undo(consumer, key)
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_nobody_else_can_undo_it(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    [key] = keys(answer(consumer, [image_id]))
    undo(stranger, key)
    assert fake.member_status(image_id, consumer.project) == "accepted"
    assert key not in inbox(stranger.client)
