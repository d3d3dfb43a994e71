"""Signing in and out, and choosing the project and the region."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
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
from sharing.views.access import only_post, signed_in


def sign_in(request: Request) -> HttpResponse:
    target = _next(request)
    typed = request.POST if request.method == "POST" else None
    form = SignInForm(typed, initial=_typed_before(request))
    if request.method == "POST" and form.is_valid():
        try:
            _sign_in(request, form, target)
        except (errors.WrongCredentials, errors.SessionEnded):
            form.add_error(None, _("Keystone does not accept this. Is each part right?"))
        except errors.SecondFactorNeeded:
            form.add_error(
                None, _("Your account wants a second factor, which is not possible here yet.")
            )
        except services.NoProject as refusal:
            form.add_error(None, str(refusal))
        except refusals.TooMany as refusal:
            return pages.too_many(request, wait_seconds=refusal.wait_seconds)
        else:
            return redirect(target)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "session/sign_in.html", {"form": form, "next": target}, status=status)


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
    return redirect(_next(request))


def _sign_in(request: Request, form: SignInForm, target: str) -> None:
    data, address = form.cleaned_data, client_address(request)
    if data["method"] == "password":
        services.with_password(
            request.session,
            username=data["username"],
            password=data["password"],
            domain=data["domain"],
            address=address,
            wanted_project_id=_project_in(target),
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
    draft = drafts.take(request, reverse("sign-in")) if request.method == "GET" else None
    return {name: str(draft[name]) for name in draft} if draft else {}


def _next(request: Request) -> str:
    """Where to go on: only ever a page of this site, and not this one again."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    page = drafts.page_of_this_site(target)
    return reverse("catalogue") if page.startswith(reverse("sign-in")) or not page else page


def _project_in(target: str) -> str:
    """The project that a share's link names: the user will want to be signed in for it."""
    return parse_qs(urlsplit(target).query).get("project", [""])[0]
