"""The queue of access requests, and the decision on one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.forms.producer import DecisionForm
from sharing.http import SignedInRequest
from sharing.models import AccessRequest
from sharing.partials import render_page
from sharing.services import contacts, decisions, records, refusals, rights, rules
from sharing.views import errors as pages
from sharing.views.access import only_post, owned_request, signed_in


@dataclass(frozen=True, slots=True)
class Card:
    request: AccessRequest
    form: DecisionForm
    note: str = ""  # typed before a sign-in
    contact: str = ""  # another address that the producer holds for the project
    left_open: AccessRequest.LeftOpen | None = None  # why a standing rule did not approve it


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    return _queue(request, request.GET.get("state", ""), request.GET.get("page", ""))


@only_post
@signed_in
def decide(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = owned_request(request, request_id)
    rights.require_member(request.cloud)
    form = DecisionForm(request.POST, auto_id=f"request-{asked.pk}-%s")
    if form.is_valid():
        try:
            said = _carry_out(request, asked, **form.cleaned_data)
        except refusals.AlreadyDecided as refusal:
            return _too_late(request, refusal)
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect(_back(request))
    return _queue(request, asked.state, failed=Card(asked, form))


def _carry_out(
    request: SignedInRequest,
    asked: AccessRequest,
    *,
    decision: str,
    reason: str,
    ends_on: date | None,
) -> str:
    """Take the decision; what to say of it."""
    cloud, email = request.cloud, {"email": asked.email}
    verbs: dict[str, tuple[Callable[[], None], str]] = {
        "approve": (
            lambda: decisions.approve(cloud=cloud, request=asked, by=cloud.user, ends_on=ends_on),
            _("Approved and shared. A mail to %(email)s is on its way."),
        ),
        "ask": (
            lambda: decisions.ask_more(cloud=cloud, request=asked, question=reason, by=cloud.user),
            _("Your question is on its way to %(email)s."),
        ),
        "decline": (
            lambda: decisions.decline(cloud=cloud, request=asked, reason=reason, by=cloud.user),
            _("Declined. A mail with your reason is on its way to %(email)s."),
        ),
    }
    carry_out, said = verbs[decision]
    carry_out()
    return said % email


def _too_late(request: SignedInRequest, refusal: refusals.AlreadyDecided) -> HttpResponse:
    state = AccessRequest.State(refusal.state)
    if state == state.WITHDRAWN:
        title, text = _("Taken back"), _("The requester withdrew the request in the meantime.")
    elif state == state.EXPIRED:
        title, text = _("Too late"), _("Nobody answered in time: the request has expired.")
    elif refusal.at is None:
        title, text = str(refusal), _("Their decision is being carried out right now.")
    else:
        title = str(refusal)
        text = _("The request's state is “%(state)s” now.") % {"state": state.label}
    return pages.conflict(request, title=title, text=text, who=refusal.by, when=refusal.at)


def _queue(
    request: SignedInRequest, state: str, page: str = "", *, failed: Card | None = None
) -> HttpResponse:
    """One tab of the queue; a decision that failed stands first, with what was typed."""
    queue = records.queue(project_id=request.cloud.project.id, state=state, page=page)
    others = [one for one in queue.page if not (failed and one.pk == failed.request.pk)]
    cards = cards_of(request, others, failed=failed)
    status = 422 if failed else 200
    context = {
        "queue": queue,
        "cards": cards,
        "tabs": tabs(queue),
        "by_rule": rules.count_waiting(project_id=request.cloud.project.id),
        "can_decide_many": any(card.request.can_be_decided for card in cards),
        "bulk": _bulk_draft(request),
    }
    return render_page(request, "producer/requests.html", context, part="queue", status=status)


def cards_of(
    request: SignedInRequest, requests: Sequence[AccessRequest], *, failed: Card | None = None
) -> list[Card]:
    cards = [failed] if failed else []
    cards += [Card(one, _form(request, one), _note(request, one)) for one in requests]
    held = contacts.emails(
        producer_project_id=request.cloud.project.id,
        project_ids=[card.request.project_id for card in cards],
    )
    return [
        replace(
            card,
            contact=_other_contact(card.request, held),
            left_open=rules.why_not(card.request),
        )
        for card in cards
    ]


def _other_contact(asked: AccessRequest, held: Mapping[str, str]) -> str:
    email = held.get(asked.project_id, "")
    return email if asked.can_be_decided and email.lower() != asked.email.lower() else ""


def tabs(queue: records.Queue) -> list[tuple[str, str, int]]:
    """State, word, number."""
    names = {
        "open": _("Open"),
        "asked": _("More asked"),
        "approved": _("Approved"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Expired"),
        "all": _("All"),
    }
    return [(state, name, queue.counts[state]) for state, name in names.items()]


def _form(request: SignedInRequest, asked: AccessRequest) -> DecisionForm:
    draft = drafts.take(request, reverse("decision", args=[asked.pk]))
    return DecisionForm(initial=draft.dict() if draft else None, auto_id=f"request-{asked.pk}-%s")


def _bulk_draft(request: SignedInRequest) -> dict[str, object]:
    """What was ticked, and the reason typed, before a sign-in."""
    draft = drafts.take(request, reverse("decisions"))
    if draft is None:
        return {}
    return {"ticked": set(draft.getlist("request")), "reason": draft.get("reason", "")}


def _note(request: SignedInRequest, asked: AccessRequest) -> str:
    draft = drafts.take(request, reverse("request-note", args=[asked.pk]))
    return draft.get("text", "") if draft else ""


def _back(request: SignedInRequest) -> str:
    """The tab on which the decision was taken."""
    state = request.POST.get("state", "")
    query = f"?{urlencode({'state': state})}" if state in {*records.QUEUE_STATES, "all"} else ""
    return reverse("requests") + query
