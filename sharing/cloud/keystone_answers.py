"""What Keystone's answers mean, its own library's exceptions among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import TypeVar

from keystoneauth1 import exceptions

from .answers import clean_message, error_for
from .errors import Broken, CloudError, Refused, SecondFactorNeeded, TimedOut
from .resources import Receipt

SERVICE = "Keystone"
T = TypeVar("T")


def given(value: T | None) -> T:
    if value is None:
        raise ValueError("missing")
    return value


def shaped(read: Callable[[], T], request_id: str) -> T:
    """What ``read`` finds in an answer, or ``Broken`` when the answer has another shape."""
    try:
        return read()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Broken(
            f"an answer of another shape: {type(error).__name__}",
            service=SERVICE,
            request_id=request_id,
        ) from None


def translated(error: Exception, request_id: str, secrets: Iterable[str]) -> CloudError:
    """What an exception of the library amounts to; ``secrets`` are kept out of its message."""
    kind: type[CloudError] = Broken
    message = str(error)
    if isinstance(error, exceptions.MissingAuthMethods):
        return _second_factor_needed(error, request_id)
    if isinstance(error, exceptions.HttpError):
        kind = error_for(error.http_status)
        # The library adds the status and Keystone's own request ID.
        message = re.sub(r" \(HTTP \d+\)( \(Request-ID: \S+\))?$", "", message)
    elif isinstance(error, exceptions.ConnectTimeout):  # its name for every timeout
        kind, message = TimedOut, ""
    elif isinstance(error, exceptions.ConnectFailure | exceptions.SSLError):
        kind, message = Refused, ""
    return kind(clean_message(message, secrets=secrets), service=SERVICE, request_id=request_id)


def _second_factor_needed(error: exceptions.MissingAuthMethods, request_id: str) -> CloudError:
    def receipt() -> Receipt:
        return Receipt(
            id=given(error.receipt),
            done=frozenset(map(str, error.methods)),
            rules=tuple(frozenset(map(str, rule)) for rule in error.required_auth_methods),
            expires_at=error.expires_at.astimezone(UTC),
        )

    try:
        found = shaped(receipt, request_id)
    except Broken as broken:
        return broken
    return SecondFactorNeeded(
        clean_message(str(error)), receipt=found, service=SERVICE, request_id=request_id
    )


def as_unavailable(error: CloudError) -> CloudError:
    if isinstance(error, Refused | TimedOut | Broken):
        return error
    return Broken(error.message, service=error.service, request_id=error.request_id)
