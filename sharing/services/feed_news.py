"""What a project's private feed tells, from our own tables alone: what was done here, and what the
project's own people last saw. Never how a share stands: nobody is there to ask the Image API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from sharing.models import HistoryEntry, InboxFeed, Listing, Share, Sighting, Succession

MOST = 100
MOST_READ = 500
REMOVED_WITHIN = timedelta(days=30)
ENDS_WITHIN = timedelta(days=14)

_NAMED = ("image_id", "project_id", "producer_name")

Pair = tuple[str, str]  # an image's ID, and its producer's project: the ID alone is no proof


class Kind(StrEnum):
    SHARED = "shared"
    NEW_VERSION = "new_version"
    SEEN = "seen"  # shared by another tool; the inbox showed it
    ENDING = "ending"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Event:
    """``at``: when it happened, or was first seen. ``seen_at``: the last look at the inbox, when it
    was waiting; None: nobody has looked since."""

    kind: Kind
    at: datetime
    page: str
    image_id: str
    name: str
    producer: str
    note: str = ""
    older: str = ""
    ends_on: date | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """Tells this event of a share from its others."""
        if self.kind == Kind.ENDING:
            return f"ends-{self.ends_on}"
        return f"{self.kind}-{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class News:
    """Newest first; ``looked_at`` is when someone of the project last opened the inbox, as far as
    that was written down."""

    events: Sequence[Event]
    looked_at: datetime | None


def read(feed: InboxFeed) -> News:
    project_id = feed.project_id
    looks = list(Sighting.objects.filter(project_id=project_id))
    shares = list(_shares(project_id))
    seen = (one["image"] for look in looks for one in look.waiting)
    answers = _answers(project_id, [*(share.image_id for share in shares), *seen])
    events = [
        *_shared(shares, looks, answers),
        *_seen(project_id, shares, looks, answers),
        *_ending(project_id),
        *_removed(project_id),
    ]
    events.sort(key=lambda event: (event.at, event.image_id, event.kind), reverse=True)
    return News(events[:MOST], max((look.seen_at for look in looks), default=None))


def _shares(project_id: str) -> Iterable[Share]:
    mine = Share.objects.filter(project_id=project_id, removed_at=None)
    return mine.order_by("-shared_at", "-pk")[:MOST_READ]


def _answers(project_id: str, image_ids: Iterable[str]) -> dict[Pair, datetime]:
    """When the project's own people last answered here, unless that was "decide later"."""
    given = HistoryEntry.objects.filter(
        image_id__in=set(image_ids),
        project_id=project_id,
        by_project_id=project_id,
        verb=HistoryEntry.Verb.STATUS_SET,
    )
    last: dict[Pair, datetime] = {}
    for entry in given.order_by("at", "pk"):
        pair = entry.image_id, entry.producer_project_id
        last.pop(pair, None)
        if entry.detail != "pending":
            last[pair] = entry.at
    return last


def _shared(
    shares: Sequence[Share], looks: Sequence[Sighting], answers: Mapping[Pair, datetime]
) -> Iterable[Event]:
    """Those of which nothing says here that they were answered."""
    older = _older_names(shares)
    for share in shares:
        pair = share.image_id, share.producer_project_id
        seen_at = _seen_at(share, looks)
        known_at = seen_at or share.shared_at
        if seen_at is None and _is_missing(share, looks):
            continue
        if pair in answers and answers[pair] >= known_at:
            continue
        yield Event(
            kind=Kind.NEW_VERSION if pair in older else Kind.SHARED,
            at=share.shared_at,
            page=share.get_absolute_url(),
            image_id=share.image_id,
            name=share.image_name or share.image_id,
            producer=share.producer_name,
            note=share.note,
            older=older.get(pair, ""),
            ends_on=share.ends_on,
            seen_at=seen_at,
        )


def _seen_at(share: Share, looks: Sequence[Sighting]) -> datetime | None:
    """The last look that showed it waiting."""
    pair = share.image_id, share.producer_project_id
    return max((look.seen_at for look in _over(share, looks) if pair in _pairs(look)), default=None)


def _is_missing(share: Share, looks: Sequence[Sighting]) -> bool:
    """Whether someone has looked since, and it was not there."""
    over = _over(share, looks)
    return bool(over) and all(look.is_whole and look.seen_at > share.shared_at for look in over)


