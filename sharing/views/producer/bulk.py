"""Sharing with many: the form that takes a list, for one image or for several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from sharing import drafts
from sharing.cloud.resources import Image
from sharing.forms.bulk import BulkForm
from sharing.http import SignedInRequest
from sharing.models import Group
from sharing.partials import render_page
from sharing.services import bulk, groups, lists, refusals
from sharing.views.access import owned_image, signed_in

MOST_IMAGES = 200  # to choose from
JOBS_SHOWN = 5


@signed_in
def members(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One image, many projects."""
    image = owned_image(request, str(image_id))
    if request.method == "POST":
        return _take(
            request,
            BulkForm(request.POST, request.FILES, groups=_groups(request)),
            [image],
            image=image,
        )
    return _page(request, BulkForm(initial=_initial(request), groups=_groups(request)), image=image)


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """Several images, many projects; and the jobs of before."""
    images = [
        image
        for image in request.cloud.images.list_images(limit=MOST_IMAGES).images
        if image.is_shared and image.is_owned_by(request.cloud.project.id)
    ]
    if request.method == "POST":
        form = BulkForm(request.POST, request.FILES, choices=images, groups=_groups(request))
        chosen = set(request.POST.getlist("image"))
        return _take(request, form, [image for image in images if image.id in chosen])
    initial = _initial(request)
    return _page(request, BulkForm(choices=images, initial=initial, groups=_groups(request)))


@signed_in
def template(request: SignedInRequest) -> HttpResponse:
    """An empty list with one example, to be filled with a spreadsheet."""
    example = ("0123456789abcdef0123456789abcdef", "someone@example.org", "Hello, …")
    return csv_answer(lists.to_csv([example]), "projects.csv")


def csv_answer(text: str, name: str) -> HttpResponse:
    """With a mark by which spreadsheets know UTF-8."""
    return HttpResponse(
        "\ufeff" + text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _take(
    request: SignedInRequest, form: BulkForm, images: Sequence[Image], image: Image | None = None
) -> HttpResponse:
    if form.is_valid():
        try:
            job = bulk.create(
                cloud=request.cloud,
                images=images,
                lines=groups.as_lines(group=form.chosen_group) if form.chosen_group else form.lines,
                note=form.cleaned_data["note"],
                by=request.cloud.user,
            )
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(job)
    return _page(request, form, image=image)


def _page(request: SignedInRequest, form: BulkForm, *, image: Image | None = None) -> HttpResponse:
    context = {
        "form": form,
        "image": image,
        "jobs": bulk.jobs(project_id=request.cloud.project.id)[:JOBS_SHOWN],
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "producer/bulk.html", context, status=status)


def _groups(request: SignedInRequest) -> Iterable[Group]:
    return groups.of_project(project_id=request.cloud.project.id)


def _initial(request: SignedInRequest) -> dict[str, object]:
    """What was typed before the sign-in, else what the address names."""
    draft = drafts.take(request, request.path)
    if draft is None:
        return {"image": request.GET.getlist("image"), "group": request.GET.get("group", "")}
    return draft.dict() | {"image": draft.getlist("image")}
