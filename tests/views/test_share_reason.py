"""Why a consumer hides an image: told to the producer, and to nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.share_page import a_reason_reaches_the_producer
from tests.shares import a_listing_of, a_share, share_url, status_url
from tests.views.test_shares_scenarios import letters
from tests.visitor import page_of

WHY = "Too large <for> us."


@pytest.fixture
def image(fake: FakeCloud, producer: Party, consumer: Party) -> str:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer, contact_email="images@acme.test")
    return image_id


def say(consumer: Party, image_id: str, status: str = "rejected", reason: str = WHY) -> int:
    form = {"status": status, "reason": reason}
    return consumer.client.post(status_url(image_id), form).status_code


def test_it_reaches_the_producer(producer: Party, consumer: Party) -> None:
    a_reason_reaches_the_producer(producer, consumer, letters)


def test_it_is_kept_with_the_answer(consumer: Party, image: str) -> None:
    assert say(consumer, image) == 302
    row = HistoryEntry.objects.get()
    assert (row.detail, row.reason) == ("rejected", WHY)
    mail = OutgoingMail.objects.get()
    assert WHY in mail.text
    assert "Too large &lt;for&gt; us." in mail.html


def test_it_goes_with_hiding_only(fake: FakeCloud, consumer: Party, image: str) -> None:
    assert say(consumer, image, "accepted") == 302
    assert HistoryEntry.objects.get().reason == ""
    assert WHY not in OutgoingMail.objects.get().text


def test_it_can_be_said_afterwards_and_once(consumer: Party, image: str) -> None:
    say(consumer, image, reason="")
    assert "Tell the producer why" in page_of(share_url(image), consumer.client)
    for _ in range(2):
        assert say(consumer, image) == 302
    assert [row.reason for row in HistoryEntry.objects.order_by("pk")] == ["", WHY]
    assert OutgoingMail.objects.count() == 2
    assert "Too large &lt;for&gt; us." in page_of(share_url(image), consumer.client)


def test_without_a_reason_again_nothing_is_told(consumer: Party, image: str) -> None:
    say(consumer, image)
    say(consumer, image, reason="")
    assert HistoryEntry.objects.count() == OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("reason", ["x" * 501, "a\x00b"])
def test_one_that_is_none_is_shown_again(
    fake: FakeCloud, consumer: Party, image: str, reason: str
) -> None:
    answer = consumer.client.post(status_url(image), {"status": "rejected", "reason": reason})
    assert answer.status_code == 422
    assert reason.replace("\x00", "") in answer.content.decode().replace("\x00", "")
    assert fake.member_status(image, consumer.project) == "pending"


def test_the_longest_one_is_taken_whole(consumer: Party, image: str) -> None:
    assert say(consumer, image, reason="x" * 500) == 302
    assert HistoryEntry.objects.get().reason == "x" * 500


def test_it_survives_a_cloud_that_is_away(fake: FakeCloud, consumer: Party, image: str) -> None:
    fake.fail("PUT", "/v2/images/*", html=True)
    assert say(consumer, image) == 503
    page = page_of(share_url(image), consumer.client)
    assert "You had chosen “Hide from my image list”" in page
    assert "Too large &lt;for&gt; us." in page


def test_the_producer_reads_it_where_the_share_is(
    producer: Party, consumer: Party, image: str
) -> None:
    say(consumer, image)
    record = reverse("producer-share", args=[image, consumer.project.id])
    for path in (record, reverse("history"), reverse("producer")):
        assert "Too large &lt;for&gt; us." in page_of(path, producer.client)


def test_a_reason_of_an_earlier_no_is_not_that_of_a_yes(
    producer: Party, consumer: Party, image: str
) -> None:
    say(consumer, image)
    say(consumer, image, "accepted")
    record = page_of(reverse("producer-share", args=[image, consumer.project.id]), producer.client)
    assert "data-reason" not in record


@pytest.mark.parametrize("is_after", [True, False])
def test_it_stands_with_what_was_answered_previously(
    consumer: Party, image: str, is_after: bool
) -> None:
    if is_after:
        say(consumer, image, reason="")
    say(consumer, image)
    say(consumer, image, "pending")
    text = page_of(share_url(image), consumer.client)
    assert "Previously you rejected it" in text
    assert "Too large &lt;for&gt; us." in text


def test_to_strangers_it_is_not_told(
    fake: FakeCloud, consumer: Party, stranger: Party, image: str
) -> None:
    fake.member(image, stranger.project)
    say(consumer, image)
    assert "Too large" not in page_of(share_url(image), stranger.client)
