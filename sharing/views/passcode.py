"""The second step of a sign-in: a one-time passcode. At the same address as the first."""

from __future__ import annotations

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sharing import under_way
from sharing.cloud import errors
from sharing.forms.session import PasscodeForm, SignInForm
from sharing.http import Request, client_address
from sharing.services import refusals, sign_in
from sharing.under_way import PasscodeStep
from sharing.views import errors as pages
from sharing.views import sign_in_page


def ask(request: Request, target: str) -> HttpResponse | None:
    """The page that asks for it; None when no password was given, or begun again."""
    step = under_way.passcode_step(request.session)
    if step is None:
        return None
    if step.receipt is None:
        return _too_late(request, step, target, status=200)
    return _page(request, PasscodeForm(), step, target)


def enter(request: Request, target: str) -> HttpResponse:
    step = under_way.passcode_step(request.session)
    if "again" in request.POST:
        under_way.forget(request.session)
        return redirect(sign_in_page.address(target))
    if step is None or step.receipt is None:
        return _too_late(request, step, target, status=422)
    form = PasscodeForm(request.POST)
    if form.is_valid():
        try:
            _sign_in(request, form.cleaned_data["passcode"], target)
        except (errors.WrongCredentials, errors.SessionEnded):
            form.add_error("passcode", _("This passcode is not right, or not any more."))
        except sign_in.PasscodeTooLate:
            return _too_late(request, step, target, status=422)
        except (sign_in.NoProject, sign_in.OtherFactorsNeeded) as refusal:
            under_way.forget(request.session)
            return _begin_again(request, step, target, refusal=str(refusal), status=422)
        except refusals.TooMany as refusal:
            return pages.too_many(request, wait_seconds=refusal.wait_seconds)
        else:
            return redirect(target)
    return _page(request, form, step, target)


def _sign_in(request: Request, passcode: str, target: str) -> None:
    sign_in.with_passcode(
        request.session,
        passcode=passcode,
        address=client_address(request),
        wanted_project_id=sign_in_page.project_in(target),
        request_id=request.request_id,
    )
    rotate_token(request)


def _page(request: Request, form: PasscodeForm, step: PasscodeStep, target: str) -> HttpResponse:
    context = {"form": form, "step": step, "next": target}
    status = 422 if form.is_bound else 200
    return render(request, "session/passcode.html", context, status=status)


def _too_late(
    request: Request, step: PasscodeStep | None, target: str, *, status: int
) -> HttpResponse:
    under_way.forget(request.session)
    refusal = str(sign_in.PasscodeTooLate())
    return _begin_again(request, step, target, refusal=refusal, status=status)


def _begin_again(
    request: Request, step: PasscodeStep | None, target: str, *, refusal: str, status: int
) -> HttpResponse:
    """The first step's form, with the user's name still in it."""
    kept = {"username": step.username, "domain": step.domain} if step else {}
    form = SignInForm(initial=kept)
    return sign_in_page.show(request, form, target, refusal=refusal, status=status)
