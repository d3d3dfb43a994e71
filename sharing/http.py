"""The request as our views see it."""

from __future__ import annotations

import ipaddress

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
    """Who is calling, as the limits count. An IPv6 client counts by its /64: it has all the
    addresses in it."""
    return _counted(caller(request))


def caller(request: HttpRequest) -> str:
    """Who is calling. Each trusted proxy appends the address that it saw to X-Forwarded-For; what
    stands before those was written by the client and is not believed."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    header = request.headers.get("X-Forwarded-For", "")
    hops = [hop.strip() for hop in header.split(",")] if header else []
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else direct


def _counted(hop: str) -> str:
    """Some proxies write the client's port too: ``192.0.2.7:1234``, ``[2001:db8::1]:1234``."""
    bare = hop[1:].partition("]")[0] if hop.startswith("[") else hop
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return hop
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
