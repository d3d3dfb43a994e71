"""Who is asking, in which time zone, and what becomes of the cloud's errors."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sharing import session
from sharing.cloud import errors
from sharing.cloud.transport import new_request_id
from sharing.http import Request
from sharing.services import refusals
from sharing.views import errors as pages
from sharing.views import health as pages_for_machines

GetResponse = Callable[[HttpRequest], HttpResponse]


def viewer_time_zone(get_response: GetResponse) -> GetResponse:
    """Times in the viewer's zone, which the page's script left in a cookie; else UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            zone = zoneinfo.ZoneInfo(request.COOKIES.get("tz", "UTC"))
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return get_response(request)

    return middleware


def health(get_response: GetResponse) -> GetResponse:
    """Answers load balancers before all else: they call by address, without our host's name, and
    without TLS."""
    answers = {"/healthz": pages_for_machines.alive, "/readyz": pages_for_machines.ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = answers.get(request.path_info)
        return answer(request) if answer else get_response(request)

    return middleware


class CloudMiddleware:
    """Gives each request its ``cloud`` and request ID; turns its errors into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.request_id = new_request_id()
        request.cloud = session.load(request.session, request_id=request.request_id)
        response = self.get_response(request)
        response.headers["X-Openstack-Request-Id"] = request.request_id
        return response

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        """Only what no view had an answer of its own for comes here."""
        match error:
            case errors.SessionEnded():
                return pages.session_ended(request)
            case refusals.NotAllowed():
                return pages.not_allowed(request, error)
            case errors.NotFound():
                return pages.not_found(request)
            case errors.Forbidden() | errors.QuotaExceeded() | errors.Conflict():
                return pages.refused(request, error)
            case errors.CloudError():
                return pages.unavailable(request, error)
        return None
