"""The request as our views see it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from sharing.session import Cloud


class Request(HttpRequest):
    htmx: HtmxDetails
    request_id: str
    cloud: Cloud | None


class SignedInRequest(Request):
    cloud: Cloud


def client_address(request: HttpRequest) -> str:
    """Who is calling. Each trusted proxy appends the address that it saw to X-Forwarded-For;
    what stands before those was written by the client and is not believed."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else direct
