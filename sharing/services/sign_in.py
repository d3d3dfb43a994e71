"""Signing in and out, and choosing the project and the region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext as _

from sharing import other_projects, session
from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Project, Token
from sharing.services import refusals, throttle

WRONG_PASSWORDS = 10
WINDOW = timedelta(minutes=5)


class NoProject(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(
            _(
                "You are in no project of this cloud, so there is nothing to show. Ask for a role "
                "in a project."
            )
        )


def with_password(
    current: SessionBase,
    *,
    username: str,
    password: str,
    domain: str,
    address: str,
    wanted_project_id: str,
    request_id: str,
) -> None:
    """Sign in and keep the tokens; for ``wanted_project_id`` if the user is in it.

    Raises WrongCredentials, SecondFactorNeeded, Unavailable, NoProject, TooMany.
    """
    identity = session.connection().identity
    with _Counted(address=address, who=f"{username}@{domain}"):
        unscoped = identity.sign_in_with_password(
            username=username, password=password, domain=domain, request_id=request_id
        )
    projects = identity.list_projects(unscoped, request_id=request_id)
    first = sorted(projects, key=lambda project: project.id != wanted_project_id)
    token = _scope_to_any(unscoped, tuple(first), request_id)
    _start(current, token, unscoped=unscoped, projects=projects)


def with_application_credential(
    current: SessionBase, *, credential_id: str, secret: str, address: str, request_id: str
) -> None:
    """As ``with_password``; the credential is bound to one project, which can't be switched."""
    identity = session.connection().identity
    with _Counted(address=address, who=credential_id):
        token = identity.sign_in_with_application_credential(
            credential_id=credential_id, secret=secret, request_id=request_id
        )
    if token.project is None:
        raise NoProject
    _start(current, token, unscoped=None, projects=(token.project,))


def switch_project(current: SessionBase, *, project_id: str, request_id: str) -> bool:
    """Scope the session to another of the user's projects; False if it is not one of them."""
    unscoped = session.load_unscoped(current)
    if unscoped is None:
        return False
    identity = session.connection().identity
    projects = identity.list_projects(unscoped, request_id=request_id)
    if project_id not in {project.id for project in projects}:
        return False
    try:
        token = identity.scope(unscoped, project_id, request_id=request_id)
    except (errors.Forbidden, errors.WrongCredentials, errors.NotFound):
        return False
    before = session.load(current, request_id=request_id)
    session.store(
        current,
        token=token,
        unscoped=unscoped,
        projects=projects,
        region=_region(token, before.region if before else ""),
    )
    if before:
        other_projects.keep(current, [before.token])
    return True


def sign_out(current: SessionBase, *, request_id: str) -> None:
    """Forget everything here and revoke the tokens; a Keystone that is away stops nobody."""
    cloud = session.load(current, request_id=request_id)
    unscoped = session.load_unscoped(current)
    with transaction.atomic():
        others = other_projects.take(current)
        current.flush()
    own = [token.id for token in (cloud.token if cloud else None, unscoped) if token]
    revoke([*own, *others], request_id=request_id)


def revoke(token_ids: Sequence[str], *, request_id: str) -> None:
    """Make them worthless, four at a time. With Keystone away, those that are left end by
    themselves: each would only wait as long."""
    identity = session.connection().identity
    gather(lambda one: identity.revoke(one, request_id=request_id), token_ids, limit=4)


class _Counted:
    """Counts a sign-in against the limits, by address and by user; only wrong ones stay counted."""

    def __init__(self, *, address: str, who: str) -> None:
        self.keys = (("sign-in-address", address), ("sign-in-user", who))

    def __enter__(self) -> None:
        waits = [
            throttle.hit(kind=kind, key=key, limit=WRONG_PASSWORDS, window=WINDOW)
            for kind, key in self.keys
        ]
        if any(waits):
            for (kind, key), wait in zip(self.keys, waits, strict=True):
                if not wait:
                    throttle.forgive(kind=kind, key=key)
            raise refusals.TooMany(_("Too many wrong passwords."), wait_seconds=max(waits))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or not issubclass(kind, errors.WrongCredentials):
            for name, key in self.keys:
                throttle.forgive(kind=name, key=key)


def _scope_to_any(unscoped: Token, projects: tuple[Project, ...], request_id: str) -> Token:
    """A token for the first project that takes one: a role may be missing in some."""
    for project in projects:
        try:
            return session.connection().identity.scope(unscoped, project.id, request_id=request_id)
        except (errors.Forbidden, errors.WrongCredentials, errors.NotFound):
            continue
    raise NoProject


def _start(
    current: SessionBase, token: Token, *, unscoped: Token | None, projects: tuple[Project, ...]
) -> None:
    """A new session key for the signed-in user: one that was planted before is worth nothing.

    Someone else than last time finds nothing of the former user's: no form, no message.
    """
    with transaction.atomic():
        other_projects.take(current)
        if session.last_user_id(current) in {"", token.user.id}:
            current.cycle_key()
        else:
            current.flush()
    session.store(
        current, token=token, unscoped=unscoped, projects=projects, region=_region(token, "")
    )


def _region(token: Token, wanted: str) -> str:
    """``wanted`` if the cloud has it, else the operator's choice, else the catalogue's first."""
    for region in (wanted, settings.OS_REGION_NAME):
        if region in token.image_urls:
            return region
    return next(iter(token.image_urls), "")
