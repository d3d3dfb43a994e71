"""A checksum is only ever that of the data an image has: on its page and on its listing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from sharing.models import Listing
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import source

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA512 = "cf83e1357eefb8bd" * 8


def owners_page(producer: Party, image: str) -> str:
    return source(producer.client.get(reverse("producer-image", args=[image])))


def public_page(producer: Party, listing: Listing) -> str:
    return source(producer.client.get(listing.get_absolute_url()))


def test_both_stand_on_both_pages_the_better_one_first(producer: Party, listing: Listing) -> None:
    for page in (owners_page(producer, listing.image_id), public_page(producer, listing)):
        assert f'data-copy="{SHA512}"' in page
        assert f'data-copy="{MD5}"' in page
        assert page.index("<dt>SHA512</dt>") < page.index("<dt>MD5</dt>")


def test_an_image_that_was_made_by_an_old_glance_has_only_md5(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    fake.change_image(listing.image_id, os_hash_algo=None, os_hash_value=None)
    for page in (owners_page(producer, listing.image_id), public_page(producer, listing)):
        assert "<dt>MD5</dt>" in page
        assert "SHA512" not in page


def test_the_listing_has_the_new_one_once_the_producer_was_there(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    fake.change_image(listing.image_id, checksum="0" * 32, os_hash_value="1" * 128)
    owners_page(producer, listing.image_id)
    page = public_page(producer, listing)
    assert "0" * 32 in page
    assert "1" * 128 in page
    assert MD5 not in page
    assert SHA512 not in page


@pytest.mark.parametrize("status", ["queued", "saving", "importing"])
def test_an_image_without_data_has_none(
    fake: FakeCloud, producer: Party, listing: Listing, status: str
) -> None:
    """A refused file leaves its checksum behind."""
    facts: dict[str, Any] = {"status": status, "size": None}
    fake.change_image(listing.image_id, **facts)
    for page in (owners_page(producer, listing.image_id), public_page(producer, listing)):
        assert MD5 not in page
        assert SHA512 not in page


def test_a_deactivated_image_keeps_its_own(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    fake.change_image(listing.image_id, status="deactivated")
    assert SHA512 in owners_page(producer, listing.image_id)
    assert SHA512 in public_page(producer, listing)
