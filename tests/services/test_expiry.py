"""What ends by itself when nobody does anything about it."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from sharing.models import AccessRequest, HistoryEntry, Listing, OutgoingMail, RequestEvent
from sharing.services import expiry, listings, requests
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.visitor import a_listing, a_request, page_of

pytestmark = pytest.mark.django_db


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def quiet_for(days: float, state: str = "open") -> AccessRequest:
    asked = a_request(a_listing(), state, reason="What for?" if state == "asked" else "")
    RequestEvent.objects.filter(request=asked).update(at=ago(days))
    return asked


def now_is(asked: AccessRequest) -> str:
    asked.refresh_from_db()
    return asked.state


def test_a_request_that_nobody_answered_expires_and_its_asker_is_told() -> None:
    asked = quiet_for(91)
    assert expiry.expire_requests() == 1
    assert now_is(asked) == "expired"
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to, mail.state) == ("request_expired", asked.email, "queued")
    for words in (mail.text, mail.html):
        assert "has not answered your request" in words
        assert asked.get_absolute_url() in words
    entry = HistoryEntry.objects.get(verb="request_expired")
    assert (entry.by_name, entry.project_id) == ("", asked.project_id)


def test_a_question_that_was_never_answered_is_in_the_mail() -> None:
    asked = quiet_for(91, "asked")
    assert expiry.expire_requests() == 1
    assert now_is(asked) == "expired"
    mail = OutgoingMail.objects.get()
    assert "no answer came" in mail.text
    assert "What for?" in mail.text


def test_whatever_happened_in_it_begins_the_time_anew() -> None:
    asked = quiet_for(91, "asked")
    requests.answer(request=asked, text="For the lab.")
    assert expiry.expire_requests() == 0
    assert now_is(asked) == "open"


def test_twice_it_writes_once() -> None:
    quiet_for(91)
    said = StringIO()
    call_command("expire_requests", stdout=said)
    call_command("expire_requests", stdout=said)
    assert said.getvalue() == "1 requests expired\n0 requests expired\n"
    assert OutgoingMail.objects.count() == 1
    assert RequestEvent.objects.filter(kind="expired").count() == 1


@pytest.mark.parametrize("state", ["unconfirmed", "approved", "declined", "withdrawn", "expired"])
def test_what_waits_for_nobody_does_not_expire(state: str) -> None:
    asked = quiet_for(400, state)
    assert expiry.expire_requests() == 0
    assert now_is(asked) == state


def test_one_that_is_just_decided_does_not_expire() -> None:
    asked = quiet_for(91)
    AccessRequest.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    assert expiry.expire_requests() == 0
    assert now_is(asked) == "open"


def test_how_long_is_a_setting(settings: Settings) -> None:
    asked = quiet_for(11)
    settings.REQUEST_EXPIRY_DAYS = 0
    assert expiry.expire_requests() == 0
    settings.REQUEST_EXPIRY_DAYS = 10
    assert expiry.expire_requests() == 1
    assert now_is(asked) == "expired"


def test_its_page_says_so_and_offers_to_ask_again() -> None:
    asked = quiet_for(91)
    expiry.expire_requests()
    page = page_of(asked.get_absolute_url())
    assert "No answer came in time" in page
    assert "kept for 365 days after the last step" in page
    assert reverse("request", args=[asked.listing.slug]) in page
    assert "Withdraw…" not in page
    Client().post(f"{asked.get_absolute_url()}withdraw/")
    assert now_is(asked) == "expired"


# Listings


def facts_of(days: float, **fields: Any) -> Listing:
    return a_listing(facts_at=ago(days), **fields)


def test_a_listing_that_nobody_checked_for_long_says_so() -> None:
    listing = facts_of(31)
    assert "data-stale" not in page_of(listing.get_absolute_url())
    assert expiry.flag_stale_listings() == 1
    assert expiry.flag_stale_listings() == 0
    page = page_of(listing.get_absolute_url())
    assert "data-stale" in page
    assert "Facts last checked:" in page


def test_one_that_was_checked_or_that_nobody_sees_is_not_flagged(settings: Settings) -> None:
    facts_of(29)
    facts_of(31, state="withdrawn")
    facts_of(31, unavailable_since=timezone.now())
    assert expiry.flag_stale_listings() == 0
    settings.LISTING_STALE_DAYS = 0
    facts_of(31)
    assert expiry.flag_stale_listings() == 0


def test_the_producer_reads_which_and_a_look_takes_the_flag_away(
    fake: FakeCloud, producer: Party
) -> None:
    image = fake.image(producer.project, name="noble")
    listing = facts_of(31, image_id=image, project_id=producer.project.id)
    expiry.flag_stale_listings()
    assert "Listings not checked for long" in page_of("/producer/", producer.client)
    page_of(f"/producer/images/{image}/listing/", producer.client)
    listing.refresh_from_db()
    assert listing.stale_since is None
    assert "Listings not checked for long" not in page_of("/producer/", producer.client)
    assert listings.of_image(image_id=image, project_id=producer.project.id) == listing
