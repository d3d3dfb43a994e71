"""Several requests at once: one decision on all that are ticked; and notes among colleagues."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sharing import drafts, session
from sharing.forms.producer import BulkDecisionForm
from sharing.forms.request_form import NoteForm
from sharing.http import SignedInRequest
from sharing.models import AccessRequest
from sharing.services import many_decisions, request_forms, rights
from sharing.views import errors as pages
from sharing.views.access import only_post, owned_request, owned_requests, signed_in


@only_post
@signed_in
def decide(request: SignedInRequest) -> HttpResponse:
    ticked = _ticked(request)
    rights.require_member(request.cloud)
    form = BulkDecisionForm(request.POST)
    if not ticked:
        messages.error(request, _("Nothing was ticked, and nothing was decided."))
        return redirect("requests")
    if not form.is_valid():
        context = {"form": form, "ticked": ticked}
        return render(request, "producer/bulk_decision.html", context, status=422)
    outcome = many_decisions.decide(
        cloud=request.cloud, requests=ticked, by=request.cloud.user, **form.cleaned_data
    )
    _keep_the_rest(request, outcome)
    context = {"outcome": outcome, "form_data": form.cleaned_data}
    return render(request, "producer/bulk_decision.html", context)


@only_post
@signed_in
def add_note(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = owned_request(request, request_id)
    rights.require_member(request.cloud)
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
    names = list(dict.fromkeys(request.POST.getlist("request")))
    if not all(name.isascii() and name.isdigit() and len(name) < 16 for name in names):
        raise Http404
    return owned_requests(request, [int(name) for name in names])


def _keep_the_rest(request: SignedInRequest, outcome: many_decisions.Outcome) -> None:
    """What was not decided is ticked again on the queue's page, whoever has to sign in first."""
    if not outcome.rest:
        return
    data = request.POST.copy()
    data.setlist("request", [str(asked.pk) for asked in outcome.rest])
    drafts.keep(request, data)
    if outcome.is_session_ended:
        session.end(request.session)
