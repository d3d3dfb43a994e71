"""What of a drawer of the inbox is wanted, and in which order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sharing.cloud.resources import SharedImage
from sharing.models import Listing, Share
from sharing.services.letters import Pair, pair_of

_DAY, _WEEK, _MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
AGES = ("day", "week", "month", "older")
SORTS = ("newest", "oldest", "name", "producer")


@dataclass(frozen=True, slots=True)
class Question:
    """Empty is any. ``producer`` is a project ID, ``os`` what the image has for ``os_distro``."""

    q: str = ""
    producer: str = ""
    os: str = ""
    age: str = ""
    sort: str = "newest"

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.producer or self.os or self.age)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the words to search for was chosen."""
        return bool(self.producer or self.os or self.age) or self.sort != "newest"

    def asked(self) -> dict[str, str]:
        """What an address has to say to ask the same."""
        given = {"q": self.q, "producer": self.producer, "os": self.os, "age": self.age}
        sort = {} if self.sort == "newest" else {"sort": self.sort}
        return {name: value for name, value in given.items() if value} | sort


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole drawer, with what we know of its shares, and how its producers are called."""

    images: Sequence[SharedImage]
    known: Mapping[Pair, Share]
    names: Mapping[str, str]

    def found(self, question: Question) -> list[SharedImage]:
        wanted = [shared for shared in self.images if self._is_wanted(shared, question)]
        keys: Mapping[str, Callable[[SharedImage], Any]] = {
            "name": lambda shared: shared.image.name.casefold(),
            "producer": lambda shared: self.name_of(shared.image.owner).casefold(),
        }
        wanted.sort(key=self.arrived, reverse=question.sort != "oldest")
        if question.sort in keys:
            wanted.sort(key=keys[question.sort])
        return wanted

    def arrived(self, shared: SharedImage) -> datetime:
        """When it was shared; of a share that another tool made, the image's own time: to ask for
        the member's would take a call for each."""
        record = self.known.get(pair_of(shared))
        return record.shared_at if record else shared.image.created_at

    def name_of(self, owner: str) -> str:
        return self.names.get(owner) or f"{owner[:8]}…"

    def producers(self) -> list[tuple[str, str]]:
        """ID and name of each that has something in the drawer."""
        owners = {shared.image.owner for shared in self.images}
        named = [(owner, self.name_of(owner)) for owner in owners]
        return sorted(named, key=lambda one: (one[0] not in self.names, one[1].casefold()))

    def systems(self) -> list[str]:
        return sorted({shared.image.os_distro for shared in self.images} - {""})

    def _is_wanted(self, shared: SharedImage, question: Question) -> bool:
        image = shared.image
        return (
            question.producer in {"", image.owner}
            and question.os in {"", image.os_distro}
            and (not question.age or _is_of_age(self.arrived(shared), question.age))
            and (not question.q or question.q.casefold() in self._words(shared))
        )

    def _words(self, shared: SharedImage) -> str:
        image, record = shared.image, self.known.get(pair_of(shared))
        system = f"{image.os_distro} {image.os_version}"
        parts = (image.name, image.id, image.owner, system, image.architecture, *image.tags)
        note = record.note if record else ""
        return "\n".join((*parts, self.names.get(image.owner, ""), note)).casefold()


def contents(images: Sequence[SharedImage], known: Mapping[Pair, Share]) -> Contents:
    names = {share.producer_project_id: share.producer_name for share in known.values()}
    names = {owner: name for owner, name in names.items() if name}
    unnamed = {shared.image.owner for shared in images} - names.keys()
    if unnamed:
        listings = Listing.objects.filter(
            project_id__in=unnamed, state=Listing.State.PUBLISHED
        ).order_by("updated_at")
        names |= dict(listings.values_list("project_id", "producer_name"))
    return Contents(images, known, names)


def mark(found: Iterable[SharedImage]) -> str:
    """By which one sees whether a list of shares is still the same."""
    ids = sorted(shared.image.id for shared in found)
    return hashlib.sha256("".join(ids).encode()).hexdigest()[:24]


def _is_of_age(moment: datetime, age: str) -> bool:
    gone = timezone.now() - moment
    if age == "older":
        return gone > _MONTH
    return gone <= {"day": _DAY, "week": _WEEK}.get(age, _MONTH)
