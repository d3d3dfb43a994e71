"""The consumer's letter tray."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.resources import STATUSES, MemberStatus
from sharing.forms.inbox import AnswersForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import answers, inbox
from sharing.views import errors as pages
from sharing.views.access import signed_in


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The drawers; a POST answers for several shares at once."""
    if request.method != "POST":
        return _page(request, typed=drafts.take(request, request.path))
    form = AnswersForm(request.POST, project_id=request.cloud.project.id)
    if form.is_for_another_project:
        return _switched(request)
    if not form.is_valid():
        return _page(request, form=form, typed=request.POST, status=422)
    outcomes = answers.give_several(
        cloud=request.cloud,
        image_ids=form.cleaned_data["image"],
        status=form.cleaned_data["status"],
        by=request.cloud.user,
    )
    _tell(request, form.cleaned_data["status"], outcomes)
    if all(outcome.why_not for outcome in outcomes):
        is_forbidden = any(outcome.is_forbidden for outcome in outcomes)
        return _page(request, typed=request.POST, status=403 if is_forbidden else 409)
    return redirect(request.get_full_path())


def done_words(status: MemberStatus, count: int, name: str) -> str:
    """What to say after an answer that was taken; ``name`` is the image's when it is one."""
    words = {
        "accepted": ngettext(
            "“%(name)s” is in your image list now.",
            "%(count)d images are in your image list now.",
            count,
        ),
        "rejected": ngettext(
            "“%(name)s” is hidden from your image list now.",
            "%(count)d images are hidden from your image list now.",
            count,
        ),
        "pending": ngettext(
            "“%(name)s” waits for your decision again.",
            "%(count)d images wait for your decision again.",
            count,
        ),
    }
    return words[status] % {"name": name, "count": count}


def _page(
    request: SignedInRequest,
    *,
    form: AnswersForm | None = None,
    typed: QueryDict | None = None,
    status: int = 200,
) -> HttpResponse:
    drawer = inbox.open_drawer(
        cloud=request.cloud, status=_wanted(request), page=request.GET.get("page", "1")
    )
    context = {
        "drawer": drawer,
        "address": f"{reverse('inbox')}?status={drawer.status}&page={drawer.page.number}",
        "form": form,
        "ticked": set(typed.getlist("image")) if typed else set(),
    }
    return render_page(request, "inbox/index.html", context, part="tray", status=status)


def _wanted(request: SignedInRequest) -> MemberStatus:
    """The drawer that the address names; there is no other than the three, so else the first."""
    named = request.GET.get("status", "")
    return next((status for status in STATUSES if status == named), "pending")


def _tell(
    request: SignedInRequest, status: MemberStatus, outcomes: Sequence[answers.Outcome]
) -> None:
    done = [outcome for outcome in outcomes if not outcome.why_not]
    if done:
        messages.success(request, done_words(status, len(done), done[0].image_name))
    for outcome in outcomes:
        if outcome.why_not:
            messages.error(request, f"{outcome.image_name}: {outcome.why_not}")


def _switched(request: SignedInRequest) -> HttpResponse:
    return pages.conflict(
        request,
        title=_("You have switched to another project"),
        text=_("The page that you sent was for the project you were signed in for before."),
    )
