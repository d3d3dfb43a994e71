"""Anyone may tell the operator of a listing, and a consumer of an image; nobody else reads it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import HistoryEntry, Listing, OutgoingMail, Report
from sharing.services.reports import REPORTS_PER_HOUR
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, share_url
from tests.visitor import a_listing, page_of

OPERATOR = "operator@cloud.test"
FORM = {"reason": "harmful", "text": "It calls <home>.", "email": "eve@visitor.test"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operator(settings: Any) -> None:
    settings.OPERATOR_EMAIL = OPERATOR


@pytest.fixture
def listing() -> Listing:
    return a_listing("Noble")


def of_listing(listing: Listing) -> str:
    return reverse("listing-report", args=[listing.slug])


def of_share(image_id: str) -> str:
    return reverse("share-report", args=[image_id])


def test_a_visitor_reports_a_listing(client: Client, listing: Listing) -> None:
    assert of_listing(listing) in page_of(listing.get_absolute_url())
    answer = client.post(of_listing(listing), FORM, follow=True)
    assert answer.redirect_chain == [(listing.get_absolute_url(), 302)]
    assert "has your report" in answer.content.decode()
    report = Report.objects.get()
    assert (report.listing, report.reason, report.text) == (listing, "harmful", FORM["text"])
    assert (report.by_name, report.email) == ("", "eve@visitor.test")
    assert report.request_id.startswith("req-")
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to, mail.reply_to) == ("reported", OPERATOR, "eve@visitor.test")
    assert "It calls &lt;home&gt;." in mail.html
    for fact in ("It calls <home>.", listing.image_id, listing.project_id, report.request_id):
        assert fact in mail.text


def test_a_consumer_reports_an_image(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    assert of_share(image_id) in page_of(share_url(image_id), consumer.client)
    answer = consumer.client.post(of_share(image_id), FORM)
    assert answer["Location"] == share_url(image_id)
    report = Report.objects.get()
    assert (report.image_name, report.listing) == ("noble", None)
    assert (report.by_name, report.by_project_id) == ("chen", consumer.project.id)
    assert report.producer_project_id == producer.project.id
    assert "chen reports noble" in OutgoingMail.objects.get().text


@pytest.mark.parametrize("is_removed", [True, False])
def test_also_one_that_is_not_shared_any_more(
    fake: FakeCloud, producer: Party, consumer: Party, is_removed: bool
) -> None:
    image_id = fake.image(producer.project)
    a_record(image_id, producer, consumer, removed_at=timezone.now() if is_removed else None)
    assert of_share(image_id) in page_of(share_url(image_id), consumer.client)
    assert consumer.client.post(of_share(image_id), FORM).status_code == 302
    assert Report.objects.get().producer_project_id == producer.project.id


def test_the_producer_is_not_told(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    consumer.client.post(of_share(image_id), FORM)
    assert OutgoingMail.objects.count() == 1
    assert not HistoryEntry.objects.exists()
    record = reverse("producer-share", args=[image_id, consumer.project.id])
    for path in (reverse("mail"), reverse("history"), reverse("producer"), record):
        text = page_of(path, producer.client)
        assert "Reported" not in text
        assert "eve@visitor.test" not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Choose what fits best."),
        ({"reason": "boring"}, "Select a valid choice"),
        ({"text": " "}, "This field is required"),
        ({"text": "x" * 2001}, "at most 2000 characters"),
        ({"text": "a\x00b"}, "Null characters"),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_nonsense_is_said_and_nothing_typed_is_lost(
    client: Client, listing: Listing, changes: dict[str, str], words: str
) -> None:
    typed = {**FORM, **changes}
    answer = client.post(of_listing(listing), typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    kept = "eve@visitor.test" if "email" not in changes else "It calls &lt;home&gt;."
    assert kept in text
    assert not Report.objects.exists()


def test_a_few_an_hour_from_one_address(client: Client, listing: Listing) -> None:
    for _ in range(REPORTS_PER_HOUR):
        assert client.post(of_listing(listing), FORM).status_code == 302
    answer = client.post(of_listing(listing), FORM)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert Report.objects.count() == OutgoingMail.objects.count() == REPORTS_PER_HOUR
    assert "It calls &lt;home&gt;." in page_of(of_listing(listing), client)
    other = client.post(of_listing(listing), FORM, REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 302


def test_without_an_operator_there_is_no_such_page(
    client: Client, listing: Listing, settings: Any
) -> None:
    settings.OPERATOR_EMAIL = ""
    assert of_listing(listing) not in page_of(listing.get_absolute_url())
    assert client.get(of_listing(listing)).status_code == 404
    assert client.post(of_listing(listing), FORM).status_code == 404


def test_a_listing_that_is_withdrawn_is_gone(client: Client) -> None:
    listing = a_listing(state=Listing.State.WITHDRAWN)
    assert client.get(of_listing(listing)).status_code == 410
    assert client.post(of_listing(listing), FORM).status_code == 410


def test_a_draft_and_a_stranger_find_nothing(
    client: Client, fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    draft = a_listing(state=Listing.State.DRAFT, published_at=None)
    assert client.get(of_listing(draft)).status_code == 404
    image_id = a_share(fake, producer, consumer)
    assert stranger.client.post(of_share(image_id), FORM).status_code == 404
    assert not Report.objects.exists()


def test_ones_own_image_is_ones_own(fake: FakeCloud, producer: Party) -> None:
    image_id = fake.image(producer.project)
    listing = a_listing_of(image_id, producer)
    page = reverse("producer-image", args=[image_id])
    assert producer.client.get(of_share(image_id))["Location"] == page
    assert of_listing(listing) not in page_of(listing.get_absolute_url(), producer.client)


def test_what_was_typed_survives_the_sign_in_and_the_cloud(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.fail("GET", f"/v2/images/{image_id}", html=True)
    assert consumer.client.post(of_share(image_id), FORM).status_code == 503
    assert "It calls &lt;home&gt;." in page_of(of_share(image_id), consumer.client)
    visitor = Client()
    answer = visitor.post(of_share(image_id), FORM)
    assert answer["Location"].startswith("/sign-in/?next=")


def test_a_listing_that_is_deleted_leaves_the_report(client: Client, listing: Listing) -> None:
    client.post(of_listing(listing), FORM)
    listing.delete()
    report = Report.objects.get()
    assert (report.listing, report.listing_title) == (None, "Noble")