def _over(share: Share, looks: Sequence[Sighting]) -> list[Sighting]:
    """The looks at the share's region; from the time when there was one, shares name none."""
    return [look for look in looks if share.region in {"", look.region}]


def _pairs(look: Sighting) -> set[Pair]:
    return {(one["image"], one["owner"]) for one in look.waiting}


def _older_names(shares: Sequence[Share]) -> dict[Pair, str]:
    """What these are new versions of, as far as the project had those."""
    steps = Succession.objects.filter(new_image_id__in=[share.image_id for share in shares])
    by_old = {(step.old_image_id, step.producer_project_id): step for step in steps}
    had = Share.objects.filter(
        project_id__in={share.project_id for share in shares},
        image_id__in=[image_id for image_id, _owner in by_old],
    )
    known = (by_old.get((share.image_id, share.producer_project_id)) for share in had)
    return {
        (step.new_image_id, step.producer_project_id): step.old_name or step.old_image_id
        for step in known
        if step
    }


def _seen(
    project_id: str,
    shares: Sequence[Share],
    looks: Sequence[Sighting],
    answers: Mapping[Pair, datetime],
) -> Iterable[Event]:
    """What only a look at the inbox told of: another tool had shared it."""
    recorded = {(share.image_id, share.producer_project_id) for share in shares}
    producers = _producer_names(looks)
    for look in looks:
        for one in look.waiting:
            pair = one["image"], one["owner"]
            if pair in recorded or (pair in answers and answers[pair] >= look.seen_at):
                continue
            yield Event(
                kind=Kind.SEEN,
                at=datetime.fromisoformat(one["since"]),
                page=_page(one["image"], project_id, look.region),
                image_id=one["image"],
                name=one["name"] or one["image"],
                producer=producers.get(pair, one["owner"]),
                seen_at=look.seen_at,
            )


def _producer_names(looks: Sequence[Sighting]) -> dict[Pair, str]:
    """Nobody may look up another project's name: some are known by a listing."""
    ids = [one["image"] for look in looks for one in look.waiting]
    rows = Listing.objects.filter(image_id__in=ids, shown=1)
    return {(row.image_id, row.project_id): row.producer_name for row in rows.only(*_NAMED)}


def _page(image_id: str, project_id: str, region: str) -> str:
    """As ``Share.get_absolute_url``."""
    query = {"project": project_id} | ({"region": region} if region else {})
    return f"{reverse('share', args=[image_id])}?{urlencode(query)}"


def _ending(project_id: str) -> Iterable[Event]:
    """Those whose last day is near, answered or not."""
    today = timezone.now().date()
    near = Share.objects.filter(
        project_id=project_id, removed_at=None, ends_on__range=(today, today + ENDS_WITHIN)
    ).order_by("ends_on", "pk")
    shares = list(near[:MOST])
    set_at = _dates_set(project_id, shares)
    for share in shares:
        if share.ends_on is None:
            continue
        near_since = datetime.combine(share.ends_on - ENDS_WITHIN, clock(), UTC)
        known_since = set_at.get((share.image_id, share.producer_project_id), share.shared_at)
        yield _of_record(Kind.ENDING, share, max(near_since, known_since, share.shared_at))


def _dates_set(project_id: str, shares: Sequence[Share]) -> dict[Pair, datetime]:
    entries = HistoryEntry.objects.filter(
        image_id__in=[share.image_id for share in shares],
        project_id=project_id,
        verb=HistoryEntry.Verb.END_DATE_SET,
    )
    return {
        (entry.image_id, entry.producer_project_id): entry.at
        for entry in entries.order_by("at", "pk")
    }


def _removed(project_id: str) -> Iterable[Event]:
    lately = Share.objects.filter(
        project_id=project_id, removed_at__gt=timezone.now() - REMOVED_WITHIN
    )
    for share in lately.order_by("-removed_at", "-pk")[:MOST]:
        if share.removed_at:
            yield _of_record(Kind.REMOVED, share, share.removed_at)


def _of_record(kind: Kind, share: Share, at: datetime) -> Event:
    return Event(
        kind=kind,
        at=at,
        page=share.get_absolute_url(),
        image_id=share.image_id,
        name=share.image_name or share.image_id,
        producer=share.producer_name,
        ends_on=share.ends_on,
    )
