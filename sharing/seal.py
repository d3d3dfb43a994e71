"""Secrets that lie outside of memory: encrypted with keys derived from ``SECRET_KEY`` (and, for
reading, its fallbacks), for each purpose with keys of its own.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str, *, purpose: str) -> str:
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(text: str, *, purpose: str, seconds: int | None = None) -> str:
    """The secret, or empty when no key of ours made it (the keys were changed), or when it was
    made more than ``seconds`` ago."""
    try:
        return _keys(purpose).decrypt(text.encode(), ttl=seconds).decode()
    except InvalidToken:
        return ""


def _keys(purpose: str) -> MultiFernet:
    return _derived((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS), purpose)


@cache
def _derived(secrets: tuple[str, ...], purpose: str) -> MultiFernet:
    def derived(secret: str) -> Fernet:
        kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
        return Fernet(base64.urlsafe_b64encode(kdf.derive(secret.encode())))

    return MultiFernet([derived(secret) for secret in secrets])
