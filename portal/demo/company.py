"""A company whose people sign in at its own page (`company_login.py`): what Keystone has to know of
it, who works there, and how they get their tokens.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import requests

from portal.demo.company_login import ISSUER, password_of
from portal.demo.keystone_admin import KeystoneAdmin, RefusedByCloud

PROVIDER, PROTOCOL = "example-company", "openid"
PEOPLE = "company.json"
# The portal's way back, where the demo's portal does not say another.
USUAL_DASHBOARD = "http://localhost/sign-in/websso/"
_PERSON = {"user": {"name": "{0}"}}
_WORK = {"name": "{1}", "roles": [{"name": "member"}]}
RULES = [
    {"local": [_PERSON], "remote": [{"type": "HTTP_OIDC_SUB"}]},
    {
        "local": [_PERSON | {"projects": [_WORK]}],
        "remote": [{"type": "HTTP_OIDC_SUB"}, {"type": "HTTP_OIDC_PROJECT"}],
    },
]


def introduce(admin: KeystoneAdmin) -> None:
    """Tell Keystone of the company, its mapping and its protocol; again is fine."""
    about: dict[str, object] = {"remote_ids": [ISSUER], "enabled": True, "domain_id": "default"}
    admin.ensure_federation("identity_providers", PROVIDER, "identity_provider", about)
    admin.ensure_federation("mappings", PROVIDER, "mapping", {"rules": RULES})
    protocol: dict[str, object] = {"mapping_id": PROVIDER, "remote_id_attribute": "HTTP_OIDC_ISS"}
    admin.ensure_federation(
        f"identity_providers/{PROVIDER}/protocols", PROTOCOL, "protocol", protocol
    )


def employ(keystone: Path, name: str, project: str) -> None:
    """From now on the company says that `name` works in the project of that name."""
    people = keystone / PEOPLE
    known = json.loads(people.read_text()) if people.exists() else {}
    people.write_text(json.dumps(known | {name: project}))


def sign_in(address: str, name: str) -> str:
    """As a browser does it that has no script: the token that Keystone's page would send on."""
    form = {"name": name, "password": password_of(name)}
    answer = requests.post(address, form, timeout=30, allow_redirects=False)
    found = re.search(r'name="token"[^>]* value="([^"]+)"', answer.text)
    if not found:
        raise RefusedByCloud(f"{address}: {answer.status_code} {answer.text[:500]}")
    return html.unescape(found[1])
