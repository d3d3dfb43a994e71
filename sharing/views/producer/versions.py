"""New versions: an image replaces another one; later, the old one's members go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.cloud.resources import Image
from sharing.forms.versions import ReplaceForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import refusals, version_changes, versions
from sharing.views import errors as pages
from sharing.views.access import only_post, owned_image, signed_in


@signed_in
def replaces(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    images = versions.candidates(cloud=request.cloud, image=image)
    if request.method != "POST":
        return _page(request, image, ReplaceForm(images=images, initial=_initial(request)))
    form = ReplaceForm(request.POST, images=images)
    if form.is_valid():
        try:
            return _replace(request, image, dict(form.cleaned_data))
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
    return _page(request, image, form)


@only_post
@signed_in
def retire(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """Remove the members of an image that was replaced; its job's page shows how far it is."""
    old = owned_image(request, str(image_id))
    try:
        job = versions.retire(cloud=request.cloud, old=old, by=request.cloud.user)
    except refusals.NotMember:
        messages.info(request, _("The image has no members any more."))
        return redirect("producer-image", old.id)
    except refusals.Refusal as refusal:
        return pages.conflict(request, title=_("Not now"), text=str(refusal))
    return redirect(job)


@only_post
@signed_in
def undo(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """Take back that the image replaces an older one."""
    new = owned_image(request, str(image_id))
    try:
        old = _older(request, new)
        version_changes.undo(cloud=request.cloud, old=old, new=new, by=request.cloud.user)
    except versions.NoSuccession as refusal:
        return pages.conflict(request, title=_("That cannot be taken back"), text=str(refusal))
    messages.success(
        request,
        _("%(new)s does not replace %(old)s any more.")
        % {"new": new.name or new.id, "old": old.name or old.id},
    )
    return redirect("producer-image", new.id)


@only_post
@signed_in
def carry_late(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """A list of the older image's members who came after the others were carried over."""
    new = owned_image(request, str(image_id))
    try:
        old = _older(request, new)
        job = version_changes.carry_late(
            cloud=request.cloud, old=old, new=new, by=request.cloud.user
        )
    except (versions.NoSuccession, refusals.NotShared) as refusal:
        return pages.conflict(request, title=_("Nobody to carry over"), text=str(refusal))
    return redirect(job)


def _older(request: SignedInRequest, image: Image) -> Image:
    """The image that this one replaces. Raises NoSuccession."""
    step = versions.place(image_id=image.id, project_id=request.cloud.project.id).predecessor
    if step is None:
        raise versions.NoSuccession(_("This image does not replace another one (any more)."))
    try:
        return owned_image(request, step.old_image_id)
    except Http404 as error:
        raise versions.NoSuccession(_("The older image is gone.")) from error


def _replace(request: SignedInRequest, image: Image, chosen: Mapping[str, Any]) -> HttpResponse:
    old = owned_image(request, str(chosen["old"]))
    facts = {name: value for name, value in chosen.items() if name != "old"}
    job = versions.replace(cloud=request.cloud, old=old, new=image, by=request.cloud.user, **facts)
    messages.success(
        request,
        _("%(new)s replaces %(old)s now.")
        % {"new": image.name or image.id, "old": old.name or old.id},
    )
    return redirect(job) if job else redirect("producer-image", image.id)


def _initial(request: SignedInRequest) -> dict[str, object]:
    """What was typed before the sign-in, else what the address names."""
    draft = drafts.take(request, request.path)
    return dict(draft.dict()) if draft else {"old": request.GET.get("old", "")}


def _page(request: SignedInRequest, image: Image, form: ReplaceForm) -> HttpResponse:
    context = {"image": image, "form": form}
    status = 422 if form.is_bound else 200
    return render_page(request, "producer/replaces.html", context, status=status)
