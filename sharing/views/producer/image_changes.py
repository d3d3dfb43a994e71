"""An image's record: edit it, delete it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.cloud.resources import Image
from sharing.forms.images import DeleteForm, EditForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import image_changes, image_deletion, refusals
from sharing.views.access import owned_image, signed_in
from sharing.views.producer import gone


@signed_in
def edit(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    if request.method != "POST":
        draft = drafts.take(request, request.path)
        initial = draft.dict() if draft else EditForm.initial_of(image)
        return _edit_page(request, image, EditForm(initial=initial))
    form = EditForm(request.POST)
    if form.is_valid():
        try:
            image_changes.change(
                cloud=request.cloud,
                image=image,
                facts=form.cleaned_data,
                properties=form.properties_of(image),
                by=request.cloud.user,
            )
        except refusals.ImageGone:
            return gone.page(request, image.id)
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("producer-image", image.id)
    return _edit_page(request, image, form)


@signed_in
def delete(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    name = image.name or image.id
    consumers = image_deletion.consumers(cloud=request.cloud, image=image)
    if request.method != "POST":
        draft = drafts.take(request, request.path)
        initial = {"confirm": draft.get("confirm"), "notify": "notify" in draft} if draft else {}
        form = DeleteForm(name=name, is_shared=image.is_shared, initial=initial)
        return _delete_page(request, image, form, consumers)
    form = DeleteForm(request.POST, name=name, is_shared=image.is_shared)
    if form.is_valid():
        tell = consumers if form.cleaned_data["notify"] else []
        try:
            image_deletion.delete(
                cloud=request.cloud, image=image, tell=tell, by=request.cloud.user
            )
        except refusals.ImageGone:
            return gone.page(request, image.id)
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is deleted.") % {"name": name})
            return redirect("producer-images")
    return _delete_page(request, image, form, consumers)


def _edit_page(request: SignedInRequest, image: Image, form: EditForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"image": image, "form": form}
    return render_page(request, "producer/image_edit.html", context, status=status)


def _delete_page(
    request: SignedInRequest,
    image: Image,
    form: DeleteForm,
    consumers: list[image_deletion.Consumer],
) -> HttpResponse:
    told = sum(one.can_be_told for one in consumers)
    context = {"image": image, "form": form, "consumers": consumers, "told": told}
    status = 422 if form.is_bound else 200
    return render_page(request, "producer/image_delete.html", context, status=status)
