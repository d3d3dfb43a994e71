"""Who is signed in, for which project and region: ``request.cloud``.

The session is server-side; the tokens in it are encrypted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from sharing import watch
from sharing.cloud.identity import Identity
from sharing.cloud.images import ImagesClient
from sharing.cloud.resources import Project, Token, User
from sharing.cloud.transport import Transport
from sharing.seal import seal, unseal

_KEY = "cloud"
_PURPOSE = "tokens in sessions"
# "manager" and "admin" imply "member" in a new Keystone, and not in every old one.
EDITORS = {"member", "_member_", "manager", "admin"}


@dataclass(frozen=True, slots=True)
class Connection:
    """What one process shares: the pool, and Keystone's address."""

    transport: Transport
    identity: Identity
    image_urls: dict[str, str] = field(default_factory=dict)


def new_transport() -> Transport:
    return Transport(ca_file=settings.OS_CACERT or None, observe=watch.upstream)


@cache
def connection() -> Connection:
    transport = new_transport()
    identity = Identity(
        auth_url=settings.OS_AUTH_URL, transport=transport, interface=settings.OS_INTERFACE
    )
    return Connection(transport, identity)


@dataclass(frozen=True, slots=True)
class Cloud:
    """The cloud as the signed-in user sees it, for one project in one region."""

    token: Token = field(repr=False)
    project: Project
    projects: tuple[Project, ...]
    region: str
    can_switch_project: bool
    request_id: str
    images: ImagesClient = field(repr=False)

    @property
    def user(self) -> User:
        return self.token.user

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(self.token.image_urls)

    @property
    def is_admin(self) -> bool:
        return self.token.is_admin

    @property
    def can_edit(self) -> bool:
        """Whether the user may change what is the project's: not with the role reader alone."""
        return any(role.lower() in EDITORS for role in self.token.roles)

    def project_named(self, project_id: str) -> Project | None:
        """One of the user's own projects, or None: nobody may look up another's name."""
        return next((one for one in self.projects if one.id == project_id), None)


def store(
    session: SessionBase,
    *,
    token: Token,
    unscoped: Token | None,
    projects: tuple[Project, ...],
    region: str,
) -> None:
    """Keep a scoped token; ``unscoped``, if there is one, is for switching projects."""
    if token.project is None:
        raise ValueError("only a token for a project can be kept")
    session[_KEY] = {
        "token": _lock(token.id),
        "unscoped": _lock(unscoped.id) if unscoped else "",
        "user": [token.user.id, token.user.name, token.user.domain_name],
        "project": [token.project.id, token.project.name, token.project.domain_name],
        "projects": [[one.id, one.name, one.domain_name] for one in projects],
        "roles": list(token.roles),
        "expires_at": token.expires_at.isoformat(),
        "image_urls": dict(token.image_urls),
        "region": region,
    }
    connection().image_urls.update(token.image_urls)


def image_addresses() -> dict[str, str]:
    """Region → address of its Image API, as this process last saw it in a user's catalogue."""
    return dict(connection().image_urls)


def load(session: SessionBase, *, request_id: str) -> Cloud | None:
    """The signed-in user's cloud, or None: nobody is, or the token has run out."""
    data = session.get(_KEY)
    token = _read_token(data, "token") if data else None
    if not data or token is None or token.project is None or token.expires_at <= datetime.now(UTC):
        return None
    region = data["region"]
    connection().image_urls.update(token.image_urls)
    return Cloud(
        token=token,
        project=token.project,
        projects=tuple(Project(*one) for one in data["projects"]),
        region=region,
        can_switch_project=bool(data["unscoped"]),
        request_id=request_id,
        images=images_client(token, region=region, request_id=request_id),
    )


def images_client(token: Token, *, region: str, request_id: str) -> ImagesClient:
    """The Image API of a region, as the token's user for its project."""
    here = connection()
    return ImagesClient(
        transport=here.transport,
        base_url=token.image_urls.get(region, ""),
        token=token,
        request_id=request_id,
        check_token=lambda: here.identity.check(token.id, request_id=request_id),
    )


def load_unscoped(session: SessionBase) -> Token | None:
    """The token to switch projects with; None after an application credential."""
    data = session.get(_KEY)
    return _read_token(data, "unscoped") if data and data["unscoped"] else None


def end(session: SessionBase) -> None:
    """Keystone says that the tokens are worth nothing: nobody is signed in any more."""
    if _KEY in session:
        session[_KEY] = {**session[_KEY], "token": "", "unscoped": ""}


def last_user_id(session: SessionBase) -> str:
    """Who was signed in here last, even if the token has run out; empty if nobody."""
    data = session.get(_KEY)
    return data["user"][0] if data else ""


def choose_region(session: SessionBase, region: str) -> None:
    data = session[_KEY]
    if region in data["image_urls"]:
        session[_KEY] = {**data, "region": region}


def _read_token(data: Mapping[str, Any], name: str) -> Token | None:
    secret = _unlock(data[name])
    if not secret:
        return None
    is_scoped = name == "token"
    return Token(
        id=secret,
        user=User(*data["user"]),
        project=Project(*data["project"]) if is_scoped else None,
        roles=tuple(data["roles"]) if is_scoped else (),
        expires_at=datetime.fromisoformat(data["expires_at"]),
        image_urls=data["image_urls"] if is_scoped else {},
    )


def _lock(text: str) -> str:
    return seal(text, purpose=_PURPOSE)


def _unlock(text: str) -> str:
    """The secret, or empty when no key of ours made it: sign in again."""
    return unseal(text, purpose=_PURPOSE)
