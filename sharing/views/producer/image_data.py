"""A new image, and its bytes: streamed through, from the browser to the cloud and back."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from sharing import drafts
from sharing.cloud.errors import Interrupted, Unavailable
from sharing.cloud.resources import Image
from sharing.forms.images import DataForm, FetchForm, NewImageForm
from sharing.forms.uploads import StreamedUpload, bare_file, heard_out
from sharing.http import Request, SignedInRequest
from sharing.partials import render_page
from sharing.services import image_data, refusals
from sharing.views import downloads
from sharing.views.access import owned_image, signed_in
from sharing.views.producer import gone, image_page


# The check of the CSRF token reads the form, and with it the file, before a view is called. So it
# is put off until our own reading of the form is in place: see Django, "Modifying upload handlers
# on the fly". Both views of each pair are one door: nothing happens between them.
@csrf_exempt
def new(request: Request) -> HttpResponse:
    request.upload_handlers = [StreamedUpload(request)]
    with heard_out(request):
        return _new(request)


@csrf_exempt
def data(request: Request, image_id: UUID) -> HttpResponse:
    request.upload_handlers = [StreamedUpload(request)]
    with heard_out(request):
        answer = _data(request, image_id)
    if answer.status_code == HTTPStatus.FOUND:
        # After a 302 a browser would PUT the whole file once more, to the other address.
        answer.status_code = HTTPStatus.SEE_OTHER
    return answer


@csrf_protect
@signed_in
def _new(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        draft = drafts.take(request, request.path)
        file_is_lost = bool(draft and draft.get("source") != "url")
        form = _form(request, initial=draft and draft.dict())
        return _page(request, form, file_is_lost=file_is_lost)
    form = _form(request, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        image = image_data.create(cloud=request.cloud, facts=form.facts, by=request.cloud.user)
    except refusals.Refusal as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form)
    _fill(request, image, form)
    return redirect("producer-image", image.id)


@csrf_protect
@signed_in
def _data(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """PUT: the bare file, from the page's script. POST: a form with it, or with its address."""
    if request.method not in {"PUT", "POST"}:
        return redirect("producer-image", image_id)
    image = owned_image(request, str(image_id))
    try:
        if request.method == "PUT":
            return _upload(request, image, _bare_file(request))
        if "url" in request.POST:
            return _fetch(request, image)
        form = DataForm(request.POST, request.FILES)
        return _upload(request, image, form.cleaned_data["file"] if form.is_valid() else None)
    except refusals.ImageGone:
        return gone.page(request, image.id)
    except image_data.WrongFormat:
        return image_page.answer(request, owned_image(request, image.id), status=422)
    except refusals.Refusal as refusal:
        image = owned_image(request, image.id)
        return image_page.answer(request, image, data_problem=str(refusal))


@signed_in
def download(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    try:
        found = image_data.download(cloud=request.cloud, image=image)
    except refusals.Refusal as refusal:
        return image_page.answer(request, image, data_problem=str(refusal))
    return downloads.answer(image, found)


def _bare_file(request: SignedInRequest) -> Iterable[bytes] | None:
    try:
        return bare_file(request)
    except Interrupted as error:
        raise image_data.BrokenOff from error


def _upload(request: SignedInRequest, image: Image, body: Iterable[bytes] | None) -> HttpResponse:
    if body is None:
        problem = _("Choose the file with the image’s data: there is nothing in it.")
        return image_page.answer(request, image, data_problem=problem)
    image_data.upload(cloud=request.cloud, image=image, body=body, by=request.cloud.user)
    messages.success(request, _("The upload is complete."))
    return redirect("producer-image", image.id)


def _fetch(request: SignedInRequest, image: Image) -> HttpResponse:
    form = FetchForm(request.POST)
    if not form.is_valid():
        return image_page.answer(request, image, fetch_form=form)
    url = form.cleaned_data["url"]
    try:
        image_data.fetch(cloud=request.cloud, image=image, url=url, by=request.cloud.user)
    except image_data.NotTaken as refusal:
        form.add_error("url", str(refusal))
        return image_page.answer(request, image, fetch_form=form)
    messages.success(request, _("The cloud fetches the data now."))
    return redirect("producer-image", image.id)


def _fill(request: SignedInRequest, image: Image, form: NewImageForm) -> None:
    """What goes wrong from here on is said on the new image's page: the image is there."""
    cloud = request.cloud
    try:
        if form.cleaned_data["source"] == "url":
            url = form.cleaned_data["url"]
            image_data.fetch(cloud=cloud, image=image, url=url, by=cloud.user)
            messages.success(request, _("Created. The cloud fetches the data now."))
        elif file := form.cleaned_data["file"]:
            image_data.upload(cloud=cloud, image=image, body=file, by=cloud.user)
            messages.success(request, _("Created, and the upload is complete."))
    except image_data.WrongFormat:
        return  # the image's page says it, and what to do
    except refusals.Refusal as refusal:
        messages.error(request, str(refusal))
    except Unavailable:
        messages.error(request, _("The cloud went away during the upload. Look at it, try again."))


def _form(request: SignedInRequest, *args: Any, **kwargs: Any) -> NewImageForm:
    cloud = request.cloud
    formats, can_import = image_data.formats(cloud=cloud), cloud.images.can_import()
    return NewImageForm(*args, formats=formats, can_import=can_import, **kwargs)


def _page(
    request: SignedInRequest, form: NewImageForm, *, file_is_lost: bool = False
) -> HttpResponse:
    images_url = reverse("producer-images")
    context = {"form": form, "images_url": images_url, "file_is_lost": file_is_lost}
    status = 422 if form.is_bound else 200
    return render_page(request, "producer/image_new.html", context, status=status)
