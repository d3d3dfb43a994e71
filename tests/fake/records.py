"""What the fake services remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class FakeProject:
    id: str
    name: str
    is_enabled: bool = True


@dataclass
class FakeUser:
    """``roles`` maps a project's ID to the names of the user's roles in it. ``rules`` are the
    combinations of methods that let the user in; none: any method does."""

    id: str
    name: str
    password: str
    domain: str
    default_project: str = ""
    rules: tuple[tuple[str, ...], ...] = ()
    passcode_secret: str = ""
    roles: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class FakeCredential:
    id: str
    secret: str
    user: FakeUser
    project_id: str


@dataclass
class FakeToken:
    """``project_id`` is empty in an unscoped one, ``protocol`` in one that is not of a sign-in
    elsewhere. Glance may ``remember`` one it has seen."""

    id: str
    user: FakeUser
    project_id: str
    expires_at: datetime
    issued_at: datetime
    methods: frozenset[str]
    roles: frozenset[str] = frozenset()
    protocol: str = ""
    is_revoked: bool = False
    is_remembered: bool = False

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


@dataclass
class FakeReceipt:
    id: str
    user: FakeUser
    methods: frozenset[str]
    issued_at: datetime
    expires_at: datetime


@dataclass
class FakeMember:
    """One row of Glance's table: a removed one stays, and lives again when it is added again."""

    project_id: str
    created_at: datetime
    updated_at: datetime
    status: str = "pending"
    is_removed: bool = False


@dataclass
class FakeImage:
    """``properties`` are the API's own names and whatever else was given."""

    id: str
    owner: str
    region: str
    number: int
    created_at: datetime
    updated_at: datetime
    properties: dict[str, Any]
    rows: list[FakeMember] = field(default_factory=list)
    data: bytes = b""
    tasks: list[dict[str, str]] = field(default_factory=list)

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in a list; of one moment's images the later made is the newer."""
        return self.created_at, self.number

    @property
    def visibility(self) -> str:
        return str(self.properties["visibility"])

    @property
    def is_hidden(self) -> bool:
        return bool(self.properties["os_hidden"])

    def members(self, project_id: str | None = None) -> list[FakeMember]:
        return [
            row for row in self.rows if not row.is_removed and project_id in {None, row.project_id}
        ]

    def is_visible_to(self, token: FakeToken) -> bool:
        if token.is_admin or self.owner == token.project_id:
            return True
        if self.visibility in {"public", "community"}:
            return True
        return self.visibility == "shared" and bool(self.members(token.project_id))


def isotime(moment: datetime) -> str:
    """Whole seconds, as Glance writes them."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
