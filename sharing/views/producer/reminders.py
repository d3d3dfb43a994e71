"""Remind the consumers of an image who have not answered."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.resources import normalise_project_id
from sharing.forms.ledger import LedgerForm
from sharing.http import SignedInRequest
from sharing.services import refusals, reminders
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import image_page, share_record, way_back


@only_post
@signed_in
def one(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    image, cloud = owned_image(request, str(image_id)), request.cloud
    if normalise_project_id(project_id) != project_id:
        raise Http404
    try:
        to = reminders.remind(cloud=cloud, image=image, project_id=project_id, by=cloud.user)
    except refusals.NotMember:
        return image_page.no_member(request, image, project_id)
    except refusals.Refusal as refusal:
        if way_back.is_share_page(request, image.id, project_id):
            return share_record.page(request, image, project_id, problem=str(refusal))
        return image_page.answer(request, image, problem=f"{project_id}: {refusal}")
    messages.success(request, _("A reminder to %(to)s is on its way.") % {"to": to})
    return redirect(drafts.page_to_come_back_to(request))


@only_post
@signed_in
def every(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """Everyone who waits, with a result in words: nobody's limit stops the others."""
    image, cloud = owned_image(request, str(image_id)), request.cloud
    if not image.is_shared:
        refusal = refusals.NotShared(image.visibility)
        return image_page.answer(request, image, problem=str(refusal))
    reminded, left_out = reminders.remind_all(cloud=cloud, image=image, by=cloud.user)
    say = messages.success if reminded else messages.info
    say(request, _result(reminded, left_out))
    return redirect("producer-image", image.id)


@only_post
@signed_in
def everywhere(request: SignedInRequest) -> HttpResponse:
    """Everyone who waits, of those that the ledger's filters find; then the ledger again."""
    question = LedgerForm(request.POST).question()
    cloud = request.cloud
    done = reminders.remind_found(cloud=cloud, question=question, by=cloud.user)
    say = messages.success if done.reminded else messages.info
    say(request, _result(done.reminded, done.left_out))
    if done.is_cut:
        messages.info(request, _("Not all at once: some are left. Do it again for the next ones."))
    return redirect(f"{reverse('shares')}?{urlencode(question.asked())}")


def _result(reminded: int, left_out: Mapping[reminders.Why, int]) -> str:
    """Like "12 reminded, 3 too soon, 2 without a contact."."""
    if not reminded and not left_out:
        return _("Nobody waits: there is nobody to remind.")
    words = {
        refusals.TooSoon: _("%(n)d too soon"),
        refusals.TooOften: _("%(n)d often enough already"),
        refusals.NoContact: _("%(n)d without a contact"),
        refusals.WantsNoMail: _("%(n)d who stopped your mails"),
    }
    done = ngettext("%(n)d reminded", "%(n)d reminded", reminded) % {"n": reminded}
    rest = [words[why] % {"n": left_out[why]} for why in words if why in left_out]
    return ", ".join([done, *rest]) + "."
