"""Signing in by Keystone's WebSSO: there, and back with a token.

The way back is a POST from Keystone's page, so from another site: neither the session's cookie nor
the one against forged forms comes with it, and Keystone leaves no place for a state of ours. See
docs/decisions/0008 for why these steps keep a stranger's token out:

1. ``start`` notes in this browser's session that it goes, and sends it to Keystone;
2. ``come_back``, the POST, believes Keystone's origin only, and puts the token into a cookie,
   encrypted, for a moment; the browser goes on to
3. ``come_back``, the GET, on this site again: the session knows that it was begun here, once.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from sharing import under_way
from sharing.cloud import errors, websso
from sharing.cloud.websso import Choice
from sharing.forms.session import SignInForm
from sharing.http import Request, client_address
from sharing.seal import seal, unseal
from sharing.services import refusals, sign_in
from sharing.under_way import WebssoStep
from sharing.views import errors as pages
from sharing.views import sign_in_page
from sharing.views.access import only_post

COOKIE, COOKIE_SECONDS = "websso", 120
_PURPOSE = "tokens on their way"


@only_post
def start(request: Request) -> HttpResponse:
    """A page that leads on by itself, and not a redirect: browsers hold each redirect after a form
    against the policy ``form-action``, and who knows whom Keystone sends them on to."""
    choice = _choice(request.POST.get("choice", ""))
    target = sign_in_page.next_page(request)
    under_way.keep_websso_step(request.session, choice=choice.id, target=target)
    origin = sign_in.websso_way_back()
    there = websso.address(settings.WEBSSO_KEYSTONE_URL, choice, origin=origin)
    context = {"choice": choice, "there": there, "host": urlsplit(there).netloc}
    response = render(request, "session/websso_start.html", context)
    add_never_cache_headers(response)
    return response


@csrf_exempt  # it comes from Keystone, which knows no token of ours: its origin is checked instead
def come_back(request: Request) -> HttpResponse:
    if not settings.WEBSSO_CHOICES:
        raise Http404
    if request.method == "POST":
        return _take(request)
    token_id = unseal(request.COOKIES.get(COOKIE, ""), purpose=_PURPOSE, seconds=COOKIE_SECONDS)
    step = under_way.websso_step(request.session)
    if not token_id or step is None:
        return _without_cookie(_refused(request, is_unasked=True))
    return _without_cookie(_finish(request, token_id, step))


def _take(request: Request) -> HttpResponse:
    sender = request.headers.get("Origin", "")
    if sender != websso.origin_of(settings.WEBSSO_KEYSTONE_URL):
        return _refused(request, sender=sender)
    token_id = request.POST.get("token", "")
    if not websso.TOKEN.fullmatch(token_id):
        return _refused(request, is_no_token=True)
    response = redirect("websso")
    response.set_cookie(
        COOKIE,
        seal(token_id, purpose=_PURPOSE),
        max_age=COOKIE_SECONDS,
        path=reverse("websso"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _finish(request: Request, token_id: str, step: WebssoStep) -> HttpResponse:
    """Keystone away is no end: the same page may be asked for again, and finds all as it was."""
    try:
        sign_in.with_websso(
            request.session,
            token_id=token_id,
            choice=_choice(step.choice),
            address=client_address(request),
            wanted_project_id=sign_in_page.project_in(step.target),
            request_id=request.request_id,
        )
    except (errors.WrongCredentials, errors.SessionEnded):
        return _back_to_sign_in(request, step, _("Keystone does not accept this sign-in any more."))
    except sign_in.NoProject as refusal:
        return _back_to_sign_in(request, step, str(refusal))
    except refusals.TooMany as refusal:
        return pages.too_many(request, wait_seconds=refusal.wait_seconds)
    rotate_token(request)
    return redirect(step.target)


def _back_to_sign_in(request: Request, step: WebssoStep, refusal: str) -> HttpResponse:
    under_way.forget(request.session)
    return sign_in_page.show(request, SignInForm(), step.target, refusal=refusal)


def _refused(request: Request, **why: object) -> HttpResponse:
    """Nothing of the token was believed or kept."""
    return render(request, "session/websso_refused.html", why, status=403)


def _without_cookie(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=reverse("websso"))
    add_never_cache_headers(response)
    return response


def _choice(choice_id: str) -> Choice:
    if choice_id not in settings.WEBSSO_CHOICES:
        raise Http404
    by_itself = f"/{choice_id}"
    provider, protocol = settings.WEBSSO_IDP_MAPPING.get(choice_id, by_itself).split("/")
    return Choice(choice_id, settings.WEBSSO_CHOICES[choice_id], protocol, provider)
