from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sharing import schedule
from sharing.models import Contact, HistoryEntry, Listing, OutgoingMail, Share
from sharing.services import ending
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.postbox import work
from tests.shares import a_listing_of, a_record, share_url
from tests.views.producer.reading import element, said, source, words

ENDED = "/producer/shares/ended/"
AS_PART = {"HX-Request": "true", "HX-Target": "figures"}


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-end", args=[image, consumer.project.id])


@pytest.fixture
def member(fake: FakeCloud, producer: Party, consumer: Party, image: str) -> Share:
    """A share made here, with a contact."""
    fake.member(image, consumer.project)
    Contact.objects.create(
        producer_project_id=producer.project.id,
        project_id=consumer.project.id,
        email="chen@orchard.test",
    )
    return a_record(image, producer, consumer)


def ends(days: int) -> None:
    Share.objects.update(ends_on=in_days(days), warned_days=None)


def kinds() -> list[tuple[str, str]]:
    mails = OutgoingMail.objects.filter(kind__startswith="ends_soon").order_by("pk")
    return [(mail.kind, mail.to) for mail in mails]


# The date


def test_a_share_gets_an_end(producer: Party, consumer: Party, url: str, member: Share) -> None:
    day = in_days(60)
    answer = producer.client.post(url, {"ends_on": day.isoformat()})
    assert answer.status_code == 302
    assert Share.objects.get().ends_on == day
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.detail) == ("end_date_set", f"– → {day}")
    assert f'datetime="{day}"' in source(producer.client.get(answer["Location"]))
    shown = source(consumer.client.get(share_url(member.image_id)))
    assert "Shared until" in shown
    assert f'datetime="{day}"' in shown


def test_the_end_can_be_taken_away(producer: Party, url: str, member: Share) -> None:
    ends(10)
    assert producer.client.post(url, {"ends_on": ""}).status_code == 302
    assert Share.objects.get().ends_on is None


