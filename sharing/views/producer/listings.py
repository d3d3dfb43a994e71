"""An image's listing: edit, preview, publish, withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts, markdown
from sharing.cloud.resources import Image
from sharing.forms.producer import ListingForm, PreviewForm
from sharing.http import SignedInRequest
from sharing.models import Listing
from sharing.partials import render_page
from sharing.services import listings, members, refusals, rights
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import gone


@signed_in
def edit(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image, listing = _door(request, str(image_id))
    if request.method != "POST":
        form = ListingForm(initial=_initial(request, str(image_id), image, listing))
        return _page(request, str(image_id), image, listing, form)
    rights.require_member(request.cloud)
    form = ListingForm(request.POST)
    if form.is_valid():
        state = Listing.State(form.cleaned_data["state"])
        try:
            listings.save(
                cloud=request.cloud,
                image_id=str(image_id),
                image=image,
                words=form.words,
                state=state,
                by=request.cloud.user,
            )
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(state))
            return redirect("listing-edit", image_id)
    return _page(request, str(image_id), image, listing, form)


@only_post
@signed_in
def preview(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """The public page as it would be; nothing is saved, and the form stays as it is."""
    image, listing = _door(request, str(image_id))
    form = PreviewForm(request.POST)
    shown = None
    if form.is_valid():
        shown = listings.preview(
            cloud=request.cloud, image=image, listing=listing, words=form.words
        )
    return _page(request, str(image_id), image, listing, form, preview=shown)


def _door(request: SignedInRequest, image_id: str) -> tuple[Image | None, Listing | None]:
    """The image and its listing. The listing outlives the image: then the image is None."""
    try:
        image = owned_image(request, image_id)
    except Http404:
        return None, gone.listing_of(request, image_id)
    return image, listings.refresh(cloud=request.cloud, image=image, by=request.cloud.user)


def _page(
    request: SignedInRequest,
    image_id: str,
    image: Image | None,
    listing: Listing | None,
    form: ListingForm,
    *,
    preview: Listing | None = None,
) -> HttpResponse:
    names = (image.name if image else "", listing.image_name if listing else "")
    context = {
        "image_id": image_id,
        "name": next(filter(None, names), image_id),
        "image": image,
        "listing": listing,
        "is_elsewhere": listing is not None
        and listings.is_in_another_region(cloud=request.cloud, listing=listing),
        "form": form,
        "preview": preview,
        "description": markdown.to_html(preview.description) if preview else "",
        "preview_tags": form.words.tags if preview else (),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "producer/listing.html", context, part="preview", status=status)


def _initial(
    request: SignedInRequest, image_id: str, image: Image | None, listing: Listing | None
) -> dict[str, Any]:
    """What the form shows first: what was typed before the sign-in, else the listing."""
    for name in ("listing-edit", "listing-preview"):
        if draft := drafts.take(request, reverse(name, args=[image_id])):
            return draft.dict()
    if listing is None:
        email = members.producer_email(image_id, request.cloud.project.id)
        return {"title": image.name[:120] if image else "", "contact_email": email}
    names = ("title", "summary", "description", "contact_email", "terms")
    words = {name: getattr(listing, name) for name in names}
    return words | {"tags": ", ".join(tag.name for tag in listing.tags.all())}


def _said(state: Listing.State) -> str:
    return {
        Listing.State.DRAFT: _("Saved as a draft: only your project sees it."),
        Listing.State.PUBLISHED: _("Published: anyone can find it in the catalogue."),
        Listing.State.WITHDRAWN: _("Withdrawn: its page says so, and nobody finds it any more."),
    }[state]
