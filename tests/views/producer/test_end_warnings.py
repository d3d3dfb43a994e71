from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sharing import schedule
from sharing.models import HistoryEntry, Listing, OutgoingMail, Recipient, Share
from sharing.services import end_warnings
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.postbox import work
from tests.shares import a_listing_of, a_record
from tests.views.producer.ends import ends, in_days, kinds, member
from tests.views.producer.reading import said

__all__ = ["member"]


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-end", args=[image, consumer.project.id])


@pytest.mark.parametrize(
    ("days", "mails"),
    [(15, 0), (14, 1), (9, 1), (4, 1), (3, 1), (1, 1), (0, 1), (-1, 0)],
)
def test_both_sides_are_warned_from_14_days_before(
    producer: Party, image: str, member: Share, days: int, mails: int
) -> None:
    a_listing_of(image, producer)
    ends(days)
    assert end_warnings.warn() == mails
    both = [("ends_soon", "chen@orchard.test"), ("ends_soon_list", "images@acme.test")]
    assert kinds() == both[: 2 * mails]


def test_and_once_more_3_days_before(producer: Party, image: str, member: Share) -> None:
    ends(14)
    written = []
    for day in range(16):
        with time_machine.travel(timezone.now() + timedelta(days=day)):
            written.append(end_warnings.warn())
            end_warnings.warn()
    assert [day for day, count in enumerate(written) if count] == [0, 11]
    assert len(kinds()) == 2


def test_the_mails_say_what_ends_when(producer: Party, image: str, member: Share) -> None:
    a_listing_of(image, producer)
    ends(14)
    end_warnings.warn()
    to_consumer, to_producer = OutgoingMail.objects.order_by("pk")
    for text in (to_consumer.text, to_consumer.html):
        assert image in text
        assert str(in_days(14).year) in text
        assert "pending" not in text
    assert to_consumer.reply_to == "images@acme.test"
    assert to_consumer.unsubscribe_url
    assert member.project_id in to_producer.text
    assert "Nothing ends by itself" in to_producer.text


def test_the_producer_gets_one_mail_for_a_day(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    a_listing_of(image, producer)
    a_record(image, producer, stranger)
    ends(14)
    assert end_warnings.warn() == 2
    assert [kind for kind, _ in kinds()].count("ends_soon_list") == 1
    assert OutgoingMail.objects.get(kind="ends_soon_list").subject.startswith("2 shares end")


def test_another_date_is_warned_of_anew(producer: Party, url: str, member: Share) -> None:
    ends(14)
    end_warnings.warn()
    producer.client.post(url, {"ends_on": in_days(13).isoformat()})
    assert end_warnings.warn() == 1
    producer.client.post(url, {"ends_on": in_days(13).isoformat()})
    assert end_warnings.warn() == 0


def test_nobody_is_warned_of_what_is_removed_or_gone(
    producer: Party, image: str, member: Share
) -> None:
    ends(3)
    listing = a_listing_of(image, producer, unavailable_since=timezone.now())
    assert end_warnings.warn() == 0
    Listing.objects.filter(pk=listing.pk).update(unavailable_since=None)
    Share.objects.update(removed_at=timezone.now())
    assert end_warnings.warn() == 0


def test_the_worker_does_it_and_comes_again(member: Share) -> None:
    ends(3)
    schedule.ensure()
    schedule.ensure()
    waiting = DBTaskResult.objects.filter(task_path=schedule.warn_of_ends.module_path)
    assert waiting.count() == 1
    waiting.update(run_after=timezone.now() - timedelta(seconds=1))
    work()
    assert len(kinds()) == 1
    assert waiting.filter(status="READY").count() == 1


def test_a_command_does_it_too(member: Share) -> None:
    ends(3)
    out = StringIO()
    call_command("warn_of_ends", stdout=out)
    assert out.getvalue() == "1 shares warned of\n"
    assert len(kinds()) == 1


# Who hears of it


def test_history_says_who_was_told(
    producer: Party, stranger: Party, image: str, member: Share
) -> None:
    a_listing_of(image, producer)
    a_record(image, producer, stranger)
    ends(14)
    end_warnings.warn()
    told, not_told = HistoryEntry.objects.filter(verb="end_warned").order_by("pk")
    assert (told.project_id, told.detail) == (member.project_id, str(in_days(14)))
    assert not_told.detail == f"{in_days(14)}, not told: there is no contact"
    mail = OutgoingMail.objects.get(kind="ends_soon_list")
    for text in (mail.text, mail.html):
        assert "not told: there is no contact" in text
    page = producer.client.get(reverse("producer-share", args=[image, member.project_id]))
    assert "Told that the end is near" in said(page)


def test_who_stopped_the_mails_gets_none_and_the_producer_knows(
    producer: Party, image: str, member: Share
) -> None:
    a_listing_of(image, producer)
    Recipient.objects.create(
        producer_project_id=producer.project.id,
        email="chen@orchard.test",
        unsubscribed_at=timezone.now(),
    )
    ends(3)
    assert end_warnings.warn() == 1
    assert OutgoingMail.objects.get(kind="ends_soon").state == "suppressed"
    assert "has stopped your mails" in OutgoingMail.objects.get(kind="ends_soon_list").text


def test_a_producer_without_a_listing_gets_none_and_the_consumer_does(member: Share) -> None:
    ends(3)
    assert end_warnings.warn() == 1
    assert kinds() == [("ends_soon", "chen@orchard.test")]


def test_a_worker_that_was_off_writes_one_mail_and_not_two(member: Share) -> None:
    ends(10)
    for _ in range(3):
        end_warnings.warn()
    assert len(kinds()) == 1
    ends(2)
    for _ in range(3):
        end_warnings.warn()
    assert len(kinds()) == 2


def test_the_mail_claims_no_more_than_that_the_day_was_set(
    fake: FakeCloud, consumer: Party, image: str, member: Share
) -> None:
    """Another tool may have removed it: nobody can ask, and it must not be said to be there."""
    fake.remove_member(image, consumer.project)
    ends(14)
    before = len(fake.calls)
    end_warnings.warn()
    assert fake.calls[before:] == []
    mail = OutgoingMail.objects.get()
    assert "set a last day for sharing" in mail.text
    for claim in ("shares the image", "is shared", "still"):
        assert claim not in mail.text + mail.subject


@pytest.mark.parametrize(("hour", "warned"), [("00:01", 1), ("23:59", 1)])
def test_the_day_is_utcs(member: Share, hour: str, warned: int) -> None:
    Share.objects.update(ends_on="2030-06-15")
    with time_machine.travel(f"2030-05-31T{hour}:00+00:00", tick=False):
        assert end_warnings.warn() == 0
    with time_machine.travel(f"2030-06-01T{hour}:00+00:00", tick=False):
        assert end_warnings.warn() == warned
