"""One-time passcodes (RFC 6238), as an app on a phone shows them for a secret in base32."""

from __future__ import annotations

import base64
import hmac
import time

DIGITS, PERIOD_SECONDS = 6, 30


def passcode(secret: str, at: float | None = None) -> str:
    """The one of the moment `at` (Unix time), or of now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    moment = time.time() if at is None else at
    counter = int(moment // PERIOD_SECONDS).to_bytes(8, "big")
    digest = hmac.digest(key, counter, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def wrong_passcode(secret: str) -> str:
    """A number of the same length that is not right, not for half an hour to come."""
    near = {passcode(secret, time.time() + PERIOD_SECONDS * step) for step in range(-4, 60)}
    return next(f"{n:06d}" for n in range(10**DIGITS) if f"{n:06d}" not in near)
