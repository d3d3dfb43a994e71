"""The producer's verbs on a request: approve, ask for more, decline.

A decision is first claimed, then carried out, then written down: of two producers who decide at
once, the second is told who was first, and the Image API is called for one of them only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud import errors
from sharing.cloud.resources import Image, User
from sharing.models import AccessRequest, RequestEvent
from sharing.services import history, listings, members, refusals, rights
from sharing.session import Cloud

State = AccessRequest.State
Kind = RequestEvent.Kind

# Longer than a decision's calls can take; a claim whose process died ends by itself.
CLAIM = timedelta(minutes=2)


def approve(
    *,
    cloud: Cloud,
    request: AccessRequest,
    by: User,
    ends_on: date | None = None,
    by_rule: bool = False,
) -> None:
    """Create the member and write to the consumer. A project that is a member already is fine.

    ``by_rule``: a standing rule of the listing does it, in the session of ``by``.

    Raises AlreadyDecided, NotShared, QuotaReached, ImageGone, OtherRegion, NotAllowed, OwnProject:
    then the request stays open.
    """
    with _claimed(request, by):
        image = _image_of(cloud, request, by)
        write_down: Callable[..., None] = partial(members.write_down, note="")
        try:
            member = members.create_member(cloud=cloud, image=image, project_id=request.project_id)
        except refusals.AlreadyMember as refusal:
            member, write_down = refusal.member, members.write_down_again
        with transaction.atomic():
            _write_down(cloud, request, by, State.APPROVED, Kind.APPROVED, "", by_rule=by_rule)
            write_down(
                cloud=cloud,
                image=image,
                member=member,
                by=by,
                email=request.email,
                ends_on=ends_on,
                request=request,
            )


def ask_more(*, cloud: Cloud, request: AccessRequest, question: str, by: User) -> None:
    """Ask the requester something; the request waits for the answer.

    Raises NotAllowed, AlreadyDecided.
    """
    rights.require_member(cloud)
    with _claimed(request, by), transaction.atomic():
        _write_down(cloud, request, by, State.ASKED, Kind.ASKED, question)
        mail.more_asked(request)


def decline(*, cloud: Cloud, request: AccessRequest, reason: str, by: User) -> None:
    """Say no, and why. Raises NotAllowed, AlreadyDecided."""
    rights.require_member(cloud)
    with _claimed(request, by), transaction.atomic():
        _write_down(cloud, request, by, State.DECLINED, Kind.DECLINED, reason)
        mail.declined(request)


@contextmanager
def _claimed(request: AccessRequest, by: User) -> Iterator[None]:
    """Nobody else decides ``request`` in here; whatever happens, the claim is given back."""
    now = timezone.now()
    mine = AccessRequest.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lte=now),
        pk=request.pk,
        state__in=(State.OPEN, State.ASKED),
    ).update(claimed_until=now + CLAIM, claimed_by_name=by.name)
    request.refresh_from_db()
    if not mine:
        # Still open, or asked a while ago: then the other decision is on its way right now.
        is_under_way = request.can_be_decided
        raise refusals.AlreadyDecided(
            state=request.state,
            by=request.claimed_by_name if is_under_way else request.decided_by_name,
            at=None if is_under_way else request.decided_at,
        )
    try:
        yield
    finally:
        AccessRequest.objects.filter(pk=request.pk).update(claimed_until=None)


def _image_of(cloud: Cloud, request: AccessRequest, by: User) -> Image:
    """The listing's image, if it still is this project's; else nobody finds the listing more."""
    listing = request.listing
    if listings.is_in_another_region(cloud=cloud, listing=listing):
        raise refusals.OtherRegion(listing.region)
    try:
        image = cloud.images.get_image(listing.image_id)
    except errors.NotFound as error:
        listings.mark_unavailable(cloud=cloud, listing=listing, by=by)
        raise refusals.ImageGone from error
    if not image.is_owned_by(cloud.project.id):
        raise refusals.ImageGone
    return image


_VERBS = {
    Kind.APPROVED: history.Verb.REQUEST_APPROVED,
    Kind.ASKED: history.Verb.REQUEST_ASKED,
    Kind.DECLINED: history.Verb.REQUEST_DECLINED,
}


def _write_down(
    cloud: Cloud,
    request: AccessRequest,
    by: User,
    state: State,
    kind: Kind,
    text: str,
    *,
    by_rule: bool = False,
) -> None:
    request.state, request.reason, request.decided_at = state, text, timezone.now()
    request.decided_by_id, request.decided_by_name = by.id, by.name
    request.is_decided_by_rule = by_rule
    columns = ["state", "reason", "decided_at", "decided_by_id", "decided_by_name"]
    request.save(update_fields=[*columns, "is_decided_by_rule"])
    RequestEvent.objects.create(request=request, kind=kind, text=text, by_name=by.name)
    listing = request.listing
    history.record(
        cloud=cloud,
        by=by,
        verb=_VERBS[kind],
        producer_project_id=listing.project_id,
        image_id=listing.image_id,
        image_name=listing.image_name or listing.title,
        project_id=request.project_id,
        detail=_("By rule, in the session of %(name)s") % {"name": by.name} if by_rule else text,
    )
