"""Who is asking, in which time zone, how it went, and what becomes of the cloud's errors."""

from __future__ import annotations

import logging
import time
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sharing import logs, session, watch
from sharing.cloud import errors
from sharing.cloud.transport import new_request_id
from sharing.http import Request
from sharing.services import refusals
from sharing.views import errors as pages
from sharing.views import health as pages_for_machines

GetResponse = Callable[[Any], HttpResponse]

logger = logging.getLogger("sharing.requests")

FOR_MACHINES = {
    "/healthz": pages_for_machines.alive,
    "/readyz": pages_for_machines.ready,
    "/metrics": pages_for_machines.metrics,
}


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


def watched(get_response: GetResponse) -> GetResponse:
    """Each request has an ID, from the browser to the Image API; how it went is counted and logged,
    without its address: some of ours are secrets."""

    def middleware(request: Request) -> HttpResponse:
        if request.path_info in FOR_MACHINES:
            return get_response(request)
        request.request_id = new_request_id()
        token = logs.request_id.set(request.request_id)
        started = time.monotonic()
        try:
            response = get_response(request)
            _write_down(request, response.status_code, time.monotonic() - started)
        finally:
            logs.request_id.reset(token)
        response.headers["X-Openstack-Request-Id"] = request.request_id
        return response

    return middleware


def _write_down(request: Request, status: int, seconds: float) -> None:
    match, method = request.resolver_match, request.method or ""
    view = (match.view_name if match else "") or "-"
    watch.request(view=view, method=_counted(method), status=status, seconds=seconds)
    took = round(seconds * 1000)
    extra = {"method": method, "route": logs.route_of(request), "status": status, "ms": took}
    logger.info("%s %s %d %d ms", method, extra["route"], status, took, extra=extra)


def _counted(method: str) -> str:
    return method if method in {"GET", "HEAD", "POST", "PUT", "OPTIONS"} else "other"


def kept_apart(get_response: GetResponse) -> GetResponse:
    """What holds for every answer and no library sets: no other site's page loads anything of ours,
    and no cache keeps what may be somebody's. A view that knows better has said so."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        name = settings.SESSION_COOKIE_NAME
        is_somebodys = name in request.COOKIES or name in response.cookies
        kept = "private, no-store" if is_somebodys else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)
        return response

    return middleware


def health(get_response: GetResponse) -> GetResponse:
    """Answers load balancers and the monitoring before the site does: they call by address, without
    our host's name, and without TLS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = FOR_MACHINES.get(request.path_info)
        return answer(request) if answer else get_response(request)

    return middleware


class CloudMiddleware:
    """Gives each request its ``cloud``; turns the cloud's errors into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.cloud = session.load(request.session, request_id=request.request_id)
        return self.get_response(request)

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
