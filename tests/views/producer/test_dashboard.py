from django.urls import reverse

from sharing.models import Listing, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import element, said

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
