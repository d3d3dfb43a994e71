"""The pages for what cannot be shown: one function per case."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from sharing import drafts, session
from sharing.cloud import errors
from sharing.cloud.errors import CloudError
from sharing.http import Request
from sharing.services import refusals
from sharing.views.access import to_sign_in


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render(request, "errors/413.html", status=413)
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not yours: the same page, to the letter."""
    return render(request, "errors/404.html", status=404)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/403.html", {"is_csrf": True}, status=403)


def refused(request: Request, error: CloudError) -> HttpResponse:
    """The cloud's policy or quota says no to this user."""
    context = {"service": error.service, "request_id": error.request_id, "reason": error.message}
    return render(request, "errors/403.html", context, status=403)


def not_allowed(request: Request, refusal: refusals.NotAllowed) -> HttpResponse:
    """A reader wants to change something that no view has a better answer for."""
    return render(request, "errors/403.html", {"refusal": str(refusal)}, status=403)


def conflict(
    request: Request, *, title: str, text: str, who: str = "", when: datetime | None = None
) -> HttpResponse:
    """Things are not as the page had them. ``who`` changed them, and ``when``, if one may know."""
    back = drafts.page_to_come_back_to(request)
    context = {"title": title, "text": text, "who": who, "when": when, "back": back}
    return render(request, "errors/409.html", context, status=409)


def unusable(request: Request, *, title: str, text: str) -> HttpResponse:
    """A form that stands on no page of its own had a mistake."""
    return render(request, "errors/422.html", {"title": title, "text": text}, status=422)


def gone(request: Request, context: dict[str, object]) -> HttpResponse:
    return render(request, "errors/410.html", context, status=410)


def too_many(request: Request, *, wait_seconds: int) -> HttpResponse:
    response = render(request, "errors/429.html", {"wait_seconds": wait_seconds}, status=429)
    response.headers["Retry-After"] = str(wait_seconds)
    return response


def unavailable(request: Request, error: CloudError) -> HttpResponse:
    """A service is away or broken. What was typed is kept for when it is back."""
    if request.method == "POST":
        drafts.keep(request)
    context = {
        "service": error.service,
        "request_id": error.request_id or request.request_id,
        "reason": _reason(error),
        "back": drafts.page_to_come_back_to(request),
    }
    response = render(request, "errors/503.html", context, status=503)
    response.headers["Retry-After"] = "30"
    add_never_cache_headers(response)
    return response


def _reason(error: CloudError) -> str:
    match error:
        case errors.Refused():
            return _("There is no connection to it.")
        case errors.TimedOut():
            return _("It did not answer in time.")
    return _("It answered with something that makes no sense.")


def session_ended(request: Request) -> HttpResponse:
    session.end(request.session)
    return to_sign_in(request)
