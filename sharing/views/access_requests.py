"""The requester's pages: ask, follow the request, answer, withdraw. They work without a sign-in."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from sharing import drafts
from sharing.forms.access import AccessRequestForm, AnswerForm
from sharing.http import Request, client_address
from sharing.models import AccessRequest, Listing
from sharing.services import fates, refusals, requests
from sharing.views import errors
from sharing.views.access import (
    only_post,
    own_request,
    own_request_by_mail,
    public_listing,
    to_sign_in,
)
from sharing.views.keyed import keyed

# The address of these pages is their key: no cache keeps them, no search engine lists them.
private = cache_control(private=True, no_store=True)


def ask(request: Request, slug: str) -> HttpResponse:
    listing = public_listing(slug)
    if not listing.is_published:
        return errors.gone(request, {"listing": listing, "help": fates.help_with(listing)})
    if "signed_in" in request.POST and request.cloud is None:
        return to_sign_in(request)  # the page promised a verified request: no less will do
    form = _request_form(request, listing)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_ask(request, listing, form))
        except refusals.TooMany as refusal:
            if refusal.wait_seconds:
                drafts.keep(request)
                return errors.too_many(request, wait_seconds=refusal.wait_seconds)
            form.add_error(None, str(refusal))
    context = {"listing": listing, "form": form, "is_own": _is_own(request, listing)}
    response = render(request, "access/ask.html", context, status=422 if form.errors else 200)
    if "from" in request.GET:  # the key of an earlier request, and what that said
        patch_cache_control(response, private=True, no_store=True)
    return response


@private
@keyed
def status(request: Request, token: str) -> HttpResponse:
    asked = own_request(token)
    draft = drafts.take(request, f"{asked.get_absolute_url()}answer/")
    return _status_page(request, asked, AnswerForm(initial=draft.dict() if draft else None))


@private
@keyed
def confirm(request: Request, token: str) -> HttpResponse:
    """Opening the mail's link only shows a button: programs that look at mails open links too."""
    key = request.POST.get("key") or request.GET.get("key", "")
    asked = own_request_by_mail(token, key=key)
    is_expired = requests.is_confirmation_expired(asked)
    if not requests.can_be_confirmed(asked):
        return redirect(asked)
    if request.method == "POST" and not is_expired:
        requests.confirm(request=asked, by=request.cloud.user if request.cloud else None)
        return redirect(asked)
    context = {
        "asked": asked,
        "listing": asked.listing,
        "help": None if asked.listing.is_published else fates.help_with(asked.listing),
        "is_expired": is_expired,
        "key": key,
    }
    return render(request, "access/confirm.html", context, status=410 if is_expired else 200)


@private
@keyed
@only_post
def answer(request: Request, token: str) -> HttpResponse:
    asked = own_request(token)
    form = AnswerForm(request.POST)
    is_asked = asked.state == AccessRequest.State.ASKED
    if is_asked and not form.is_valid():
        return _status_page(request, asked, form)
    if not is_asked or not requests.answer(request=asked, text=form.cleaned_data["answer"]):
        return errors.conflict(
            request,
            title=_("Nobody is waiting for this answer"),
            text=_("The producer's question was answered or settled in the meantime."),
        )
    return redirect(asked)


@private
@keyed
@only_post
def withdraw(request: Request, token: str) -> HttpResponse:
    asked = own_request(token)
    if not requests.withdraw(request=asked):
        return errors.conflict(
            request,
            title=_("This request cannot be withdrawn any more"),
            text=_("It is decided, or a producer is deciding it right now."),
        )
    return redirect(asked)


def _request_form(request: Request, listing: Listing) -> AccessRequestForm:
    """As posted; else with what was typed before a sign-in, or what an earlier request said."""
    project = request.cloud.project if request.cloud else None
    form = partial(AccessRequestForm, listing=listing, project=project)
    if request.method == "POST":
        return form(request.POST)
    draft = drafts.take(request, request.path)
    if draft is not None:
        return form(initial=draft.dict())
    before = requests.earlier(listing=listing, token=request.GET.get("from", ""))
    if before is None:
        return form()
    said = {"project_id": before.project_id, "email": before.email, "message": before.message}
    return form(initial=said)


def _ask(request: Request, listing: Listing, form: AccessRequestForm) -> AccessRequest:
    data = form.cleaned_data
    return requests.ask(
        listing=listing,
        project_id=data["project_id"],
        email=data["email"],
        message=data["message"],
        answers=form.answers,
        by=requests.requester(cloud=request.cloud, address=client_address(request)),
    )


def _is_own(request: Request, listing: Listing) -> bool:
    return request.cloud is not None and request.cloud.project.id == listing.project_id


def _status_page(request: Request, asked: AccessRequest, form: AnswerForm) -> HttpResponse:
    context = {
        "asked": asked,
        "kept_days": settings.REQUEST_DAYS,
        "listing": asked.listing,
        "help": None if asked.listing.is_published else fates.help_with(asked.listing),
        "events": asked.events.all(),
        "share": asked.shares.first(),
        "is_expired": requests.is_confirmation_expired(asked),
        "is_proof_wanted": requests.can_be_confirmed(asked),
        "form": form,
    }
    return render(request, "access/status.html", context, status=422 if form.errors else 200)
