"""Every share of every image of a project: found, sorted, page by page or all at once.

The members come from the Image API, at each look. Of our own tables only what the question needs
is read for all of them, and everything only for the rows that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member
from sharing.models import Contact, Share
from sharing.services import contacts, image_shares
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud

ROWS_ON_A_PAGE = 25  # to draw a row takes longer than to read a hundred
SORTS = ("image", "project", "status", "shared", "answered", "ends")
HINTS = ("quiet", "back", "ends", "unreachable")
_LIST_SIZE = 999  # the client asks for one more, and the API gives at most 1000
_CHUNK = 500
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What of the ledger is wanted, and in which order (``-`` before it: the other way round).

    ``status`` is a member status, ``hint`` one of ``HINTS``, ``image`` an ID; empty is any.
    """

    q: str = ""
    status: str = ""
    hint: str = ""
    image: str = ""
    sort: str = "image"

    @property
    def is_filtered(self) -> bool:
        return any((self.q, self.status, self.hint, self.image))

    def asked(self) -> dict[str, str]:
        """By name, what was asked for: the query of the ledger's address."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    image: Image
    share: ImageShare


@dataclass(frozen=True, slots=True)
class Ledger:
    """``images`` are all that are shared; ``unknown`` those whose members could not be had, and
    ``fault`` is why."""

    images: Sequence[Image]
    unknown: Sequence[Image]
    fault: errors.CloudError | None
    total: int
    found: Sequence[Member] = field(repr=False)
    _by_id: Mapping[str, Image] = field(repr=False)
    _project_id: str

    @property
    def waiting(self) -> int:
        """How many of those found have no answer."""
        return sum(member.is_pending for member in self.found)

    def page(self, number: str) -> tuple[Page[Member], list[Row]]:
        """``number`` is what stands in the address: nonsense is the first page."""
        page = Paginator(self.found, ROWS_ON_A_PAGE).get_page(number)
        return page, self._rows(list(page.object_list))

    def rows(self) -> Iterator[Row]:
        """All that were found."""
        left = iter(self.found)
        while chunk := list(islice(left, _CHUNK)):
            yield from self._rows(chunk)

    def _rows(self, members: Sequence[Member]) -> list[Row]:
        shares = image_shares.join(members, producer_project_id=self._project_id)
        return [Row(self._by_id[share.member.image_id], share) for share in shares]


def shared_images(*, cloud: Cloud) -> list[Image]:
    """All of the project's images that can have members, by name."""
    images = [image for image in list_images(cloud=cloud) if image.is_shared]
    return sorted(images, key=lambda image: (image.name.casefold(), image.id))


def read(*, cloud: Cloud, question: Question, images: Sequence[Image] | None = None) -> Ledger:
    """``images`` are ``shared_images``, if they are known. Raises the Image API's error when no
    image's members can be had."""
    images = shared_images(cloud=cloud) if images is None else images
    answers = gather(cloud.images.list_members, [image.id for image in images])
    unknown, members, fault = list[Image](), list[Member](), None
    for image, answer in zip(images, answers, strict=True):
        if not isinstance(answer, errors.CloudError):
            members += answer
        elif not isinstance(answer, (errors.NotFound, errors.Forbidden)):
            # Those are of images that were deleted, or turned private, this very moment.
            unknown.append(image)
            fault = answer
    if fault and (len(unknown) == len(images) or isinstance(fault, errors.SessionEnded)):
        raise fault
    by_id = {image.id: image for image in images}
    found = _sorted(cloud, question, by_id, _found(cloud, question, by_id, members))
    return Ledger(images, unknown, fault, len(members), found, by_id, cloud.project.id)


def list_images(*, cloud: Cloud) -> list[Image]:
    """All of the project's own images, newest first."""
    found: dict[str, Image] = {}
    marker = ""
    while True:
        page = cloud.images.list_images(marker=marker, limit=_LIST_SIZE)
        is_new = any(image.id not in found for image in page.images)
        found |= {image.id: image for image in page.images}
        marker = page.next_marker
        if not marker or not is_new:  # a marker that went stale leads back to the first page
            return list(found.values())


def _found(
    cloud: Cloud, question: Question, images: Mapping[str, Image], members: Sequence[Member]
) -> list[Member]:
    wanted = list(members)
    if question.status:
        wanted = [member for member in wanted if member.status == question.status]
    if question.image:
        wanted = [member for member in wanted if member.image_id == question.image]
    if question.q:
        wanted = _searched(cloud, question.q.casefold(), images, wanted)
    hints = {"quiet": _quiet, "back": _put_back, "ends": _ending, "unreachable": _unreachable}
    return hints[question.hint](cloud, wanted) if question.hint in hints else wanted


