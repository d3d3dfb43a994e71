"""Several requests at once: one decision on all that are ticked, and what standing rules decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.cloud.errors import SessionEnded, Unavailable
from sharing.forms.producer import BulkDecisionForm
from sharing.forms.request_form import NoteForm
from sharing.http import Request, SignedInRequest
from sharing.models import AccessRequest
from sharing.services import decisions, refusals, request_forms, rules
from sharing.views import errors as pages
from sharing.views.access import only_post, owned_request, signed_in

MOST_AT_ONCE = 50
STOP_POLLING = 286  # htmx's own


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request; ``problem`` is empty when the decision was carried out."""

    request: AccessRequest
    problem: str


@only_post
@signed_in
def decide(request: SignedInRequest) -> HttpResponse:
    ticked = _ticked(request)
    form = BulkDecisionForm(request.POST)
    if not ticked:
        messages.error(request, _("Nothing was ticked, and nothing was decided."))
        return redirect("requests")
    if not form.is_valid():
        context = {"form": form, "ticked": ticked}
        return render(request, "producer/bulk_decision.html", context, status=422)
    results = [_decide(request, asked, **form.cleaned_data) for asked in ticked]
    context = {"results": results, "done": sum(not result.problem for result in results)}
    return render(request, "producer/bulk_decision.html", context)


@only_post
def run_rules(request: Request) -> HttpResponse:
    """What the rules approve, in this session: asked for by the page itself, or by its button.

    A page that asks by itself, with a session that ended or a cloud that is away, is left as it
    is: somebody may be typing in it.
    """
    if not request.htmx:
        return _run_by_button(request)
    try:
        approved = rules.run(cloud=request.cloud, by=request.cloud.user) if request.cloud else None
    except SessionEnded:
        approved = None
    except Unavailable:
        approved = ()
    if approved is None:
        return HttpResponse(status=STOP_POLLING)
    return render(request, "producer/rules.html", {"approved": approved, "has_run": True})


@signed_in
def _run_by_button(request: SignedInRequest) -> HttpResponse:
    approved = rules.run(cloud=request.cloud, by=request.cloud.user)
    text = ngettext(
        "By rule, %(n)d request was approved.",
        "By rule, %(n)d requests were approved.",
        len(approved),
    )
    messages.info(request, text % {"n": len(approved)})
    return redirect("requests")


@only_post
@signed_in
def add_note(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = owned_request(request, request_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return pages.unusable(
            request, title=_("This note cannot be kept"), text=str(form.errors["text"][0])
        )
    request_forms.add_note(
        cloud=request.cloud, request=asked, text=form.cleaned_data["text"], by=request.cloud.user
    )
    messages.success(request, _("Your note stands with the request, for your project alone."))
    return redirect("requests")


def _ticked(request: SignedInRequest) -> list[AccessRequest]:
    """The requests named, each once. One that is not ours is a 404, and nothing is decided."""
    names = list(dict.fromkeys(request.POST.getlist("request")))[:MOST_AT_ONCE]
    if not all(name.isascii() and name.isdigit() and len(name) < 16 for name in names):
        raise Http404
    return [owned_request(request, int(name)) for name in names]


def _decide(
    request: SignedInRequest,
    asked: AccessRequest,
    *,
    decision: str,
    reason: str,
    ends_on: date | None,
) -> Result:
    cloud = request.cloud
    try:
        if decision == "approve":
            decisions.approve(cloud=cloud, request=asked, by=cloud.user, ends_on=ends_on)
        else:
            decisions.decline(cloud=cloud, request=asked, reason=reason, by=cloud.user)
    except refusals.Refusal as refusal:
        return Result(asked, str(refusal))
    return Result(asked, "")
