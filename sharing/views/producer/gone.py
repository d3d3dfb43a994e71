"""The page of an image that is gone, for the project that has a listing of it."""

from __future__ import annotations

from django.http import HttpResponse

from sharing.http import SignedInRequest
from sharing.models import Listing
from sharing.partials import render_page
from sharing.services import listings
from sharing.views.access import own_listing


def page(request: SignedInRequest, image_id: str) -> HttpResponse:
    """404 for a project that has no listing of it: for that one there never was an image."""
    listing = listing_of(request, image_id)
    return render_page(request, "producer/gone.html", {"listing": listing})


def listing_of(request: SignedInRequest, image_id: str) -> Listing:
    """The listing of an image that was not found, marked; unless it was not looked for."""
    listing, cloud = own_listing(request, image_id), request.cloud
    if listings.is_in_another_region(cloud=cloud, listing=listing):
        return listing
    return listings.mark_unavailable(cloud=cloud, listing=listing, by=cloud.user)
