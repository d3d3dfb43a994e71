"""My project's images; one image; who may see it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sharing.cloud.errors import Unavailable
from sharing.cloud.resources import Image
from sharing.forms.producer import VisibilityForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import images, refusals
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import gone, image_page


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The list at once; its page then asks for the ``counts`` of the members, all in one go, and
    is not lost when that fails."""
    marker, counts = request.GET.get("marker", ""), bool(request.GET.get("counts"))
    cloud = request.cloud
    query = urlencode({"counts": 1} | ({"marker": marker} if marker else {}))
    context: dict[str, object] = {"marker": marker, "cloud": cloud, "count_query": query}
    try:
        context["overview"] = images.overview(
            cloud=cloud, marker=marker, by=cloud.user, is_counted=counts
        )
    except Unavailable:
        if not request.htmx:
            raise
        context["has_failed"] = True
    return render_page(request, "producer/images.html", context, part="counts")


@signed_in
def show(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    try:
        image = owned_image(request, str(image_id))
    except Http404:
        return gone.page(request, str(image_id))
    return image_page.answer(request, image)


@only_post
@signed_in
def set_visibility(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    form = VisibilityForm(request.POST)
    if not form.is_valid():
        return image_page.answer(request, image, problem=str(form.errors["visibility"][0]))
    wanted = form.cleaned_data["visibility"]
    try:
        _change(request, image, wanted)
    except refusals.ImageGone:
        return gone.page(request, image.id)
    except refusals.NotAllowed as refusal:
        return image_page.answer(request, image, problem=_why_not(wanted, refusal))
    return redirect("producer-image", image.id)


def _change(request: SignedInRequest, image: Image, wanted: str) -> None:
    if wanted == image.visibility:
        messages.info(request, _("The image is “%(visibility)s” already.") % {"visibility": wanted})
        return
    images.set_visibility(
        cloud=request.cloud, image=image, visibility=wanted, by=request.cloud.user
    )
    said = {
        "shared": _("The image is shared now: the projects that you name can use it."),
        "private": _("The image is private now: only your project can use it."),
        "community": _("The image is open to the community now: everyone can use it by its ID."),
        "public": _("The image is public now: it is in everyone's image list."),
    }
    messages.success(request, said[wanted])


def _why_not(wanted: str, refusal: refusals.NotAllowed) -> str:
    if wanted == "public":
        return _("The cloud does not let you make an image public: that is its operator's to do.")
    return str(refusal)
