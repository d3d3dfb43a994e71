"""What became of an image that a consumer's link leads to and that the Image API no longer shows.

It says the same 404 for "deleted", "private" and "not shared with you". What was done in the portal
stands in its history, and whoever had the share may know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sharing.models import HistoryEntry, Listing, Producer
from sharing.services import history, producers, versions
from sharing.services.inbox import Standing, State
from sharing.services.versions import Versions
from sharing.session import Cloud

# Deleting an image takes its shares back in the same transaction.
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fate:
    """``what`` is empty when nothing was done here: then nobody knows which it is."""

    what: Literal["", "deleted", "private"]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """Where to go on when a listing's image cannot be had: a newer one, or its producer. Only what
    anyone may know: a listing's own address is for those whom it was given to."""

    versions: Versions
    producer: Producer | None

    @property
    def contact_email(self) -> str:
        return self.producer.contact_email if self.producer else ""


def of(standing: Standing) -> Fate:
    share = standing.share
    if share is None or standing.state not in {State.GONE, State.WITHDRAWN}:
        return Fate("")
    verbs = (history.Verb.IMAGE_DELETED, history.Verb.VISIBILITY_CHANGED)
    done = HistoryEntry.objects.filter(
        verb__in=verbs,
        image_id=share.image_id,
        producer_project_id=share.producer_project_id,
        at__gte=share.shared_at,
    )
    last = done.order_by("-at", "-pk").first()
    if last is None or (share.removed_at and last.at - share.removed_at > AT_ONCE):
        return Fate("")  # it had been taken back before that
    if last.verb == history.Verb.IMAGE_DELETED:
        return Fate("deleted", last.at)
    is_private = share.removed_at is None and last.detail.endswith("→ private")
    return Fate("private", last.at) if is_private else Fate("")


def help_with(listing: Listing) -> Help:
    """For whoever holds a link to something of this listing."""
    return Help(versions.of_listing(listing), producers.of_project(listing.project_id))


def other_regions(cloud: Cloud) -> Sequence[str]:
    return [region for region in cloud.regions if region != cloud.region]
