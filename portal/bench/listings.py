"""Listings by the thousand, written straight into the portal's tables."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from portal.bench.numbering import PRODUCERS, listed_by, listed_image
from sharing.models import Listing, Tag
from sharing.services import catalogue

TAGS = 40
_SYSTEMS = ("ubuntu", "debian", "rocky", "fedora", "windows", "alpine", "opensuse", "centos")


def add_listings(count: int, *, first: int = 0) -> None:
    """So many, with consecutive numbers; the first is the newest."""
    listings = [_listing(number) for number in range(first, first + count)]
    tags = [Tag.objects.get_or_create(name=f"tag {number}")[0] for number in range(TAGS)]
    for number, listing in enumerate(listings, first):
        listing.search_text = catalogue.search_text(listing, [tags[number % TAGS].name])
    Listing.objects.bulk_create(listings, batch_size=500)
    tagged = Listing.tags.through
    tagged.objects.bulk_create(
        [
            tagged(listing_id=listing.pk, tag_id=tags[number % TAGS].pk)
            for number, listing in enumerate(listings, first)
        ],
        batch_size=400,
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as it does by itself within a minute


def _listing(number: int) -> Listing:
    return Listing(
        slug=f"listing-{number}",
        image_id=listed_image(number),
        project_id=listed_by(number),
        producer_name=f"producer {number % PRODUCERS}",
        state=Listing.State.PUBLISHED,
        title=f"Image {number}",
        summary="A fine image, rebuilt every week.",
        description="## What is in it\n\nThe system, *cloud-init* and nothing else.",
        contact_email=f"producer-{number % PRODUCERS}@portal.example",
        os_distro=_SYSTEMS[number % 8],
        os_version="24.04",
        architecture=("x86_64", "aarch64")[number % 2],
        disk_format=("qcow2", "raw", "iso")[number % 3],
        container_format="bare",
        size=600_000_000 + number,
        published_at=timezone.now() - timedelta(minutes=number),
    )
