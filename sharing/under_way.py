"""Sign-ins that are under way: what a session keeps between their first step and their last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from sharing.cloud.resources import Receipt
from sharing.seal import seal, unseal

_PASSCODE = "passcode_under_way"
_WEBSSO = "websso_under_way"
WEBSSO_SECONDS = 15 * 60  # somebody else's sign-in page may ask for more than a password
_PURPOSE = "receipts in sessions"


@dataclass(frozen=True, slots=True)
class PasscodeStep:
    """The password was right; the user's one-time passcode is missing. ``receipt`` is None when
    its time is over: then nothing is left but whose it was."""

    username: str
    domain: str
    receipt: Receipt | None = field(repr=False)


def keep_passcode_step(
    session: SessionBase, *, username: str, domain: str, receipt: Receipt
) -> None:
    """The session gets a new key: one that was planted before learns nothing of this."""
    session.cycle_key()
    session[_PASSCODE] = {
        "username": username,
        "domain": domain,
        "receipt": seal(receipt.id, purpose=_PURPOSE),
        "done": sorted(receipt.done),
        "rules": [list(rule) for rule in receipt.rules],
        "expires_at": receipt.expires_at.isoformat(),
    }


def passcode_step(session: SessionBase) -> PasscodeStep | None:
    data = session.get(_PASSCODE)
    if not data:
        return None
    expires_at = datetime.fromisoformat(data["expires_at"])
    receipt_id = unseal(data["receipt"], purpose=_PURPOSE)
    is_over = not receipt_id or expires_at <= datetime.now(UTC)
    rules = tuple(frozenset(rule) for rule in data["rules"])
    receipt = Receipt(receipt_id, frozenset(data["done"]), rules, expires_at)
    return PasscodeStep(data["username"], data["domain"], None if is_over else receipt)


@dataclass(frozen=True, slots=True)
class WebssoStep:
    """This browser was sent to Keystone for ``choice``, to come back and go on to ``target``."""

    choice: str
    target: str


def keep_websso_step(session: SessionBase, *, choice: str, target: str) -> None:
    """One at a time: who begins anew leaves the former one."""
    until = datetime.now(UTC) + timedelta(seconds=WEBSSO_SECONDS)
    session[_WEBSSO] = {"choice": choice, "target": target, "until": until.isoformat()}


def websso_step(session: SessionBase) -> WebssoStep | None:
    """None when none was begun in this browser, it has ended, or its time is over."""
    data = session.get(_WEBSSO)
    if not data or datetime.fromisoformat(data["until"]) <= datetime.now(UTC):
        return None
    return WebssoStep(data["choice"], data["target"])


def forget(session: SessionBase) -> None:
    for key in (_PASSCODE, _WEBSSO):
        session.pop(key, None)