def test_a_share_of_another_tool_can_have_an_end(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    producer.client.post(url, {"ends_on": in_days(5).isoformat()})
    assert Share.objects.get().ends_on == in_days(5)


def test_who_shares_can_say_until_when_and_the_mail_says_it(
    producer: Party, consumer: Party, image: str
) -> None:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(
        reverse("members", args=[image]), form | {"ends_on": in_days(30).isoformat()}
    )
    mail = OutgoingMail.objects.get(kind="shared")
    assert "Shared until" in mail.text
    assert "Shared until" in mail.html
    assert str(in_days(30).year) in mail.text


def test_shared_anew_it_has_no_end(
    producer: Party, consumer: Party, image: str, url: str, member: Share
) -> None:
    ends(10)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    producer.client.post(reverse("members", args=[image]), {"project_id": consumer.project.id})
    assert Share.objects.get().ends_on is None


@pytest.mark.parametrize(
    "typed", ["yesterday", "0000-00-00", "2001-01-01", "9999-12-31", "\0", "x" * 500, "2030-02-30"]
)
def test_what_is_no_day_to_come_is_said_at_the_field(
    producer: Party, url: str, member: Share, typed: str
) -> None:
    answer = producer.client.post(url, {"ends_on": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in source(answer)
    assert Share.objects.get().ends_on is None


def test_today_is_too_late_to_begin_with(producer: Party, url: str, member: Share) -> None:
    answer = producer.client.post(url, {"ends_on": in_days(0).isoformat()})
    assert "not in the future" in said(answer)


def test_who_may_set_it(
    producer: Party, consumer: Party, stranger: Party, url: str, member: Share
) -> None:
    form = {"ends_on": in_days(9).isoformat()}
    for party in (consumer, stranger):
        assert party.client.post(url, form).status_code == 404
    assert Share.objects.get().ends_on is None


def test_who_is_no_member_has_no_end(producer: Party, url: str) -> None:
    assert producer.client.post(url, {"ends_on": in_days(9).isoformat()}).status_code == 404


def test_a_cloud_that_is_away_loses_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, member: Share
) -> None:
    fake.stop_glance()
    assert producer.client.post(url, {"ends_on": in_days(9).isoformat()}).status_code == 503
    fake.start_glance()
    page = producer.client.get(reverse("producer-share", args=[image, consumer.project.id]))
    assert f'value="{in_days(9)}"' in source(page)


# The warnings


@pytest.mark.parametrize(
    ("days", "mails"),
    [(15, 0), (14, 1), (9, 1), (4, 1), (3, 1), (1, 1), (0, 1), (-1, 0)],
)
def test_both_sides_are_warned_from_14_days_before(
    producer: Party, image: str, member: Share, days: int, mails: int
) -> None:
    a_listing_of(image, producer)
    ends(days)
    assert ending.warn() == mails
    both = [("ends_soon", "chen@orchard.test"), ("ends_soon_list", "images@acme.test")]
    assert kinds() == both[: 2 * mails]


def test_and_once_more_3_days_before(producer: Party, image: str, member: Share) -> None:
    ends(14)
    written = []
    for day in range(16):
        with time_machine.travel(timezone.now() + timedelta(days=day)):
            written.append(ending.warn())
            ending.warn()
    assert [day for day, count in enumerate(written) if count] == [0, 11]
    assert len(kinds()) == 2


def test_the_mails_say_what_ends_when(producer: Party, image: str, member: Share) -> None:
    a_listing_of(image, producer)
    ends(14)
    ending.warn()
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
    assert ending.warn() == 2
    assert [kind for kind, _ in kinds()].count("ends_soon_list") == 1
    assert OutgoingMail.objects.get(kind="ends_soon_list").subject.startswith("2 shares end")


def test_another_date_is_warned_of_anew(producer: Party, url: str, member: Share) -> None:
    ends(14)
    ending.warn()
    producer.client.post(url, {"ends_on": in_days(13).isoformat()})
    assert ending.warn() == 1
    producer.client.post(url, {"ends_on": in_days(13).isoformat()})
    assert ending.warn() == 0


def test_nobody_is_warned_of_what_is_removed_or_gone(
    producer: Party, image: str, member: Share
) -> None:
    ends(3)
    listing = a_listing_of(image, producer, unavailable_since=timezone.now())
    assert ending.warn() == 0
    Listing.objects.filter(pk=listing.pk).update(unavailable_since=None)
    Share.objects.update(removed_at=timezone.now())
    assert ending.warn() == 0


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


# The day itself


def keys(*shares: Share) -> list[str]:
    return [f"{share.image_id}/{share.project_id}" for share in shares]


def test_on_the_day_it_waits_for_the_producer(
    producer: Party, consumer: Party, member: Share
) -> None:
    ends(1)
    assert "No share is past its day" in said(producer.client.get(ENDED))
    ends(0)
    late = producer.client.get("/producer/figures/", headers=AS_PART)
    for answer in (producer.client.get(ENDED), late):
        row = element(answer, "tr", f'data-project="{consumer.project.id}"')
        assert "noble" in row
        assert "Waiting" in row


def test_the_dashboard_asks_nobody_before_it_shows(
    fake: FakeCloud, producer: Party, member: Share
) -> None:
    for day in (1, 0):
        ends(day)
        before = len(fake.calls)
        page = said(producer.client.get("/producer/"))
        assert ("Shares that should have ended" in page) == (day == 0)
        assert fake.calls[before:] == []


def test_what_another_tool_removed_has_ended(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.remove_member(image, consumer.project)
    assert "No share is past its day" in said(producer.client.get(ENDED))


def test_removes_all_that_are_ticked_at_once(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(-2)
    answer = producer.client.post(ENDED, {"share": keys(member, other), "do": "remove"})
    assert answer.status_code == 302
    assert "2 shares removed." in said(producer.client.get(ENDED))
    assert fake.member_status(image, consumer.project) is None
    assert fake.member_status(image, stranger.project) is None
    assert OutgoingMail.objects.get(kind="removed").to == "chen@orchard.test"
    assert HistoryEntry.objects.filter(verb="member_removed").count() == 2


def test_extends_those_that_are_ticked(
    fake: FakeCloud, producer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(0)
    form = {"share": keys(member), "do": "extend", "ends_on": in_days(30).isoformat()}
    assert producer.client.post(ENDED, form).status_code == 302
    member.refresh_from_db()
    other.refresh_from_db()
    assert (member.ends_on, other.ends_on) == (in_days(30), in_days(0))
    assert member.warned_days is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"do": "remove"}, "tick at least one"),
        ({"do": "extend"}, "Say until when."),
        ({"do": "extend", "ends_on": "2001-01-01"}, "not in the future"),
        ({"do": "explode"}, "is not one of these"),
        ({}, "Say what to do"),
    ],
)
def test_mistakes_are_said_and_the_ticks_stay(
    producer: Party, member: Share, form: dict[str, str], why: str
) -> None:
    ends(0)
    ticked = keys(member) if "tick" not in why else []
    answer = producer.client.post(ENDED, form | {"share": ticked})
    assert answer.status_code == 422
    assert why in said(answer)
    assert source(answer).count(" checked") == len(ticked)


@pytest.mark.parametrize("key", ["x", "../..", "\0", "/", "0" * 5000])
def test_nonsense_is_a_mistake(producer: Party, member: Share, key: str) -> None:
    ends(0)
    assert producer.client.post(ENDED, {"share": [key], "do": "remove"}).status_code == 422


def test_a_share_of_others_or_one_that_has_time_left_is_left_alone(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    ends(0)
    stranger.client.post(ENDED, {"share": keys(member), "do": "remove"})
    ends(5)
    answer = producer.client.post(ENDED, {"share": keys(member), "do": "remove"}, follow=True)
    assert "somebody else was faster" in said(answer)
    assert fake.member_status(image, consumer.project) == "pending"


def test_one_that_cannot_be_removed_stops_no_other(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, member: Share
) -> None:
    fake.member(image, stranger.project)
    other = a_record(image, producer, stranger)
    ends(0)
    fake.remove_member(image, consumer.project)
    answer = producer.client.post(
        ENDED, {"share": keys(member, other), "do": "remove"}, follow=True
    )
    assert "1 share removed." in said(answer)
    assert "not a member of the image (any more)" in said(answer)


def test_who_may_not_is_told_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, member: Share
) -> None:
    ends(0)
    fake.fail("DELETE", "*", status=403)
    answer = producer.client.post(ENDED, {"share": keys(member), "do": "remove"}, follow=True)
    assert "does not allow you" in said(answer)
    assert fake.member_status(image, consumer.project) == "pending"


def test_while_the_image_api_is_away_the_dashboard_lists_them_all_the_same(
    fake: FakeCloud, producer: Party, consumer: Party, member: Share
) -> None:
    ends(0)
    fake.stop_glance()
    answer = producer.client.get("/producer/")
    assert answer.status_code == 200
    assert "not asked" in element(answer, "tr", f'data-project="{consumer.project.id}"')
    late = producer.client.get("/producer/figures/", headers=AS_PART)
    assert "figures are not available" in words(source(late))
    assert producer.client.post(ENDED, {"share": keys(member), "do": "remove"}).status_code == 503
