"""Secrets at rest, sealed with keys of ``SECRET_KEY`` (and, for reading, of its fallbacks)."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str) -> str:
    return _all_keys().encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """The secret, or empty when no key of ours made it (the keys were changed): sign in again."""
    try:
        return _all_keys().decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


def _all_keys() -> MultiFernet:
    return _keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _keys(secrets: tuple[str, ...]) -> MultiFernet:
    def derived(secret: str) -> Fernet:
        kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tokens in sessions")
        return Fernet(base64.urlsafe_b64encode(kdf.derive(secret.encode())))

    return MultiFernet([derived(secret) for secret in secrets])
