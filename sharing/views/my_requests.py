"""The consumer's own access requests: those of the project, and those of the person."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import my_requests
from sharing.views import errors
from sharing.views.access import my_request, only_post, signed_in
from sharing.views.access_requests import private


# The links to the requests' own pages are keys: no cache keeps them.
@private
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    drawer = my_requests.open_drawer(
        cloud=request.cloud,
        state=request.GET.get("state", ""),
        page=request.GET.get("page", ""),
    )
    words = {
        "all": pgettext("requests", "All"),
        "undecided": pgettext("requests", "Under way"),
        "approved": pgettext("requests", "Approved"),
        "declined": pgettext("requests", "Declined"),
        "withdrawn": pgettext("requests", "Withdrawn or expired"),
    }
    tabs = [(state, words[state], count) for state, count in drawer.counts.items()]
    context = {"drawer": drawer, "tabs": tabs}
    return render_page(request, "inbox/requests.html", context, part="requests")


@private
@only_post
@signed_in
def withdraw(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = my_request(request, request_id)
    if not my_requests.withdraw(cloud=request.cloud, request=asked, by=request.cloud.user):
        return errors.conflict(
            request,
            title=_("This request cannot be withdrawn any more"),
            text=_("It is decided, or a producer is deciding it right now."),
        )
    said = _("Your request for “%(title)s” is withdrawn.")
    messages.success(request, said % {"title": asked.listing.title})
    return redirect(_back(request))


def _back(request: SignedInRequest) -> str:
    state = request.POST.get("state", "")
    query = f"?{urlencode({'state': state})}" if state in my_requests.DRAWERS else ""
    return reverse("inbox-requests") + query
