"""What standing rules decide: asked for by an open page itself, or by its button."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.cloud.errors import SessionEnded
from sharing.http import Request, SignedInRequest
from sharing.services import records, refusals, rules
from sharing.views.access import only_post, signed_in
from sharing.views.producer import requests as queue_page

STOP_POLLING = 286  # htmx's own
MOST_SHOWN = 50


@only_post
def run(request: Request) -> HttpResponse:
    """What the rules approve, in this session.

    A page that asks by itself, with a session that ended, is left as it is: somebody may be typing
    in it. Of the rest, only what the rules have changed is put in its place.
    """
    if not request.htmx:
        return _by_button(request)
    return _by_itself(request) if request.cloud else HttpResponse(status=STOP_POLLING)


@signed_in
def _by_itself(request: SignedInRequest) -> HttpResponse:
    is_again = request.POST.get("again") == "yes"
    try:
        done = rules.run(cloud=request.cloud, by=request.cloud.user, again=is_again)
    except (SessionEnded, refusals.NotAllowed):
        return HttpResponse(status=STOP_POLLING)
    context = {"run": done, "is_late": True} | _changed(request, done)
    return render(request, "producer/rules_ran.html", context)


@signed_in
def _by_button(request: SignedInRequest) -> HttpResponse:
    done = rules.run(cloud=request.cloud, by=request.cloud.user, again=True)
    text = ngettext(
        "By rule, %(n)d request was approved.",
        "By rule, %(n)d requests were approved.",
        len(done.approved),
    )
    messages.info(request, text % {"n": len(done.approved)})
    if done.left_open:
        messages.warning(request, _("Others could not be: the reason stands with each."))
    return redirect("requests")


def _changed(request: SignedInRequest, done: rules.Run) -> dict[str, Any]:
    """The parts of the asking page that are not as they were."""
    path, query = urlsplit(request.htmx.current_url_abs_path or "")[2:4]
    project_id = request.cloud.project.id
    if not done.approved and not done.left_open:
        return {}
    if path == reverse("producer"):
        return {"waiting": records.waiting(project_id=project_id)}
    if path != reverse("requests"):
        return {}
    changed = {one.pk for one in (*done.approved, *done.left_open)} & _shown(request)
    state = parse_qs(query).get("state", [""])[0]
    queue = records.queue(project_id=project_id, state=state, page="")
    now = records.requests_now(project_id=project_id, ids=changed)
    cards = queue_page.cards_of(request, now)
    return {"queue": queue, "tabs": queue_page.tabs(queue), "cards": cards}


def _shown(request: SignedInRequest) -> set[int]:
    """The requests that stand on the asking page, as it says itself."""
    names = request.POST.getlist("shown")[:MOST_SHOWN]
    return {int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 16}
