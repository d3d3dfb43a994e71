"""What the cloud knows, in the product's words: frozen records over the services' JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

MemberStatus = Literal["pending", "accepted", "rejected"]
STATUSES: tuple[MemberStatus, ...] = ("pending", "accepted", "rejected")

# fmt: off
_BASE_PROPERTIES = frozenset((
    "id", "name", "status", "visibility", "protected", "os_hidden", "checksum", "owner", "size",
    "virtual_size", "stores", "container_format", "disk_format", "created_at", "updated_at", "tags",
    "direct_url", "locations", "min_ram", "min_disk", "self", "file", "schema", "os_distro",
    "os_version", "architecture",
))
# fmt: on
_PROJECT_ID = re.compile(r"[0-9a-f]{32}")


def normalise_project_id(text: str) -> str | None:
    """The 32 lower-case hex digits that ``text`` means, or None when it is no project ID.

    Takes the dashed UUID form and upper case too. The Image API checks nothing: a typo would be a
    member that is pending for ever (trap 1).
    """
    candidate = text.strip().lower()
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", candidate):
        candidate = candidate.replace("-", "")
    return candidate if _PROJECT_ID.fullmatch(candidate) else None


def one_line(text: object) -> str:
    """A name or property as it can be shown and stored: the services take control characters, even
    NUL; a database does not, and a line break may end up in a mail's header."""
    words = str(text or "")
    if not words.isprintable():
        words = "".join(c if c.isprintable() else " " for c in words)
    return words.strip()


@lru_cache(maxsize=10_000)
def parse_time(text: str) -> datetime:
    """An aware UTC time from the API's ISO 8601 (whole seconds, trailing Z or +00:00, or none).

    Kept for a while: the members of an image have few times, and are read again at each look.
    """
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    name: str
    domain_name: str = ""


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    domain_name: str = ""
    domain_id: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A Keystone token. ``id`` is the secret; ``project`` is None when it is unscoped.

    ``image_urls`` maps region → the Image API's address as the catalogue has it for the wanted
    interface, normalised: no trailing slash, no ``/v2``.
    """

    id: str = field(repr=False)
    user: User
    project: Project | None
    roles: tuple[str, ...]
    expires_at: datetime
    image_urls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_admin(self) -> bool:
        """Whether the Image API will show this token more than it asked for (trap 4)."""
        return "admin" in self.roles


@dataclass(frozen=True, slots=True)
class Receipt:
    """Keystone's word that a user has given one factor and must give more. ``id`` is the secret.

    ``rules`` are Keystone's: sets of methods, each a whole way to sign in; ``done`` are the methods
    that were given.
    """

    id: str = field(repr=False)
    done: frozenset[str]
    rules: tuple[frozenset[str], ...]
    expires_at: datetime

    @property
    def wants_passcode(self) -> bool:
        """Whether a one-time passcode is all that is missing."""
        return any(rule - self.done == {"totp"} for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Image:
    """The Image API's record. ``size`` in bytes, ``min_disk`` in GiB, ``min_ram`` in MiB."""

    id: str
    name: str
    owner: str
    status: str
    visibility: str
    size: int | None
    disk_format: str
    container_format: str
    min_disk: int
    min_ram: int
    checksum: str
    hash_algorithm: str
    hash_value: str
    os_distro: str
    os_version: str
    architecture: str
    is_hidden: bool
    is_protected: bool
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    # Its custom properties: those that are no facts of every image.
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_shared(self) -> bool:
        return self.visibility == "shared"

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    @property
    def has_data(self) -> bool:
        """Whether its size and checksums are those of the data it has. One whose file was refused
        is queued, and keeps the checksum of that file."""
        return self.status in {"active", "deactivated", "pending_delete"}

    @property
    def is_getting_data(self) -> bool:
        return self.status in {"saving", "uploading", "importing"}

    def is_owned_by(self, project_id: str) -> bool:
        return self.owner == project_id

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Image:
        """From one image of the v2 API; a missing or null property is an empty one."""
        return cls(
            id=data["id"],
            name=one_line(data.get("name")),
            owner=data.get("owner") or "",
            status=one_line(data.get("status")),
            visibility=one_line(data.get("visibility")),
            size=data.get("size"),
            disk_format=one_line(data.get("disk_format")),
            container_format=one_line(data.get("container_format")),
            min_disk=data.get("min_disk") or 0,
            min_ram=data.get("min_ram") or 0,
            checksum=one_line(data.get("checksum")),
            hash_algorithm=one_line(data.get("os_hash_algo")),
            hash_value=one_line(data.get("os_hash_value")),
            os_distro=one_line(data.get("os_distro")),
            os_version=one_line(data.get("os_version")),
            architecture=one_line(data.get("architecture")),
            is_hidden=bool(data.get("os_hidden")),
            is_protected=bool(data.get("protected")),
            tags=tuple(one_line(tag) for tag in data.get("tags") or ()),
            created_at=parse_time(data["created_at"]),
            updated_at=parse_time(data["updated_at"]),
            properties={k: str(v) for k, v in data.items() if is_custom_property(k)},
        )


def is_custom_property(name: str) -> bool:
    """Whether it is the owner's to set: neither the API's own nor one with a field of its own."""
    return name not in _BASE_PROPERTIES and not name.startswith(("os_glance_", "os_hash_"))


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats that the cloud takes, as its schema of an image has them."""

    disk: tuple[str, ...]
    container: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Formats:
        def names(name: str) -> tuple[str, ...]:
            return tuple(one for one in data["properties"][name]["enum"] if one)

        return cls(names("disk_format"), names("container_format"))


@dataclass(frozen=True, slots=True)
class ImportTask:
    """The cloud's fetching of an image: ``pending``, ``processing``, ``success`` or ``failure``."""

    status: str
    message: str
    created_at: datetime

    @property
    def has_failed(self) -> bool:
        return self.status == "failure"

    @property
    def is_under_way(self) -> bool:
        return self.status in {"pending", "processing"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImportTask:
        return cls(
            status=one_line(data["status"]),
            message=one_line(data.get("message")),
            created_at=parse_time(data["created_at"]),
        )


class Member(NamedTuple):
    """A project that an image is shared with, and its answer.

    A tuple, since a ledger has thousands: a frozen dataclass takes three times as long to make.
    """

    image_id: str
    project_id: str
    status: MemberStatus
    created_at: datetime
    updated_at: datetime

    @property
    def is_pending(self) -> bool:
        return self.status == "pending"

    @property
    def is_accepted(self) -> bool:
        return self.status == "accepted"

    @property
    def is_rejected(self) -> bool:
        return self.status == "rejected"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Member:
        return cls(
            data["image_id"],
            data["member_id"],
            data["status"],
            parse_time(data["created_at"]),
            parse_time(data["updated_at"]),
        )


@dataclass(frozen=True, slots=True)
class SharedImage:
    """An image shared with my project; ``status`` is the list it came from (trap 5)."""

    image: Image
    status: MemberStatus


@dataclass(frozen=True, slots=True)
class ImagePage:
    """One page of images; ``next_marker`` is empty on the last one."""

    images: tuple[Image, ...]
    next_marker: str
