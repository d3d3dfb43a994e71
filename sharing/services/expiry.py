"""What ends by itself since nobody did anything about it: requests, and the trust in old facts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from sharing import mail
from sharing.models import AccessRequest, HistoryEntry, Listing, RequestEvent

State = AccessRequest.State


def expire_requests() -> int:
    """End the requests in which nothing has happened for ``REQUEST_EXPIRY_DAYS``, and write to
    whoever asked; how many.

    May run as often as one likes, and several at once: who changes a request first writes. One that
    was never confirmed reached nobody: its link ends by itself, without a mail.
    """
    if not settings.REQUEST_EXPIRY_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.REQUEST_EXPIRY_DAYS)
    return sum(_expire(request, before) for request in list(_quiet_since(before)))


def flag_stale_listings() -> int:
    """Say of each published listing whose facts nobody looked at for ``LISTING_STALE_DAYS`` that it
    is so; how many are new. A look at the image takes the flag away."""
    if not settings.LISTING_STALE_DAYS:
        return 0
    now = timezone.now()
    before = now - timedelta(days=settings.LISTING_STALE_DAYS)
    unseen = Q(facts_at__lt=before) | Q(facts_at=None, published_at__lt=before)
    return Listing.objects.filter(unseen, shown=1, stale_since=None).update(stale_since=now)


def _quiet_since(before: datetime) -> QuerySet[AccessRequest]:
    """The last thing that happened was that it was asked, confirmed or answered, or that the
    producer asked for more."""
    waiting = AccessRequest.objects.filter(state__in=(State.OPEN, State.ASKED))
    quiet = waiting.annotate(last=Max("events__at")).filter(last__lt=before)
    return quiet.select_related("listing").order_by("pk")


def _expire(request: AccessRequest, before: datetime) -> bool:
    """Unless somebody has done something meanwhile, or is just deciding."""
    was_asked = request.state == State.ASKED
    with transaction.atomic():
        same = AccessRequest.objects.filter(pk=request.pk, state=request.state)
        mine = same.exclude(claimed_until__gt=timezone.now()).update(state=State.EXPIRED)
        if not mine or request.events.filter(at__gte=before).exists():
            transaction.set_rollback(True)
            return False
        request.state = State.EXPIRED
        RequestEvent.objects.create(request=request, kind=RequestEvent.Kind.EXPIRED)
        mail.request_expired(request, was_asked=was_asked)
        _write_down(request)
    return True


def _write_down(request: AccessRequest) -> None:
    """By nobody: the worker did it."""
    HistoryEntry.objects.create(
        verb=HistoryEntry.Verb.REQUEST_EXPIRED,
        producer_project_id=request.listing.project_id,
        image_id=request.listing.image_id,
        image_name=request.listing.image_name or request.listing.title,
        project_id=request.project_id,
        detail=request.email,
    )
