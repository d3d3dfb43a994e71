"""The private feed of what waits for a project: its page, and the feed itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sharing import atom, conditional, drafts
from sharing.cloud.errors import Unavailable
from sharing.cloud.resources import SharedImage, normalise_project_id
from sharing.forms.feeds import FeedForm
from sharing.http import Request, SignedInRequest
from sharing.mail import absolute
from sharing.models import InboxFeed
from sharing.services import feed_news, inbox, inbox_feeds, sightings
from sharing.services.feed_news import Event, Kind
from sharing.views import errors as pages
from sharing.views.access import only_post, secret_feed, signed_in
from sharing.views.keyed import keyed


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """A POST makes the project's address anew, and shows it: this once, so nothing redirects."""
    if request.method != "POST":
        if drafts.take(request, request.path):
            messages.warning(request, _("You were signed out meanwhile: press the button again."))
        return _page(request)
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422)
    if form.cleaned_data["project"] != request.cloud.project.id:
        return _switched(request)
    waiting = _waiting(request)
    key = inbox_feeds.make(
        cloud=request.cloud, instead_of=form.cleaned_data["instead_of"], by=request.cloud.user
    )
    if key is None:
        messages.warning(request, _("The address was made already, or ended, in between."))
        return redirect("inbox-feeds")
    if waiting is not None:
        sightings.note(cloud=request.cloud, waiting=waiting)
    return _page(request, address=absolute(reverse("inbox-feed", args=[key])))


@only_post
@signed_in
def revoke(request: SignedInRequest) -> HttpResponse:
    """Any of one's own, for whichever project."""
    project_id = normalise_project_id(request.POST.get("project", "")) or ""
    inbox_feeds.revoke(project_id=project_id, by=request.cloud.user)
    messages.success(request, _("Revoked: that address leads nowhere any more."))
    return redirect("inbox-feeds")


@require_safe
@keyed
def atom_feed(request: Request, key: str) -> HttpResponse:
    """For whoever has the address. What it tells was written down here; see docs/decisions/0011."""
    owned = secret_feed(key)
    if wait := inbox_feeds.count_fetch(owned):
        return pages.too_many(request, wait_seconds=wait)
    feed = _feed(owned)
    response = conditional.answer(
        request,
        feed.to_xml(),
        content_type=atom.CONTENT_TYPE,
        cache_control="private, no-cache",
        changed_at=feed.updated,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request: SignedInRequest, *, address: str = "", status: int = 200) -> HttpResponse:
    cloud = request.cloud
    feeds = inbox_feeds.of_user(cloud.user)
    mine = next((feed for feed in feeds if feed.project_id == cloud.project.id), None)
    context = {
        "feed": mine,
        "ends_on": timezone.localdate(inbox_feeds.ends_at(mine)) if mine else None,
        "days": inbox_feeds.LASTS.days,
        "others": [feed for feed in feeds if feed != mine],
        "address": address,
    }
    response = render(request, "inbox/feeds.html", context, status=status)
    if address:
        add_never_cache_headers(response)
    return response


def _waiting(request: SignedInRequest) -> Sequence[SharedImage] | None:
    """For the first time that the feed is fetched; it can do without."""
    try:
        return inbox.list_drawers(cloud=request.cloud)["pending"]
    except Unavailable:
        return None


def _switched(request: SignedInRequest) -> HttpResponse:
    return pages.conflict(
        request,
        title=_("You have switched to another project"),
        text=_("The page that you sent was for the project you were signed in for before."),
    )


def _feed(owned: InboxFeed) -> atom.Feed:
    """The address itself is not in it: a feed is kept and passed on more easily than a link."""
    news = feed_news.read(owned)
    tray = absolute(reverse("inbox"))
    project = owned.project_name
    basis = _("Nobody of %(project)s has opened the inbox since the feed was made.")
    if news.looked_at:
        basis = _("Someone of %(project)s last opened the inbox on %(when)s.")
    when = date_format(news.looked_at, "Y-m-d H:i T") if news.looked_at else ""
    promise = _(
        "What the portal wrote down, and what the inbox showed. How a share stands now, only its "
        "page says."
    )
    return atom.Feed(
        id=f"{tray}#{owned.project_id}",
        address="",
        page=tray,
        title=_("Shared with %(project)s") % {"project": project},
        subtitle=f"{basis % {'project': project, 'when': when}} {promise}",
        author=_("Image Sharing Portal"),
        entries=[_entry(event, project) for event in news.events],
        links={},
    )


def _entry(event: Event, project: str) -> atom.Entry:
    page = absolute(event.page)
    context = {"event": event, "project": project}
    return atom.Entry(
        id=f"{page}#{event.key}",
        title=_title(event, project),
        address=page,
        html=render_to_string("inbox/feed_entry.html", context),
        author=event.producer,
        published=event.at,
        updated=event.at,
        tags=[event.kind],
    )


def _title(event: Event, project: str) -> str:
    words = {
        Kind.SHARED: _("Shared with %(project)s: %(image)s"),
        Kind.NEW_VERSION: _("New version shared with %(project)s: %(image)s"),
        Kind.SEEN: _("Seen in the inbox of %(project)s: %(image)s"),
        Kind.ENDING: _("Shared with %(project)s until %(day)s: %(image)s"),
        Kind.REMOVED: _("No longer shared with %(project)s: %(image)s"),
    }
    day = date_format(event.ends_on, "DATE_FORMAT") if event.ends_on else ""
    return words[event.kind] % {"project": project, "image": event.name, "day": day}
