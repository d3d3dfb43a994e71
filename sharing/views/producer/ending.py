"""The end of a share: set its date; when the day has come, remove or extend, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.resources import normalise_project_id
from sharing.forms.ending import EndedForm, EndForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import ending, refusals
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import image_page, share_record


@only_post
@signed_in
def set_date(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    image, cloud = owned_image(request, str(image_id)), request.cloud
    if normalise_project_id(project_id) != project_id:
        raise Http404
    form = EndForm(request.POST)
    if not form.is_valid():
        return share_record.page(request, image, project_id, end_form=form, status=422)
    day = form.cleaned_data["ends_on"]
    try:
        ending.set_date(cloud=cloud, image=image, project_id=project_id, ends_on=day, by=cloud.user)
    except refusals.NotMember:
        return image_page.no_member(request, image, project_id)
    said = _("The share ends on %(day)s.") % {"day": date_format(day)} if day else ""
    messages.success(request, said or _("The share has no end any more."))
    return redirect("producer-share", image_id, project_id)


@signed_in
def ended(request: SignedInRequest) -> HttpResponse:
    """Those whose day has come; a POST removes or extends the ones that are ticked."""
    if request.method != "POST":
        draft = drafts.take(request, request.path)
        form = EndedForm(initial=draft.dict() if draft else None)
        return _page(request, form, draft.getlist("share") if draft else [])
    form = EndedForm(request.POST)
    if not form.is_valid():
        return _page(request, form, request.POST.getlist("share"), status=422)
    day = form.cleaned_data["ends_on"] if form.cleaned_data["do"] == "extend" else None
    outcomes = ending.settle(
        cloud=request.cloud,
        keys=form.cleaned_data["share"],
        extend_to=day,
        by=request.cloud.user,
    )
    _tell(request, outcomes, is_extended=day is not None)
    return redirect("shares-ended")


def _page(
    request: SignedInRequest, form: EndedForm, ticked: Sequence[str], *, status: int = 200
) -> HttpResponse:
    shares = ending.due(cloud=request.cloud)
    context = {"ended": shares, "ended_form": form, "ticked": set(ticked)}
    return render_page(request, "producer/ended.html", context, status=status)


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
    for outcome in outcomes:
        if outcome.why_not:
            name = outcome.share.image_name or outcome.share.image_id
            messages.error(request, f"{name}, {outcome.share.project_id}: {outcome.why_not}")
