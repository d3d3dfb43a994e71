"""What a person, and a project's team, want to be told of by mail, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.forms.mail_preferences import SubscriptionForm, TeamAddressForm, WhoseForm
from sharing.http import SignedInRequest
from sharing.models import MailAddress
from sharing.partials import render_page
from sharing.services import digests, mail_addresses, refusals, subscriptions
from sharing.views import errors as pages
from sharing.views.access import only_post, signed_in


@dataclass(frozen=True, slots=True)
class _Typed:
    """The form that has mistakes, if one has."""

    own: SubscriptionForm | None = None
    team: TeamAddressForm | None = None

    @property
    def has_mistakes(self) -> bool:
        return self.own is not None or self.team is not None


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The page; a POST keeps what the person chose for the signed-in project."""
    cloud = request.cloud
    if request.method != "POST":
        return _page(request)
    form = SubscriptionForm(request.POST, project_id=cloud.project.id)
    if form.is_for_another_project:
        return _switched(request)
    if not form.is_valid():
        return _page(request, _Typed(own=form))
    try:
        address = subscriptions.save(
            cloud=cloud,
            email=form.cleaned_data["email"],
            choices=form.choices,
            by=cloud.user,
        )
    except refusals.TooMany as refusal:
        return _too_many(request, refusal)
    _tell(request, address)
    return redirect("inbox-mail")


@only_post
@signed_in
def set_team(request: SignedInRequest) -> HttpResponse:
    cloud = request.cloud
    form = TeamAddressForm(request.POST, project_id=cloud.project.id, auto_id="team-%s")
    if form.is_for_another_project:
        return _switched(request)
    if not form.is_valid():
        return _page(request, _Typed(team=form))
    try:
        address = mail_addresses.set_team(
            cloud=cloud,
            email=form.cleaned_data["email"],
            is_shown=form.cleaned_data["is_shown"],
            by=cloud.user,
        )
    except refusals.TooMany as refusal:
        return _too_many(request, refusal)
    _tell(request, address)
    return redirect("inbox-mail")


@only_post
@signed_in
def end(request: SignedInRequest) -> HttpResponse:
    """No more mails to the person's own address, or to the team's."""
    cloud = request.cloud
    form = WhoseForm(request.POST, project_id=cloud.project.id)
    if form.is_for_another_project:
        return _switched(request)
    if not form.is_valid():
        return pages.bad_request(request)
    if form.cleaned_data["whose"] == "team":
        mail_addresses.take_out_team(cloud=cloud, by=cloud.user)
        messages.success(request, _("The team’s address is taken out: it gets no more mails."))
    else:
        subscriptions.end(cloud=cloud, by=cloud.user)
        messages.success(request, _("You get no more mails about this project."))
    return redirect("inbox-mail")


def _page(request: SignedInRequest, typed: _Typed | None = None) -> HttpResponse:
    cloud, typed = request.cloud, typed or _Typed()
    chosen, own = subscriptions.of(user=cloud.user, project_id=cloud.project.id)
    team = mail_addresses.of_team(project_id=cloud.project.id)
    shown = team.waiting or team.in_use
    kept = {
        "email": own.email or subscriptions.known_email(user=cloud.user),
        **(chosen.choices() if chosen else {}),
    }
    kept_of_team = {"email": team.email, "is_shown": shown.is_shown if shown else False}
    context = {
        "own": own,
        "team": team,
        "own_form": typed.own
        or SubscriptionForm(
            project_id=cloud.project.id, initial=_initial(request, "inbox-mail", kept)
        ),
        "team_form": typed.team
        or TeamAddressForm(
            project_id=cloud.project.id,
            initial=_initial(request, "inbox-mail-team", kept_of_team),
            auto_id="team-%s",
        ),
        "digest_at": digests.next_due(),
    }
    status = 422 if typed.has_mistakes else 200
    return render_page(request, "inbox/mail.html", context, status=status)


def _initial(request: SignedInRequest, route: str, kept: dict[str, Any]) -> dict[str, Any]:
    """What was typed before the sign-in, else what is kept."""
    draft: QueryDict | None = drafts.take(request, reverse(route))
    project_id = request.cloud.project.id
    if draft is None or (draft.get("project") or project_id) != project_id:
        return kept
    return {"is_shown": False, **draft.dict()}


def _tell(request: SignedInRequest, address: MailAddress) -> None:
    if address.is_in_use:
        messages.success(request, _("Saved."))
    else:
        said = _("Saved. A mail to %(email)s is on its way: open its link within 48 hours.")
        messages.success(request, said % {"email": address.email})


def _too_many(request: SignedInRequest, refusal: refusals.TooMany) -> HttpResponse:
    drafts.keep(request)
    return pages.too_many(request, wait_seconds=refusal.wait_seconds)


def _switched(request: SignedInRequest) -> HttpResponse:
    return pages.conflict(
        request,
        title=_("You have switched to another project"),
        text=_("The page that you sent was for the project you were signed in for before."),
    )
