"""How the producer's images are received: per image, and the answers over time.

The counts and the times are the Image API's members, read now; nothing of them is kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.utils import timezone

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, MemberStatus
from sharing.models import HistoryEntry, Share
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud

MOST_IMAGES = 500
WEEKS = 12
MOST_NEWS = 12
# Our clock and the Image API's: an answer that both tell of is one.
SAME_ANSWER = timedelta(minutes=2)

Answer = tuple[str, str]  # image, project


@dataclass(frozen=True, slots=True)
class ImageFigures:
    """One shared image. ``tallies`` is None when its members could not be asked for."""

    image: Image
    tallies: Mapping[MemberStatus, int] | None
    days_to_accept: float | None = None  # the middle one

    @property
    def shared(self) -> int:
        return sum(self.tallies.values()) if self.tallies else 0

    @property
    def acceptance(self) -> int | None:
        """Per cent of those who answered; None while nobody did."""
        if not self.tallies:
            return None
        accepted = self.tallies.get("accepted", 0)
        answered = accepted + self.tallies.get("rejected", 0)
        return round(100 * accepted / answered) if answered else None


@dataclass(frozen=True, slots=True)
class Week:
    starts: date
    answers: int


@dataclass(frozen=True, slots=True)
class AnswerElsewhere:
    """What a consumer answered by another tool: of that only the Image API knows."""

    image: Image
    member: Member
    at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """``rows``: the most shared image first. ``weeks``: oldest first, this week last.
    ``elsewhere``: the last answer of each who gave it by another tool, newest first."""

    rows: Sequence[ImageFigures]
    weeks: Sequence[Week]
    elsewhere: Sequence[AnswerElsewhere]
    not_shared: int
    is_cut: bool

    @property
    def most_shared(self) -> int:
        return max((row.shared for row in self.rows), default=0)

    @property
    def most_in_a_week(self) -> int:
        return max((week.answers for week in self.weeks), default=0)

    def elsewhere_since(self, since: datetime) -> Sequence[AnswerElsewhere]:
        return [answer for answer in self.elsewhere if answer.at > since][:MOST_NEWS]

    @property
    def unknown(self) -> int:
        return sum(row.tallies is None for row in self.rows)


def of_project(*, cloud: Cloud) -> Figures:
    """One list, then the members of each shared image, eight at a time; no row waits for
    another's. Raises Unavailable when there is no list."""
    page = cloud.images.list_images(limit=MOST_IMAGES)
    images = [image for image in page.images if image.is_shared]
    found = gather(cloud.images.list_members, [image.id for image in images])
    shares = _shares(cloud.project.id)
    known = [
        (image, None if isinstance(members, errors.CloudError) else _rows(members, shares))
        for image, members in zip(images, found, strict=True)
    ]
    rows = [_figures(image, members) for image, members in known]
    here = _answered_here(cloud.project.id)
    elsewhere = [
        AnswerElsewhere(image, share.member, share.answered_at)
        for image, members in known
        for share in members or ()
        if share.answered_at and not _is_known(here, share.member, share.answered_at)
    ]
    moments = [at for moments in here.values() for at in moments]
    return Figures(
        rows=sorted(rows, key=lambda row: (-row.shared, row.image.name)),
        weeks=_weeks([*moments, *(answer.at for answer in elsewhere)]),
        elsewhere=sorted(elsewhere, key=lambda answer: answer.at, reverse=True),
        not_shared=len(page.images) - len(images),
        is_cut=bool(page.next_marker),
    )


def _rows(members: Iterable[Member], shares: Mapping[Answer, Share]) -> list[ImageShare]:
    return [
        ImageShare(
            member=member,
            share=shares.get((member.image_id, member.project_id)),
            contact=None,
            last_mail=None,
        )
        for member in members
    ]


def _shares(project_id: str) -> Mapping[Answer, Share]:
    mine = Share.objects.filter(producer_project_id=project_id)
    return {(share.image_id, share.project_id): share for share in mine.defer("note")}


def _figures(image: Image, shares: Sequence[ImageShare] | None) -> ImageFigures:
    if shares is None:
        return ImageFigures(image, None)
    days = [
        max(0.0, (share.answered_at - share.shared_at) / timedelta(days=1))
        for share in shares
        if share.member.is_accepted and share.answered_at
    ]
    tallies = Counter(share.member.status for share in shares)
    return ImageFigures(image, tallies, median(days) if days else None)


def _answered_here(project_id: str) -> Mapping[Answer, Sequence[datetime]]:
    """When consumers answered in the portal, as its history has it."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    here: dict[Answer, list[datetime]] = defaultdict(list)
    entries = HistoryEntry.objects.filter(
        producer_project_id=project_id, verb=HistoryEntry.Verb.STATUS_SET, at__gte=since
    )
    for image_id, consumer_id, at in entries.values_list("image_id", "project_id", "at"):
        here[image_id, consumer_id].append(at)
    return here


def _is_known(here: Mapping[Answer, Sequence[datetime]], member: Member, at: datetime) -> bool:
    moments = here.get((member.image_id, member.project_id), ())
    return any(abs(at - known) < SAME_ANSWER for known in moments)


def _weeks(moments: Iterable[datetime]) -> list[Week]:
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    days = (timezone.localtime(at).date() for at in moments)
    counts = Counter(day - timedelta(days=day.weekday()) for day in days)
    starts = [monday - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    return [Week(start, counts[start]) for start in starts]
