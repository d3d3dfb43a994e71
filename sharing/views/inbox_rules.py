"""Producers that the consumer project trusts, or wants to see nothing of; and what its rules do."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from sharing import drafts
from sharing.cloud.errors import SessionEnded
from sharing.cloud.resources import normalise_project_id
from sharing.forms.inbox_rules import AlwaysForm, InboxRuleForm
from sharing.http import Request, SignedInRequest
from sharing.models import InboxRule
from sharing.partials import render_page
from sharing.services import inbox_rule_runs, inbox_rules, refusals
from sharing.services.answers import Outcome
from sharing.views import errors as pages
from sharing.views.access import only_post, signed_in

STOP_POLLING = 286  # htmx's own
# The parts of the pages that a run may change, by the routes they stand on.
PARTS = {"inbox": "tray", "share": "share", "inbox-rules": "rules"}


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """All rules, and what they did lately; a POST adds one."""
    if request.method != "POST":
        draft = drafts.take(request, request.path)
        return _page(request, InboxRuleForm(initial=draft.dict() if draft else None))
    form = InboxRuleForm(request.POST)
    if form.is_valid():
        try:
            _keep(request, form.cleaned_data["producer"], form.cleaned_data["always"])
        except refusals.OwnProject as refusal:
            form.add_error("producer", str(refusal))
        else:
            return redirect("inbox-rules")
    return _page(request, form, status=422)


@only_post
@signed_in
def choose(request: SignedInRequest, producer_id: str) -> HttpResponse:
    """From a producer's menu: back to the page it stood on, whose rules then run anew."""
    form = AlwaysForm(request.POST)
    project_id = normalise_project_id(producer_id)
    if project_id != producer_id or not form.is_valid():
        raise Http404
    if (form.cleaned_data["project"] or request.cloud.project.id) != request.cloud.project.id:
        return pages.conflict(
            request,
            title=_("You have switched to another project"),
            text=_("The page that you sent was for the project you were signed in for before."),
        )
    always = form.cleaned_data["always"]
    try:
        if always == AlwaysForm.NONE:
            _drop(request, producer_id)
        else:
            _keep(request, producer_id, always)
    except refusals.OwnProject as refusal:
        messages.error(request, str(refusal))
    back = drafts.page_to_come_back_to(request)
    return HttpResponseClientRedirect(back) if request.htmx else redirect(back)


@only_post
def run(request: Request) -> HttpResponse:
    """What the rules answer, in this session: asked for by an open page itself, or by its button.

    A page that asks by itself is left as it is when there is nothing to say.
    """
    if not request.htmx:
        return _by_button(request)
    return _by_itself(request) if request.cloud else HttpResponse(status=STOP_POLLING)


@only_post
@signed_in
def undo(request: SignedInRequest) -> HttpResponse:
    """All that the rules did in one visit waits for a person again, and stays so."""
    visit = _uuid(request.POST.get("visit", ""))
    if visit is None:
        raise Http404
    outcomes = inbox_rule_runs.undo(cloud=request.cloud, visit=visit, by=request.cloud.user)
    _tell(request, outcomes)
    back = drafts.page_to_come_back_to(request)
    return HttpResponseClientRedirect(back) if request.htmx else redirect(back)


@signed_in
def _by_itself(request: SignedInRequest) -> HttpResponse:
    try:
        done = inbox_rule_runs.run(
            cloud=request.cloud,
            by=request.cloud.user,
            visit=_uuid(request.POST.get("visit", "")),
            again=request.POST.get("again") == "yes",
        )
    except (SessionEnded, refusals.NotAllowed):
        return HttpResponse(status=STOP_POLLING)
    address = request.htmx.current_url_abs_path or ""
    part = _part(address) if done.has_changed else ""
    return render(request, "inbox/rules_ran.html", {"ran": done, "part": part, "address": address})


@signed_in
def _by_button(request: SignedInRequest) -> HttpResponse:
    done = inbox_rule_runs.run(cloud=request.cloud, by=request.cloud.user, again=True)
    said = ngettext(
        "Your rules answered %(n)d image.", "Your rules answered %(n)d images.", done.done
    )
    if done.done or not done.failed:
        messages.info(request, said % {"n": done.done})
    if done.is_more:
        messages.info(request, _("More are waiting: press the button once more."))
    if done.failed:
        messages.warning(request, _("The cloud did not let them answer all that waits."))
    return redirect("inbox-rules")


def _page(request: SignedInRequest, form: InboxRuleForm, *, status: int = 200) -> HttpResponse:
    project_id = request.cloud.project.id
    context = {
        "kept": inbox_rules.kept(project_id=project_id),
        "runs": inbox_rules.past_runs(project_id=project_id),
        "form": form,
    }
    return render_page(request, "inbox/rules.html", context, part="rules", status=status)


def _keep(request: SignedInRequest, producer_id: str, always: str) -> None:
    cloud = request.cloud
    inbox_rules.keep(cloud=cloud, producer_project_id=producer_id, answer=always, by=cloud.user)
    name = inbox_rules.named([producer_id])[producer_id].name or producer_id
    words = {
        InboxRule.Answer.ACCEPTED: _("What %(name)s shares is shown in your image list by rule."),
        InboxRule.Answer.REJECTED: _("What %(name)s shares is hidden by rule."),
    }
    messages.success(request, words[InboxRule.Answer(always)] % {"name": name})


def _drop(request: SignedInRequest, producer_id: str) -> None:
    cloud = request.cloud
    inbox_rules.drop(cloud=cloud, producer_project_id=producer_id, by=cloud.user)
    name = inbox_rules.named([producer_id])[producer_id].name or producer_id
    said = _("What %(name)s shares from now on waits for one of you. What was answered stays so.")
    messages.success(request, said % {"name": name})


def _tell(request: SignedInRequest, outcomes: list[Outcome]) -> None:
    done = sum(not outcome.why_not for outcome in outcomes)
    said = ngettext(
        "%(n)d image waits for your decision again, and no rule touches it any more.",
        "%(n)d images wait for your decision again, and no rule touches them any more.",
        done,
    )
    if done:
        messages.success(request, said % {"n": done})
    if not outcomes:
        messages.info(request, _("There is nothing to undo any more."))
    for outcome in outcomes:
        if outcome.why_not:
            messages.error(request, f"{outcome.image_name}: {outcome.why_not}")


def _part(address: str) -> str:
    """The part of the asking page that shows shares, by its ID; empty where there is none."""
    try:
        return PARTS.get(resolve(urlsplit(address).path).url_name or "", "")
    except Resolver404:
        return ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
