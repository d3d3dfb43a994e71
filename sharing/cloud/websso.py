"""Sign-ins that Keystone leaves to somebody else (WebSSO): where the browser goes for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

# A Fernet or a JWS token; as long as a cookie can carry it when it is encrypted.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,2700}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way that the operator offers. Without ``identity_provider`` Keystone finds it by the
    protocol alone."""

    id: str
    label: str
    protocol: str
    identity_provider: str = ""


def address(keystone_url: str, choice: Choice, *, origin: str) -> str:
    """Keystone's page for it. ``origin`` is where it sends the token: compared, to the letter, with
    its ``trusted_dashboard``, so there is no place in it for a state of ours."""
    base = re.sub(r"/v3$", "", keystone_url.rstrip("/")) + "/v3/auth/OS-FEDERATION"
    protocol = quote(choice.protocol, safe="")
    if choice.identity_provider:
        provider = quote(choice.identity_provider, safe="")
        base += f"/identity_providers/{provider}/protocols/{protocol}/websso"
    else:
        base += f"/websso/{protocol}"
    return f"{base}?{urlencode({'origin': origin})}"


def is_of(choice: Choice, token: Mapping[str, Any]) -> bool:
    """Whether Keystone's description of a token says that it was made by this choice, and for no
    project yet."""
    made = token["user"].get("OS-FEDERATION")
    if made is None or {"project", "domain", "system", "OS-TRUST:trust"} & set(token):
        return False
    provider = made["identity_provider"]["id"]
    is_by_provider = choice.identity_provider in {"", provider}
    return bool(made["protocol"]["id"] == choice.protocol and is_by_provider)


def origin_of(url: str) -> str:
    """As browsers write it into the header Origin."""
    parts = urlsplit(url.lower())
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (
        f":{parts.port}" if parts.port and parts.port != usual else ""
    )
