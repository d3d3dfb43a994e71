"""Signing in and out, and choosing the project and the region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import other_projects, session, under_way
from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Project, Receipt, Token
from sharing.cloud.websso import Choice
from sharing.services import inbox_feeds, refusals, subscriptions, throttle

WRONG_PASSWORDS = 10
WINDOW = timedelta(minutes=5)
POSSIBLE = (
    frozenset({"password"}),
    frozenset({"password", "totp"}),
    frozenset({"application_credential"}),
)


def websso_way_back() -> str:
    """What Keystone must have among its ``trusted_dashboard``, exactly so."""
    return settings.BASE_URL.lower() + reverse("websso")


class NoProject(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(
            _(
                "You are in no project of this cloud, so there is nothing to show. Ask for a role "
                "in a project."
            )
        )


class PasscodeNeeded(refusals.Refusal):
    """The password was right; ``with_passcode`` goes on from here."""

    def __init__(self) -> None:
        super().__init__(_("A one-time passcode is needed besides."))


class PasscodeTooLate(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The time for the passcode is over. Begin again with your password."))


class OtherFactorsNeeded(refusals.Refusal):
    """Keystone wants what the portal cannot do, or not in this way; the message says what."""


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

    Raises WrongCredentials, PasscodeNeeded, OtherFactorsNeeded, Unavailable, NoProject, TooMany.
    """
    identity = session.connection().identity
    with _Counted(address=address, who=f"{username}@{domain}"):
        try:
            unscoped = identity.sign_in_with_password(
                username=username, password=password, domain=domain, request_id=request_id
            )
        except errors.SecondFactorNeeded as error:
            if not error.receipt.wants_passcode:
                raise OtherFactorsNeeded(_wanted(error.receipt)) from None
            under_way.keep_passcode_step(
                current, username=username, domain=domain, receipt=error.receipt
            )
            raise PasscodeNeeded from None
    _start_unscoped(current, unscoped, wanted_project_id, request_id)


def with_passcode(
    current: SessionBase,
    *,
    passcode: str,
    address: str,
    wanted_project_id: str,
    request_id: str,
) -> None:
    """Go on after ``PasscodeNeeded``, as often as the limits and the receipt's time allow; a wrong
    passcode counts as a wrong password of that user.

    Raises as ``with_password``, and PasscodeTooLate.
    """
    step = under_way.passcode_step(current)
    if step is None or step.receipt is None:
        raise PasscodeTooLate
    with _Counted(address=address, who=f"{step.username}@{step.domain}"):
        try:
            unscoped = session.connection().identity.sign_in_with_passcode(
                receipt=step.receipt,
                username=step.username,
                passcode=passcode,
                domain=step.domain,
                request_id=request_id,
            )
        except errors.SecondFactorNeeded as error:
            raise OtherFactorsNeeded(_wanted(error.receipt)) from None
    _start_unscoped(current, unscoped, wanted_project_id, request_id)


def with_websso(
    current: SessionBase,
    *,
    token_id: str,
    choice: Choice,
    address: str,
    wanted_project_id: str,
    request_id: str,
) -> None:
    """As ``with_password``, with the token that Keystone sent by the browser. That this browser
    asked for it is the caller's to know."""
    with _Counted(address=address):
        unscoped = session.connection().identity.sign_in_with_websso(
            token_id, choice, request_id=request_id
        )
    _start_unscoped(current, unscoped, wanted_project_id, request_id)


def with_application_credential(
    current: SessionBase, *, credential_id: str, secret: str, address: str, request_id: str
) -> None:
    """As ``with_password``; the credential is bound to one project, which can't be switched."""
    identity = session.connection().identity
    with _Counted(address=address, who=credential_id):
        try:
            token = identity.sign_in_with_application_credential(
                credential_id=credential_id, secret=secret, request_id=request_id
            )
        except errors.SecondFactorNeeded as error:
            raise OtherFactorsNeeded(_wanted(error.receipt)) from None
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
    subscriptions.end_left(user=unscoped.user, projects=projects)
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
    inbox_feeds.owner_is_here(user=token.user, projects=projects, are_all=True)
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
    """Counts a sign-in against the limits, by address and, where one is named, by user; only wrong
    ones stay counted."""

    def __init__(self, *, address: str, who: str = "") -> None:
        keys = (("sign-in-address", address), ("sign-in-user", who))
        self.keys = keys if who else keys[:1]

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


def _wanted(receipt: Receipt) -> str:
    """Keystone's rules for a user in words, and which of them can be met here."""
    words = {
        "password": _("password"),
        "totp": _("one-time passcode"),
        "application_credential": _("application credential"),
    }
    order = {method: place for place, method in enumerate(words)}
    ways = [
        " + ".join(
            words.get(method, method)
            for method in sorted(rule, key=lambda one: (order.get(one, len(order)), one))
        )
        for rule in receipt.rules
    ]
    said = _("Keystone wants this of you: %(ways)s.") % {"ways": _(", or ").join(ways)}
    is_possible = any(rule in POSSIBLE for rule in receipt.rules)
    advice = (
        _("Choose that way to sign in.")
        if is_possible
        else _("The portal cannot do that. Ask the operators of the cloud for another way.")
    )
    return f"{said} {advice}"


def _start_unscoped(
    current: SessionBase, unscoped: Token, wanted_project_id: str, request_id: str
) -> None:
    projects = session.connection().identity.list_projects(unscoped, request_id=request_id)
    subscriptions.end_left(user=unscoped.user, projects=projects)
    first = sorted(projects, key=lambda project: project.id != wanted_project_id)
    token = _scope_to_any(unscoped, tuple(first), request_id)
    _start(current, token, unscoped=unscoped, projects=projects)


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
    under_way.forget(current)
    session.store(
        current, token=token, unscoped=unscoped, projects=projects, region=_region(token, "")
    )
    # An application credential names its one project, whatever others there are.
    is_complete = unscoped is not None
    inbox_feeds.owner_is_here(user=token.user, projects=projects, are_all=is_complete)


def _region(token: Token, wanted: str) -> str:
    """``wanted`` if the cloud has it, else the operator's choice, else the catalogue's first."""
    for region in (wanted, settings.OS_REGION_NAME):
        if region in token.image_urls:
            return region
    return next(iter(token.image_urls), "")
