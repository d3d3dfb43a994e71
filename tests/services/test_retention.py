"""What is forgotten, and what never is."""

import uuid
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from sharing import mail
from sharing.models import (
    AccessRequest,
    HistoryEntry,
    OutgoingMail,
    Report,
    RequestEvent,
    Share,
    Visit,
)
from sharing.services import retention
from tests.conftest import Party
from tests.postbox import work
from tests.visitor import PRODUCER, PROJECT, a_listing, a_request, page_of

pytestmark = pytest.mark.django_db


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def settled(days: float, state: str = "declined") -> AccessRequest:
    asked = a_request(a_listing(), state)
    RequestEvent.objects.filter(request=asked).update(at=ago(days))
    return asked


def a_share_of(asked: AccessRequest, **fields: Any) -> Share:
    return Share.objects.create(
        image_id=asked.listing.image_id,
        project_id=PROJECT,
        producer_project_id=PRODUCER,
        request=asked,
        shared_at=ago(800),
        **fields,
    )


def an_entry(days: float, **fields: Any) -> HistoryEntry:
    defaults = {"verb": "reminded", "producer_project_id": PRODUCER, "image_id": str(uuid.uuid4())}
    entry = HistoryEntry.objects.create(**(defaults | fields))
    HistoryEntry.objects.filter(pk=entry.pk).update(at=ago(days))
    return entry


def a_sent_mail(days: float, state: str = "sent") -> OutgoingMail:
    mail.declined(a_request(a_listing(), "declined", reason="No."))
    OutgoingMail.objects.update(created_at=ago(days), state=state)
    return OutgoingMail.objects.get()


@pytest.mark.parametrize("state", ["declined", "withdrawn", "expired", "approved"])
def test_a_request_that_is_over_is_kept_for_a_year(state: str) -> None:
    settled(364, state)
    old = settled(366, state)
    old.notes.create(text="known from the fair", by_id="u1", by_name="ada")
    assert retention.forget_old()["requests"] == 1
    assert not AccessRequest.objects.filter(pk=old.pk).exists()
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize("state", ["open", "asked"])
def test_one_that_waits_is_never_forgotten(state: str) -> None:
    settled(900, state)
    assert retention.forget_old()["requests"] == 0


def test_one_stays_as_long_as_the_share_that_it_led_to() -> None:
    share = a_share_of(settled(900, "approved"))
    assert retention.forget_old()["requests"] == 0
    Share.objects.update(removed_at=ago(1))
    assert retention.forget_old()["requests"] == 1
    share.refresh_from_db()
    assert share.request is None  # the share's own record stays


def test_one_whose_address_was_never_confirmed_goes_after_a_month() -> None:
    asked = a_request(a_listing(), "unconfirmed", confirm_until=ago(29))
    assert retention.forget_old()["requests"] == 0
    page_of(asked.get_absolute_url())
    AccessRequest.objects.update(confirm_until=ago(31))
    assert retention.forget_old()["requests"] == 1


@pytest.mark.parametrize("state", ["sent", "failed", "suppressed"])
def test_an_old_mail_loses_its_words_and_cannot_be_sent_again(state: str) -> None:
    one = a_sent_mail(91, state)
    assert retention.forget_old()["words of mails"] == 1
    one.refresh_from_db()
    assert (one.text, one.html, one.to, one.state) == ("", "", "chen@orchard.test", state)
    assert not one.can_be_retried
    assert retention.forget_old()["words of mails"] == 0


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_one_on_its_way_keeps_them(state: str) -> None:
    one = a_sent_mail(900, state)
    retention.forget_old()
    one.refresh_from_db()
    assert one.text
    assert one.html


def test_its_producer_reads_that_the_words_are_gone(producer: Party) -> None:
    listing = a_listing(project_id=producer.project.id)
    mail.declined(a_request(listing, "declined", reason="No."))
    OutgoingMail.objects.update(created_at=ago(91), state="failed")
    retention.forget_old()
    page = page_of("/producer/mail/", producer.client)
    assert "The words of old mails are not kept." in page
    assert "Send again" not in page
    assert "Nothing waits for you" in page_of("/producer/", producer.client)


def test_very_old_mails_go_but_those_of_a_share_that_stands() -> None:
    asked = settled(900, "approved")
    share = a_share_of(asked)
    for project_id in (PROJECT, "f" * 32):
        mail.declined(asked)
        last = OutgoingMail.objects.latest("pk")
        last.project_id, last.state = project_id, "sent"
        last.save()
    OutgoingMail.objects.update(created_at=ago(731))
    assert retention.forget_old()["mails"] == 1
    assert OutgoingMail.objects.get().project_id == share.project_id


def test_the_history_is_kept_for_two_years() -> None:
    an_entry(731)
    kept = an_entry(729)
    assert retention.forget_old()["history"] == 1
    assert HistoryEntry.objects.get() == kept


def test_what_the_page_of_a_share_needs_of_it_stays() -> None:
    asked = settled(1, "approved")
    share = a_share_of(asked)
    an_entry(900, image_id=share.image_id, verb="status_set", reason="Too old.")
    an_entry(900, verb="image_deleted")
    assert retention.forget_old()["history"] == 0


def test_reports_jobs_and_visits_have_their_time_too() -> None:
    facts = {"image_id": str(uuid.uuid4()), "producer_project_id": PRODUCER}
    Report.objects.create(reason="other", text="Look at it.", **facts)
    Report.objects.update(at=ago(366))
    Visit.objects.create(user_id="u1", project_id=PRODUCER, latest_at=ago(366))
    mail.declined(a_request(a_listing(), "declined", reason="No."))
    work()
    DBTaskResult.objects.update(finished_at=ago(15))
    forgotten = retention.forget_old()
    assert (forgotten["reports"], forgotten["visits"]) == (1, 1)
    assert forgotten["jobs"] == 1
    assert not any(retention.forget_old().values())


def test_zero_keeps_everything(settings: Settings) -> None:
    for name in ("REQUEST_DAYS", "MAIL_DAYS", "HISTORY_DAYS", "REPORT_DAYS", "JOB_DAYS"):
        setattr(settings, name, 0)
    settled(9000)
    a_sent_mail(9000)
    an_entry(9000)
    assert not any(retention.forget_old().values())


def test_a_command_does_it_and_says_how_many() -> None:
    settled(366)
    said = StringIO()
    call_command("forget_old_rows", stdout=said)
    assert "1 requests forgotten\n" in said.getvalue()


def test_more_than_a_batch_goes_too() -> None:
    HistoryEntry.objects.bulk_create(
        HistoryEntry(verb="reminded", producer_project_id=PRODUCER)
        for _ in range(retention.BATCH + 1)
    )
    HistoryEntry.objects.update(at=ago(731))
    assert retention.forget_old()["history"] == retention.BATCH + 1
