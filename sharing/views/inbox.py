"""The consumer's letter tray."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import drafts
from sharing.cloud.resources import STATUSES, MemberStatus
from sharing.forms.inbox import MOST, AnswersForm, ImagesField, TrayForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import answers, drawers, inbox
from sharing.views import errors as pages
from sharing.views import undo
from sharing.views.access import signed_in

# What a POST found out that the page after it is to show, once.
_RESULTS = "inbox_results"


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The drawers; a POST answers for several shares at once."""
    if request.method != "POST":
        if request.htmx.target == "late":
            return _late(request)
        return _page(request, typed=drafts.take(request, request.path))
    sent = _sent(request)
    form = AnswersForm(sent, project_id=request.cloud.project.id)
    if form.is_for_another_project:
        return _switched(request)
    if not form.is_valid():
        return _page(request, form=form, typed=sent, status=422)
    image_ids = form.cleaned_data["image"]
    if form.cleaned_data["every"]:
        question = TrayForm(request.GET).question()
        found = inbox.found_in(cloud=request.cloud, status=_wanted(request), question=question)
        if drawers.mark(found) != form.cleaned_data["every"]:
            text = _("The list has changed since you looked at it. Look again, and choose anew.")
            messages.warning(request, text)
            return _page(request, status=409)
        image_ids = [shared.image.id for shared in found][:MOST]
    return _answer(request, sent, form, image_ids)


def _answer(
    request: SignedInRequest, sent: QueryDict, form: AnswersForm, image_ids: Sequence[str]
) -> HttpResponse:
    status: MemberStatus = form.cleaned_data["status"]
    outcomes = answers.give_several(
        cloud=request.cloud,
        image_ids=image_ids,
        status=status,
        by=request.cloud.user,
        was=form.cleaned_data["was"] or None,
    )
    _tell(request, status, outcomes)
    _keep_results(request, status, outcomes)
    if all(outcome.why_not for outcome in outcomes):
        is_forbidden = any(outcome.is_forbidden for outcome in outcomes)
        return _page(request, typed=sent, status=403 if is_forbidden else 409)
    return redirect(_address(request.path, request.GET))


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
    """For a browser with a script (it has sent its time zone) what takes long follows."""
    drawer = inbox.open_drawer(
        cloud=request.cloud,
        status=_wanted(request),
        page=request.GET.get("page", "1"),
        question=TrayForm(request.GET).question(),
        waits="tz" not in request.COOKIES,
    )
    results = request.session.pop(_RESULTS, {})
    if results.get("project") != request.cloud.project.id:
        results = {}
    query = {"status": drawer.status, "page": drawer.page.number, **drawer.question.asked()}
    shown = [("image", letter.image.id) for letter in drawer.letters]
    context = {
        "drawer": drawer,
        "address": f"{reverse('inbox')}?{urlencode(query)}",
        "late_address": f"{reverse('inbox')}?{urlencode([('status', drawer.status), *shown])}",
        "form": form,
        "ticked": {*(typed.getlist("image") if typed else ()), *results.get("faults", ())},
        "results": results,
        "most": MOST,
    }
    return render_page(request, "inbox/index.html", context, part="tray", status=status)


def _late(request: SignedInRequest) -> HttpResponse:
    """What the page did not wait for: of the letters that the address names."""
    try:
        image_ids = ImagesField(required=False).clean(request.GET.getlist("image"))
    except ValidationError:
        image_ids = []
    rest = inbox.rest(cloud=request.cloud, status=_wanted(request), image_ids=image_ids)
    return render_page(request, "inbox/late.html", {"rest": rest})


def _sent(request: SignedInRequest) -> QueryDict:
    """The form; a letter's own button names its image in the address, whatever else is ticked."""
    only = request.GET.get("only")
    if only is None:
        return request.POST
    sent = request.POST.copy()
    sent.setlist("image", [only])
    sent.pop("every", None)
    return sent


def _address(path: str, query: QueryDict) -> str:
    kept = query.copy()
    kept.pop("only", None)
    return f"{path}?{kept.urlencode()}" if kept else path


def _wanted(request: SignedInRequest) -> MemberStatus:
    """The drawer that the address names; there is no other than the three, so else the first."""
    named = request.GET.get("status", "")
    return next((status for status in STATUSES if status == named), "pending")


def _tell(
    request: SignedInRequest, status: MemberStatus, outcomes: Sequence[answers.Outcome]
) -> None:
    done = [outcome for outcome in outcomes if not outcome.why_not]
    if done:
        undo.offer(
            request,
            done_words(status, len(done), done[0].image_name),
            [
                answers.Answered(one.image_id, one.image_name, one.before, status, one.at)
                for one in done
                if one.before and one.at
            ],
        )
    undo.tell_faults(request, outcomes)


def _keep_results(
    request: SignedInRequest, status: MemberStatus, outcomes: Sequence[answers.Outcome]
) -> None:
    """For the page that comes next: why each of those that failed did, and what became of those
    that were answered otherwise meanwhile."""
    faults = {outcome.image_id: outcome.why_not for outcome in outcomes if outcome.why_not}
    if faults:
        meanwhile = [outcome for outcome in outcomes if outcome.meanwhile]
        request.session[_RESULTS] = {
            "project": request.cloud.project.id,
            "faults": faults,
            "status": status,
            "now": meanwhile[0].meanwhile if meanwhile else "",
            "meanwhile": [[outcome.image_id, outcome.image_name] for outcome in meanwhile],
        }


def _switched(request: SignedInRequest) -> HttpResponse:
    return pages.conflict(
        request,
        title=_("You have switched to another project"),
        text=_("The page that you sent was for the project you were signed in for before."),
    )
