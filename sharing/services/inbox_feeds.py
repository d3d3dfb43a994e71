"""The secret addresses of a project's feed: made, seen, revoked, and ended by themselves.

Whoever knows an address reads the feed; the portal keeps only its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sharing.cloud.resources import Project, User
from sharing.models import InboxFeed
from sharing.models.access import new_token
from sharing.services import sightings, throttle
from sharing.session import Cloud

# An address ends so long after its owner was last here for the project: whether they are still in
# it, only a sign-in tells.
LASTS = timedelta(days=90)
FETCHES, WITHIN = 60, timedelta(minutes=10)
# A reader that comes more often is written down once.
NOTED_EVERY = timedelta(minutes=1)


def of_user(user: User) -> Sequence[InboxFeed]:
    mine = InboxFeed.objects.filter(user_id=user.id, owner_seen_at__gt=timezone.now() - LASTS)
    return list(mine.order_by("project_name", "pk"))


def ends_at(feed: InboxFeed) -> datetime:
    """Unless the owner is here before."""
    return feed.owner_seen_at + LASTS


def make(*, cloud: Cloud, instead_of: int | None, by: User) -> str | None:
    """The key of a new address for the project, for this once; ``instead_of`` ends.

    None when that is not the present one: another tab, or the same form again, was first.
    """
    key = new_token()
    with transaction.atomic():
        mine = InboxFeed.objects.select_for_update().filter(
            user_id=by.id, project_id=cloud.project.id
        )
        present = mine.first()
        if (present.pk if present else None) != instead_of:
            return None
        mine.delete()
        _feed, is_new = InboxFeed.objects.get_or_create(
            user_id=by.id,
            project_id=cloud.project.id,
            defaults={"project_name": cloud.project.name, "key_hash": _hash(key)},
        )
    return key if is_new else None


def revoke(*, project_id: str, by: User) -> None:
    """Its address leads nowhere from now on. One that is not there (any more) is no fault."""
    InboxFeed.objects.filter(user_id=by.id, project_id=project_id).delete()
    sightings.forget_unfed()


def owner_is_here(*, user: User, projects: Iterable[Project], are_all: bool) -> None:
    """A sign-in or a switch told which projects someone is in; ``are_all``: there are no others, so
    the feeds of others end."""
    names = {project.id: project.name for project in projects}
    mine = InboxFeed.objects.filter(user_id=user.id)
    for feed in mine:
        if feed.project_id in names:
            feed.owner_seen_at, feed.project_name = timezone.now(), names[feed.project_id]
            feed.save(update_fields=["owner_seen_at", "project_name"])
        elif are_all:
            revoke(project_id=feed.project_id, by=user)


def with_key(key: str) -> InboxFeed | None:
    """One whose time is over ends now, for good."""
    feed = InboxFeed.objects.filter(key_hash=_hash(key)).first()
    if feed and ends_at(feed) <= timezone.now():
        feed.delete()
        sightings.forget_unfed()
        return None
    return feed


def forget_ended() -> int:
    ended = InboxFeed.objects.filter(owner_seen_at__lte=timezone.now() - LASTS)
    count, _by_model = ended.delete()
    sightings.forget_unfed()
    return count


def count_fetch(feed: InboxFeed) -> int:
    """Write down that it was fetched; the seconds to wait when that was too often, else 0."""
    wait = throttle.hit(kind="feed", key=str(feed.pk), limit=FETCHES, window=WITHIN)
    now = timezone.now()
    if not wait and (feed.fetched_at is None or now - feed.fetched_at > NOTED_EVERY):
        InboxFeed.objects.filter(pk=feed.pk).update(fetched_at=now)
    return wait


def _hash(key: str) -> str:
    """The key is random enough that its hash needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()