def _searched(
    cloud: Cloud, text: str, images: Mapping[str, Image], members: Sequence[Member]
) -> list[Member]:
    """In the image's name and ID, the project's ID and the contact's address."""
    hit = {one.id for one in images.values() if text in one.name.casefold() or text in one.id}
    held = Contact.objects.filter(producer_project_id=cloud.project.id)
    addresses = held.filter(email__icontains=text).values_list("project_id", flat=True)
    written = set(addresses)
    return [
        member
        for member in members
        if member.image_id in hit
        or member.project_id in written
        or text in member.project_id.casefold()
    ]


def _quiet(cloud: Cloud, members: Sequence[Member]) -> list[Member]:
    since = timezone.now() - image_shares.QUIET_AFTER
    old = [member for member in members if member.is_pending and member.created_at <= since]
    return _such(cloud, old, lambda share: share.is_quiet)


def _put_back(cloud: Cloud, members: Sequence[Member]) -> list[Member]:
    answered = set(_records(cloud).exclude(answered_at=None).values_list("image_id", "project_id"))
    moved = [
        member
        for member in members
        if member.is_pending and (member.updated_at > member.created_at or _key(member) in answered)
    ]
    return _such(cloud, moved, lambda share: share.is_put_back)


def _such(
    cloud: Cloud, members: Sequence[Member], is_such: Callable[[ImageShare], bool]
) -> list[Member]:
    found: list[Member] = []
    for start in range(0, len(members), _CHUNK):
        chunk = members[start : start + _CHUNK]
        shares = image_shares.join(chunk, producer_project_id=cloud.project.id)
        found += [share.member for share in shares if is_such(share)]
    return found


def _ending(cloud: Cloud, members: Sequence[Member]) -> list[Member]:
    ends = set(_ending_records(cloud).values_list("image_id", "project_id"))
    return [member for member in members if _key(member) in ends]


def _unreachable(cloud: Cloud, members: Sequence[Member]) -> list[Member]:
    held = Contact.objects.filter(producer_project_id=cloud.project.id)
    known = set(held.values_list("project_id", flat=True))
    without = [member for member in members if member.project_id not in known]
    own = contacts.own_addresses(
        producer_project_id=cloud.project.id,
        project_ids={member.project_id for member in without},
    )
    return [member for member in without if member.project_id not in own]


def _sorted(
    cloud: Cloud, question: Question, images: Mapping[str, Image], members: list[Member]
) -> list[Member]:
    """They come by the image's name, the oldest share first, and stay so where nothing else is
    asked for."""
    if question.sort == "image":
        return members
    place = {image_id: number for number, image_id in enumerate(images)}
    name = question.sort.removeprefix("-")
    is_reversed = question.sort.startswith("-")
    keys: dict[str, Callable[[], Callable[[Member], Any]]] = {
        "image": lambda: lambda member: place[member.image_id],
        "project": lambda: lambda member: member.project_id,
        "status": lambda: lambda member: member.status,
        "shared": lambda: _by_time_shared(cloud),
        "answered": lambda: _when_answered,
        "ends": lambda: _by_end(cloud, last=is_reversed),
    }
    if name in keys:
        members.sort(key=keys[name](), reverse=is_reversed)
    return members


def _by_time_shared(cloud: Cloud) -> Callable[[Member], str]:
    """As the database's text, in UTC: to make 7,200 times of it takes longer than all the rest."""
    times = _records(cloud).values_list(
        "image_id", "project_id", Cast("shared_at", CharField(max_length=40))
    )
    known = {(image_id, project_id): text for image_id, project_id, text in _at_once(times)}

    def shared(member: Member) -> str:
        return known.get(_key(member)) or f"{member.created_at:%Y-%m-%d %H:%M:%S}"

    return shared


def _when_answered(member: Member) -> datetime:
    """As the API has it; who never answered comes first."""
    is_answered = not member.is_pending or member.updated_at > member.created_at
    return member.updated_at if is_answered else member.created_at - timedelta(days=36_500)


def _by_end(cloud: Cloud, *, last: bool) -> Callable[[Member], str]:
    """As text, year first. Those without an end come after the others, either way round."""
    dated = _ending_records(cloud).values_list(
        "image_id", "project_id", Cast("ends_on", CharField(max_length=10))
    )
    ends = {(image_id, project_id): text for image_id, project_id, text in _at_once(dated)}
    without = "" if last else "~"
    return lambda member: ends.get(_key(member), without)


def _at_once(rows: QuerySet[Share, tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Thousands of rows in a few steps: by itself Django fetches a hundred at a time."""
    return rows.iterator(chunk_size=5000)


def _ending_records(cloud: Cloud) -> QuerySet[Share]:
    return _records(cloud).exclude(ends_on=None)


def _records(cloud: Cloud) -> QuerySet[Share]:
    return Share.objects.filter(producer_project_id=cloud.project.id, removed_at=None)


def _key(member: Member) -> Key:
    return member.image_id, member.project_id
