"""The permanent page of one share: it works in every state the share can come to."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import drafts, markdown
from sharing.cloud.resources import Image, Member, normalise_project_id
from sharing.forms.inbox import LABELS, ShareAnswerForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import answers, fates, image_data, inbox, refusals, reports, share_page
from sharing.views import downloads, undo
from sharing.views.access import is_own_image, only_post, own_share, signed_in
from sharing.views.inbox import done_words


@signed_in
def show(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    wanted = _wanted_project(request)
    if wanted != request.cloud.project.id:
        return _for_another_project(request, str(image_id), wanted)
    if region := _other_region(request, request.GET.get("region")):
        context = {"region": region, "next": request.get_full_path()}
        return render(request, "shares/elsewhere.html", context)
    try:
        share = own_share(request, str(image_id))
    except Http404:
        return _nothing_here(request)
    if share.state == inbox.State.OWN:
        return redirect("producer-image", image_id)
    return _page(request, image_id, share)


@only_post
@signed_in
def set_status(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """Show in the project's image list, hide, or decide later; then back to where it was said."""
    form = ShareAnswerForm(request.POST, project_id=request.cloud.project.id)
    if form.is_for_another_project:
        return _for_another_project(request, str(image_id), form.data["project"], status=409)
    seen_at = timezone.now()
    share = own_share(request, str(image_id))
    if not form.is_valid():
        return _page(request, image_id, share, form=form, status=422)
    image, member = share.image, share.member
    if image is None or member is None:
        return _page(request, image_id, share, is_too_late=True, status=409)
    if form.is_overtaken(member.status):
        text = _("Somebody answered meanwhile. This is how it stands now; you can still change it.")
        messages.warning(request, text)
        return _page(request, image_id, share, form=form, status=409)
    try:
        words, undoable = _answer(request, image, member, form, seen_at)
    except refusals.ImageGone:
        share = own_share(request, str(image_id))
        return _page(request, image_id, share, is_too_late=True, status=409)
    except refusals.NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _page(request, image_id, share, status=403)
    undo.offer(request, words, undoable)
    return redirect(drafts.page_to_come_back_to(request))


@signed_in
def download(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """The image's bytes, for whoever may use the image and whose role allows it."""
    share = own_share(request, str(image_id))
    image = share.image
    if share.state == inbox.State.OWN:
        return redirect("image-download", image_id)
    if image is None:
        return _page(request, image_id, share, status=404)
    try:
        found = image_data.download(cloud=request.cloud, image=image)
    except image_data.NotHandedOut as refusal:
        return _page(request, image_id, share, data_problem=str(refusal), status=403)
    except image_data.NoData as refusal:
        # Or the share has just ended: then the page says that instead.
        share = own_share(request, str(image_id))
        return _page(request, image_id, share, data_problem=str(refusal), status=404)
    return downloads.answer(image, found)


def _answer(
    request: SignedInRequest,
    image: Image,
    member: Member,
    form: ShareAnswerForm,
    seen_at: datetime,
) -> tuple[str, list[answers.Answered]]:
    """Give the answer; what to say then, and what can be undone. A reason can also come after the
    no that it is for."""
    cloud, status, reason = request.cloud, form.cleaned_data["status"], form.cleaned_data["reason"]
    if reason and status == member.status == "rejected":
        answers.explain(cloud=cloud, image=image, member=member, reason=reason, by=cloud.user)
        return _("The producer is told why."), []
    after = answers.give(
        cloud=cloud,
        image=image,
        before=member.status,
        status=status,
        by=cloud.user,
        seen_at=seen_at,
        reason=reason,
    )
    given = [answers.Answered(image.id, image.name, member.status, status, after.updated_at)]
    return done_words(status, 1, image.name), given if after.status != member.status else []


def _page(
    request: SignedInRequest,
    image_id: UUID,
    share: inbox.Standing,
    *,
    form: ShareAnswerForm | None = None,
    is_too_late: bool = False,
    data_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    background = share_page.read(cloud=request.cloud, standing=share, image_id=str(image_id))
    listing = background.listing
    chosen = drafts.take(request, reverse("share-status", args=[image_id]))
    context = {
        "share": share,
        "fate": fates.of(share),
        "image_id": str(image_id),
        "background": background,
        "producer": background.producer,
        "description": markdown.to_html(listing.description) if listing else "",
        "form": form,
        "answer_form": form or _as_typed(request, chosen),
        "can_report": reports.is_open(),
        "is_too_late": is_too_late,
        "data_problem": data_problem,
        "can_download": data_problem or (share.image and share.image.has_data),
        "chosen": LABELS.get(chosen.get("status", "")) if chosen else None,
        "other_region": _other_region(request, share.share.region if share.share else ""),
    }
    return render_page(request, "shares/show.html", context, part="share", status=status)


def _as_typed(request: SignedInRequest, draft: QueryDict | None) -> ShareAnswerForm:
    typed = draft.get("reason", "") if draft else ""
    return ShareAnswerForm(project_id=request.cloud.project.id, typed=typed)


def _nothing_here(request: SignedInRequest) -> HttpResponse:
    here = f"{request.path}?{urlencode({'project': request.cloud.project.id})}"
    context = {"regions": fates.other_regions(request.cloud), "here": here}
    return render(request, "shares/nothing_here.html", context, status=404)


def _for_another_project(
    request: SignedInRequest, image_id: str, wanted: str, *, status: int = 200
) -> HttpResponse:
    """The link is for another project: one of the user's own, a consumer of his, or a stranger's.

    A stranger learns nothing: not whether there is such a share, nor such an image.
    """
    project = request.cloud.project_named(wanted)
    if project and request.cloud.can_switch_project:
        region = _other_region(request, request.GET.get("region"))
        query = urlencode({"project": project.id} | ({"region": region} if region else {}))
        address = f"{reverse('share', args=[image_id])}?{query}"
        context = {"project": project, "region": region, "next": address}
        return render(request, "shares/elsewhere.html", context, status=status)
    if is_own_image(request, image_id):
        return redirect("producer-image", image_id)
    return render(request, "shares/not_yours.html", status=404)


def _wanted_project(request: SignedInRequest) -> str:
    """The project that the link is for; without one, the signed-in one. Empty for nonsense."""
    text = request.GET.get("project")
    return request.cloud.project.id if text is None else normalise_project_id(text) or ""


def _other_region(request: SignedInRequest, region: str | None) -> str:
    """``region`` if the user can, and would have to, switch to it."""
    is_other = region in request.cloud.regions and region != request.cloud.region
    return region if region and is_other else ""
