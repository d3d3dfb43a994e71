"""The end of a share: set its date; when the day has come, remove or extend, all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.errors import Unavailable
from sharing.cloud.resources import normalise_project_id
from sharing.forms.ending import EndedForm, EndForm, EndsForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import ending, refusals
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import image_page, share_record, way_back


@only_post
@signed_in
def set_date(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    image, cloud = owned_image(request, str(image_id)), request.cloud
    if normalise_project_id(project_id) != project_id:
        raise Http404
    form = EndForm(request.POST)
    if not form.is_valid():
        if way_back.is_share_page(request, image.id, project_id):
            return share_record.page(request, image, project_id, end_form=form)
        return image_page.answer(request, image, end=(project_id, form))
    day = form.cleaned_data["ends_on"]
    try:
        ending.set_date(cloud=cloud, image=image, project_id=project_id, ends_on=day, by=cloud.user)
    except refusals.NotMember:
        return image_page.no_member(request, image, project_id)
    said = _("The share ends on %(day)s.") % {"day": date_format(day)} if day else ""
    messages.success(request, said or _("The share has no end any more."))
    return way_back.back(request, image.id, project_id)


@only_post
@signed_in
def set_dates(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """One day for all of an image's shares that are ticked, or none any more."""
    image, cloud = owned_image(request, str(image_id)), request.cloud
    form = EndsForm(request.POST, auto_id="ends-%s")
    if not form.is_valid():
        return image_page.answer(request, image, ends_form=form)
    try:
        done = ending.set_dates(
            cloud=cloud,
            image=image,
            project_ids=form.cleaned_data["project"],
            ends_on=form.day,
            by=cloud.user,
        )
    except refusals.NotShared as refusal:
        return image_page.answer(request, image, problem=str(refusal))
    if form.day:
        said = ngettext("%(n)d share ends on %(day)s.", "%(n)d shares end on %(day)s.", done)
        messages.success(request, said % {"n": done, "day": date_format(form.day)})
    else:
        said = ngettext("%(n)d share has no end.", "%(n)d shares have no end.", done)
        messages.success(request, said % {"n": done})
    return redirect("producer-image", image.id)


@signed_in
def ended(request: SignedInRequest) -> HttpResponse:
    """Those whose day has come; a POST removes or extends the ones that are ticked, or all.

    The dashboard fetches its middle, and is not lost when that fails.
    """
    if request.method == "POST":
        return _settle(request)
    draft = drafts.take(request, request.path)
    form = EndedForm(initial=draft.dict() if draft else None)
    try:
        return _page(request, form, draft.getlist("share") if draft else [])
    except Unavailable:
        if not request.htmx:
            raise
    context = {"ended": ending.overdue(cloud=request.cloud), "is_asked": True}
    return render_page(request, "producer/ended.html", context, part="ended-shares")


def _settle(request: SignedInRequest) -> HttpResponse:
    form = EndedForm(request.POST)
    if not form.is_valid():
        return _page(request, form, request.POST.getlist("share"), status=422)
    data = form.cleaned_data
    day = data["ends_on"] if data["do"] == "extend" else None
    outcomes = ending.settle(
        cloud=request.cloud,
        keys=None if data["every"] else data["share"],
        until=data["as_of"] or timezone.localdate(),
        extend_to=day,
        by=request.cloud.user,
    )
    _tell(request, outcomes, is_extended=day is not None)
    return redirect("shares-ended")


def _page(
    request: SignedInRequest, form: EndedForm, ticked: Sequence[str], *, status: int = 200
) -> HttpResponse:
    shares = ending.due(cloud=request.cloud)
    context = {"ended": shares, "ended_form": form, "ticked": set(ticked), "is_asked": True}
    template = "producer/ended.html"
    return render_page(request, template, context, part="ended-shares", status=status)


def _tell(
    request: SignedInRequest, outcomes: Sequence[ending.Outcome], *, is_extended: bool
) -> None:
    done = sum(not outcome.why_not for outcome in outcomes)
    if is_extended:
        words = ngettext("%(n)d share extended.", "%(n)d shares extended.", done)
    else:
        words = ngettext("%(n)d share removed.", "%(n)d shares removed.", done)
    if done:
        messages.success(request, words % {"n": done})
    if not outcomes:
        messages.info(request, _("Nothing was left to do: somebody else was faster."))
    failed: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.why_not:
            name = outcome.share.image_name or outcome.share.image_id
            failed[outcome.why_not].append(f"{name} → {outcome.share.project_id}")
    for why_not, shares in failed.items():
        messages.error(request, f"{why_not} ({', '.join(shares)})")
