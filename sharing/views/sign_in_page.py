"""The sign-in page, and where one goes on from it: the same for every way to sign in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sharing import drafts
from sharing.forms.session import SignInForm
from sharing.http import Request


def show(
    request: Request, form: SignInForm, target: str, *, refusal: str = "", status: int = 0
) -> HttpResponse:
    """``refusal`` says why an earlier step led here; a form with mistakes, or that, is a 422."""
    is_refused = bool(refusal or (form.is_bound and form.errors))
    context = {
        "form": form,
        "next": target,
        "refusal": refusal,
        "elsewhere": settings.WEBSSO_CHOICES,
        "is_for_share": target.startswith("/shares/"),
    }
    code = status or (422 if is_refused else 200)
    return render(request, "session/sign_in.html", context, status=code)


def address(target: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': target})}"


def next_page(request: Request) -> str:
    """Where to go on: only ever a page of this site, and not this one again."""
    return usable(request.POST.get("next") or request.GET.get("next") or "")


def usable(target: str) -> str:
    page = drafts.page_of_this_site(target)
    return reverse("catalogue") if page.startswith(reverse("sign-in")) or not page else page


def project_in(target: str) -> str:
    """The project that a share's link names: the user will want to be signed in for it."""
    return parse_qs(urlsplit(target).query).get("project", [""])[0]
