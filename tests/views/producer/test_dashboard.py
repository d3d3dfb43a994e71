import pytest
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, Listing, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_record
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said, source

URL = "/producer/"


def test_says_what_to_do_next_when_nothing_waits(producer: Party) -> None:
    answer = producer.client.get(URL)
    assert "Nothing waits for you" in said(answer)
    assert reverse("producer-images") in answer.content.decode()


def test_shows_the_requests_that_wait(producer: Party, ask: Ask) -> None:
    asked = ask()
    answer = producer.client.get(URL)
    assert "Requests waiting 1" in said(answer)
    assert "Debian 12 for the lab" in element(answer, "div", f'data-request="{asked.pk}"')


def test_counts_the_mails_that_failed(producer: Party, ask: Ask) -> None:
    ask()
    OutgoingMail.objects.update(state="failed")
    answer = producer.client.get(URL)
    assert "Mails that failed 1" in said(answer)
    assert f"{reverse('mail')}?state=failed" in answer.content.decode()


def test_names_the_listings_whose_image_is_gone(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    fake.delete_image(listing.image_id)
    producer.client.get(reverse("producer-image", args=[listing.image_id]))
    answer = producer.client.get(URL)
    assert "Listings whose image is gone 1" in said(answer)
    assert listing.title in element(answer, "div", f'data-listing="{listing.slug}"')


def test_shows_nothing_of_other_producers(stranger: Party, ask: Ask) -> None:
    ask()
    OutgoingMail.objects.update(state="failed")
    assert "Nothing waits for you" in said(stranger.client.get(URL))


def test_opens_while_the_cloud_is_away(fake: FakeCloud, producer: Party) -> None:
    fake.stop_glance()
    fake.stop_keystone()
    assert producer.client.get(URL).status_code == 200


def test_counts_the_shares_whose_day_has_come(producer: Party, consumer: Party, image: str) -> None:
    a_record(image, producer, consumer, ends_on=timezone.localdate())
    page = said(producer.client.get(URL))
    assert "Shares that should have ended 1" in page
    assert "Nothing waits for you" not in page


def test_shows_before_the_image_api_is_asked_anything(
    fake: FakeCloud, producer: Party, consumer: Party, ask: Ask
) -> None:
    """However many images and members there are: the figures follow in one request, the shares
    past their day in another."""
    asked = ask()
    for number in range(60):
        image = fake.image(producer.project, name=f"image-{number}")
        a_record(image, producer, consumer, ends_on=timezone.localdate())
    before = len(fake.calls)
    page = producer.client.get(URL)
    assert fake.calls[before:] == []
    assert f'data-request="{asked.pk}"' in source(page)
    assert source(page).partition("<main")[2].count('hx-trigger="load"') == 2


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "suppressed"])
def test_a_mail_that_did_not_fail_needs_nobody(producer: Party, ask: Ask, state: str) -> None:
    ask()
    OutgoingMail.objects.update(state=state)
    assert "Mails that failed" not in said(producer.client.get(URL))


@pytest.mark.parametrize("state", ["asked", "approved", "declined", "withdrawn"])
def test_a_request_that_is_not_open_needs_nobody(producer: Party, ask: Ask, state: str) -> None:
    AccessRequest.objects.filter(pk=ask().pk).update(state=state)
    assert "Requests waiting" not in said(producer.client.get(URL))
