"""What waits in each of the user's projects: a page, and what every page's header asks for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from sharing.http import Request, SignedInRequest
from sharing.services import waiting
from sharing.views.access import signed_in

TARGET = "waiting"


def index(request: Request) -> HttpResponse:
    """Asked for by a page itself, and with a session that ended, nothing of that page is replaced:
    somebody may be typing in it."""
    if not request.htmx or request.htmx.target != TARGET:
        response = _page(request)
    elif request.cloud is None:
        response = HttpResponse(status=204)
    else:
        response = _by_itself(request)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    add_never_cache_headers(response)
    return response


@signed_in
def _page(request: SignedInRequest) -> HttpResponse:
    overview = waiting.look(cloud=request.cloud, current=request.session)
    return render(request, "inbox/waiting.html", {"what_waits": overview})


@signed_in
def _by_itself(request: SignedInRequest) -> HttpResponse:
    """The count for the header, and the other projects where the page has a place for them."""
    overview = waiting.look_by_itself(cloud=request.cloud, current=request.session)
    path = (request.htmx.current_url_abs_path or "").partition("?")[0]
    context = {"what_waits": overview, "is_inbox": path == reverse("inbox")}
    return render(request, "components/waiting_late.html", context)
