"""The private feed: what it tells, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import Share, Sighting, Succession
from sharing.services import inbox_feeds, keys, sightings
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.feeds import ReadEntry, read_feed
from tests.shares import a_listing_of, a_record, a_share, inbox, status_url
from tests.views.test_inbox_feeds import make

NASTY = "<b>&amp;</b> \x01\ufffe ]]>"
NOT_SEEN = "No look into the inbox of orchard has been written down since."
SEEN = "It was waiting for an answer when someone of orchard last looked, on "


def share_here(producer: Party, consumer: Party, image_id: str, **fields: str) -> None:
    url = reverse("members", args=[image_id])
    answer = producer.client.post(url, {"project_id": consumer.project.id} | fields)
    assert answer.status_code == 302, answer.content.decode()


def only_entry(address: str) -> ReadEntry:
    [entry] = read_feed(address).entries
    return entry


@pytest.fixture
def feed(consumer: Party) -> str:
    return make(consumer)


@pytest.fixture
def image(fake: FakeCloud, producer: Party) -> str:
    return fake.image(producer.project, name="noble")


def test_it_tells_of_a_share_at_once(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image, note="For <b>you</b>.")
    entry = only_entry(feed)
    assert entry.title == "Shared with orchard: noble"
    assert entry.author == "acme-images"
    assert entry.link == f"http://localhost/shares/{image}/?project={consumer.project.id}"
    assert entry.updated == Share.objects.get().shared_at
    assert "For &lt;b&gt;you&lt;/b&gt;." in entry.html
    assert NOT_SEEN in entry.html
    assert image in entry.html


def test_a_look_at_the_inbox_is_told_with_its_time(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    before = only_entry(feed)
    inbox(consumer.client)
    after = only_entry(feed)
    assert (after.id, after.updated) == (before.id, before.updated)
    assert SEEN in after.html
    assert NOT_SEEN not in after.html
    assert "last opened the inbox on" in read_feed(feed).subtitle


def test_what_was_answered_here_waits_no_more(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    inbox(consumer.client)
    consumer.client.post(status_url(image), {"status": "accepted"})
    assert read_feed(feed).titles == []


def test_what_was_put_off_goes_on_waiting(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    for status in ("rejected", "pending"):
        consumer.client.post(status_url(image), {"status": status})
    assert read_feed(feed).titles == ["Shared with orchard: noble"]


def test_what_was_answered_elsewhere_is_out_after_the_next_look(
    fake: FakeCloud, feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    Sighting.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    Share.objects.update(shared_at=timezone.now() - timedelta(hours=1))
    fake.member(image, consumer.project, "accepted")
    assert read_feed(feed).titles == ["Shared with orchard: noble"]  # nobody could know
    inbox(consumer.client)
    assert read_feed(feed).titles == []


def test_what_another_tool_shared_is_told_after_a_look(
    fake: FakeCloud, feed: str, producer: Party, consumer: Party
) -> None:
    image = a_share(fake, producer, consumer)
    assert read_feed(feed).titles == []
    inbox(consumer.client)
    entry = only_entry(feed)
    assert entry.title == "Seen in the inbox of orchard: noble"
    assert entry.author == producer.project.id
    assert SEEN in entry.html
    a_listing_of(image, producer)
    inbox(consumer.client)
    again = only_entry(feed)
    assert (again.id, again.author) == (entry.id, "Acme Images")


def test_what_waits_when_the_feed_is_made_is_in_it(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    assert read_feed(make(consumer)).titles == ["Seen in the inbox of orchard: noble"]


def test_a_new_version_is_called_one_to_who_had_the_old(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    Succession.objects.create(
        producer_project_id=producer.project.id,
        old_image_id="old",
        old_name="jammy",
        new_image_id=image,
        note="Newer.",
    )
    share_here(producer, consumer, image)
    assert only_entry(feed).title == "Shared with orchard: noble"
    a_record("old", producer, consumer, removed_at=timezone.now() - timedelta(days=99))
    entry = only_entry(feed)
    assert entry.title == "New version shared with orchard: noble"
    assert "a new version of jammy" in entry.html


def test_what_was_taken_back_is_said(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    assert only_entry(feed).title == "No longer shared with orchard: noble"
    Share.objects.update(removed_at=timezone.now() - timedelta(days=31))
    assert read_feed(feed).titles == []


def test_an_end_is_told_14_days_before_and_moves_with_its_date(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    today = timezone.now().date()
    far, near = today + timedelta(days=15), today + timedelta(days=14)
    share_here(producer, consumer, image, ends_on=str(far))
    consumer.client.post(status_url(image), {"status": "accepted"})
    assert read_feed(feed).titles == []
    url = reverse("member-end", args=[image, consumer.project.id])
    assert producer.client.post(url, {"ends_on": str(near)}).status_code == 302
    entry = only_entry(feed)
    assert entry.title.startswith("Shared with orchard until ")
    assert entry.id.endswith(f"#ends-{near}")
    assert "Nothing ends by itself" in entry.html


def test_shared_again_is_another_entry(
    feed: str, producer: Party, consumer: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    first = only_entry(feed)
    Share.objects.update(shared_at=timezone.now() + timedelta(minutes=2))
    assert only_entry(feed).id != first.id


def test_other_projects_shares_are_not_in_it(
    fake: FakeCloud, feed: str, producer: Party, stranger: Party, image: str
) -> None:
    share_here(producer, stranger, image)
    a_share(fake, producer, stranger)
    other = make(stranger)
    inbox(stranger.client)
    assert len(read_feed(other).entries) == 2
    assert read_feed(feed).titles == []


def test_an_image_with_the_same_id_of_another_producer_is_another(
    feed: str, producer: Party, consumer: Party, stranger: Party, image: str
) -> None:
    share_here(producer, consumer, image)
    a_record(image, stranger, consumer, image_name="false", shared_at=timezone.now() - timedelta(1))
    inbox(consumer.client)
    assert read_feed(feed).titles == ["Shared with orchard: noble"]


def test_names_that_are_markup_break_nothing(
    fake: FakeCloud, feed: str, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer, name=NASTY)
    inbox(consumer.client)
    title = only_entry(feed).title
    assert title.startswith("Seen in the inbox of orchard: <b>&amp;</b>")
    assert title.endswith("]]>")


def test_more_than_are_kept_leave_the_records_alone(
    fake: FakeCloud, feed: str, producer: Party, consumer: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "MOST", 1)
    for name in ("one", "two"):
        image = a_share(fake, producer, consumer, name=name)
        a_record(
            image, producer, consumer, image_name=name, shared_at=timezone.now() - timedelta(1)
        )
    inbox(consumer.client)
    assert not Sighting.objects.get().is_whole
    assert len(read_feed(feed).entries) == 2


def test_who_has_it_is_told_so(feed: str, producer: Party, consumer: Party, image: str) -> None:
    share_here(producer, consumer, image)
    tag = Client().get(feed).headers["ETag"]
    assert Client().get(feed, headers={"If-None-Match": tag}).status_code == 304
    inbox(consumer.client)
    assert Client().get(feed, headers={"If-None-Match": tag}).status_code == 200


def test_it_is_kept_by_nobody_and_leads_nobody_back(feed: str) -> None:
    answer = Client().get(feed)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert feed.encode() not in answer.content
    assert Client().head(feed).status_code == 200


def test_a_wrong_address_is_any_page_that_is_not_there(feed: str) -> None:
    for address in (feed.replace(".atom", "x.atom"), "/feeds/x.atom"):
        answer = Client().get(address)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


def test_an_address_is_not_fetched_all_the_time(
    feed: str, consumer: Party, stranger: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_feeds, "FETCHES", 2)
    codes = [Client().get(feed).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert int(Client().get(feed).headers["Retry-After"]) > 0
    assert Client().get(make(stranger)).status_code == 200


def test_who_tries_keys_is_stopped_and_others_are_not(
    feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "WRONG_ONES", 2)
    codes = [Client().get("/feeds/x.atom").status_code for _ in range(3)]
    assert codes == [404, 404, 429]
    assert Client().get(feed).status_code == 200


def test_the_log_hides_the_address(
    feed: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbox_feeds, "FETCHES", 1)
    assert [Client().get(feed).status_code for _ in range(2)] == [200, 429]
    assert "/feeds/<slug:key>.atom" in caplog.text
    assert feed not in caplog.text
