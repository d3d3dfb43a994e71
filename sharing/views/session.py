"""Signing in and out, and choosing the project and the region."""

from __future__ import annotations

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.cloud import errors
from sharing.forms.session import SignInForm
from sharing.http import Request, SignedInRequest, client_address
from sharing.services import refusals
from sharing.services import sign_in as services
from sharing.session import choose_region
from sharing.views import errors as pages
from sharing.views import passcode, sign_in_page
from sharing.views.access import only_post, signed_in


def sign_in(request: Request) -> HttpResponse:
    """The first step; where a password is not enough, the same address has the second."""
    target = sign_in_page.next_page(request)
    if "passcode" in request.POST:
        return passcode.enter(request, target)
    if request.method == "POST":
        return _first_step(request, target)
    return passcode.ask(request, target) or sign_in_page.show(
        request, SignInForm(initial=_typed_before(request)), target
    )


@only_post
def sign_out(request: Request) -> HttpResponse:
    services.sign_out(request.session, request_id=request.request_id)
    return redirect("catalogue")


@only_post
@signed_in
def scope(request: SignedInRequest) -> HttpResponse:
    """Choose the project, the region, or both; then back to ``next``."""
    project_id, region = request.POST.get("project_id", ""), request.POST.get("region", "")
    if project_id and project_id != request.cloud.project.id:
        switched = services.switch_project(
            request.session, project_id=project_id, request_id=request.request_id
        )
        if not switched:
            return pages.not_found(request)
    if region:
        choose_region(request.session, region)
    return redirect(sign_in_page.next_page(request))


def _first_step(request: Request, target: str) -> HttpResponse:
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            _sign_in(request, form, target)
        except services.PasscodeNeeded:
            return redirect(sign_in_page.address(target))
        except (errors.WrongCredentials, errors.SessionEnded):
            form.add_error(None, _("Keystone does not accept this. Is each part right?"))
        except (services.NoProject, services.OtherFactorsNeeded) as refusal:
            form.add_error(None, str(refusal))
        except refusals.TooMany as refusal:
            return pages.too_many(request, wait_seconds=refusal.wait_seconds)
        else:
            return redirect(target)
    return sign_in_page.show(request, form, target)


def _sign_in(request: Request, form: SignInForm, target: str) -> None:
    data, address = form.cleaned_data, client_address(request)
    if data["method"] == "password":
        services.with_password(
            request.session,
            username=data["username"],
            password=data["password"],
            domain=data["domain"],
            address=address,
            wanted_project_id=sign_in_page.project_in(target),
            request_id=request.request_id,
        )
    else:
        services.with_application_credential(
            request.session,
            credential_id=data["application_credential_id"],
            secret=data["application_credential_secret"],
            address=address,
            request_id=request.request_id,
        )
    rotate_token(request)


def _typed_before(request: Request) -> dict[str, str]:
    """What was typed when Keystone was away, but never a password."""
    draft = drafts.take(request, reverse("sign-in"))
    return {name: str(draft[name]) for name in draft} if draft else {}
