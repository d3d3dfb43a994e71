"""An image that is gone, and its listing, which is not."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import HistoryEntry, Listing
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import LISTING
from tests.views.producer.reading import element, said


@pytest.fixture
def gone(fake: FakeCloud, listing: Listing) -> Listing:
    fake.delete_image(listing.image_id)
    return listing


def test_its_page_says_so_and_leads_to_the_listing(
    producer: Party, gone: Listing, image_page: str
) -> None:
    answer = producer.client.get(image_page)
    assert answer.status_code == 200
    assert "The image is gone" in said(answer)
    assert reverse("listing-edit", args=[gone.image_id]) in answer.content.decode()


def test_looking_makes_the_listing_unavailable_once(
    producer: Party, gone: Listing, image_page: str
) -> None:
    producer.client.get(image_page)
    producer.client.get(image_page)
    gone.refresh_from_db()
    assert gone.is_unavailable
    assert HistoryEntry.objects.filter(verb="listing_unavailable").count() == 1
    assert gone.title not in said(Client().get("/"))
    assert Client().get(gone.get_absolute_url()).status_code == 410


def test_it_cannot_be_published_and_keeps_what_was_typed(producer: Party, gone: Listing) -> None:
    url = reverse("listing-edit", args=[gone.image_id])
    answer = producer.client.post(url, LISTING | {"title": "Try"})
    assert answer.status_code == 422
    assert "The image is gone" in element(answer, "div", "data-errors")
    assert 'value="Try"' in answer.content.decode()


def test_it_can_be_withdrawn(producer: Party, gone: Listing) -> None:
    url = reverse("listing-edit", args=[gone.image_id])
    assert "Withdraw the listing" in said(producer.client.get(url))
    assert producer.client.post(url, LISTING | {"state": "withdrawn"}).status_code == 302
    gone.refresh_from_db()
    assert gone.is_withdrawn


def test_for_others_there_is_nothing(stranger: Party, gone: Listing, image_page: str) -> None:
    assert stranger.client.get(image_page).status_code == 404
    url = reverse("listing-edit", args=[gone.image_id])
    assert stranger.client.get(url).status_code == 404
    assert stranger.client.post(url, LISTING | {"state": "withdrawn"}).status_code == 404
    gone.refresh_from_db()
    assert not gone.is_unavailable


def test_when_it_is_back_so_is_the_listing(
    producer: Party, listing: Listing, image_page: str
) -> None:
    Listing.objects.update(unavailable_since=listing.created_at)
    producer.client.get(image_page)
    listing.refresh_from_db()
    assert listing.is_published


@pytest.mark.parametrize("status", ["deleted", "pending_delete"])
def test_one_being_deleted_is_gone_already(
    fake: FakeCloud, producer: Party, listing: Listing, image_page: str, status: str
) -> None:
    fake.change_image(listing.image_id, status=status)
    assert "being deleted" in said(producer.client.get(image_page))
    listing.refresh_from_db()
    assert listing.is_unavailable
    url = reverse("listing-edit", args=[listing.image_id])
    assert producer.client.post(url, LISTING).status_code == 422


def test_one_given_to_another_project_is_gone_for_this_one(
    fake: FakeCloud, producer: Party, stranger: Party, listing: Listing, image_page: str
) -> None:
    fake.glance.images.images[listing.image_id].owner = stranger.project.id
    assert "no longer your project’s" in said(producer.client.get(image_page))
    assert stranger.client.get(image_page).status_code == 200


def test_in_another_region_it_is_not_gone(fake: FakeCloud, producer: Party) -> None:
    fake.regions("east", "west")
    sign_in(producer)
    image = fake.image(producer.project, region="east")
    edit = reverse("listing-edit", args=[image])
    assert producer.client.post(edit, LISTING).status_code == 302
    producer.client.post(reverse("scope"), {"region": "west", "next": "/"})
    page = producer.client.get(reverse("producer-image", args=[image]))
    assert "The image is in another region" in said(page)
    assert Listing.objects.get().is_published
    answer = producer.client.post(edit, LISTING)
    assert answer.status_code == 422
    assert "region “east”" in element(answer, "div", "data-errors")


def sign_in(party: Party) -> None:
    form = {"method": "password", "username": party.name, "password": "correct horse"}
    party.client.post(reverse("sign-in"), form | {"domain": "Default"})
