"""What the demo asks of Keystone: sign-ins, and as its administrator users, projects and
endpoints.
"""

from __future__ import annotations

import time
from typing import Any

import requests

TIMEOUT_SECONDS = (3.05, 30.0)
DOMAIN = {"id": "default"}
# Keystone refuses a second one of the same name: most are new, so they are made without a look.
UNIQUE = ("project", "user")


class RefusedByCloud(RuntimeError):
    """Keystone or Glance answered with an error. The message has the request and the answer."""


def call(method: str, url: str, *, token: str = "", **options: Any) -> requests.Response:
    """One request to the cloud; `RefusedByCloud` for every answer from 400 up."""
    headers = {"Accept": "application/json", **options.pop("headers", {})}
    if token:
        headers["X-Auth-Token"] = token
    response = requests.request(
        method, url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options
    )
    if response.status_code >= 400:
        raise RefusedByCloud(f"{method} {url}: {response.status_code} {response.text[:500]}")
    return response


def password_token(auth_url: str, *, user: str, password: str, project: str) -> str:
    """A token of a user of the domain Default, for a project given by its ID or name."""
    credentials = {"name": user, "domain": DOMAIN, "password": password}
    identity = {"methods": ["password"], "password": {"user": credentials}}
    by_id = len(project) == 32
    scope = {"id": project} if by_id else {"name": project, "domain": DOMAIN}
    body = {"auth": {"identity": identity, "scope": {"project": scope}}}
    response = call("POST", f"{auth_url}/auth/tokens", json=body)
    return str(response.headers["X-Subject-Token"])


def new_application_credential(auth_url: str, token: str) -> tuple[str, str]:
    """(ID, secret) of a new one of the token's user, for its project."""
    headers = {"X-Subject-Token": token}
    about = call("GET", f"{auth_url}/auth/tokens", token=token, headers=headers).json()
    me, name = about["token"]["user"]["id"], f"portal-{time.monotonic_ns()}"
    answer = call(
        "POST",
        f"{auth_url}/users/{me}/application_credentials",
        token=token,
        json={"application_credential": {"name": name}},
    ).json()["application_credential"]
    return answer["id"], answer["secret"]


class KeystoneAdmin:
    """The administrator's side of Keystone. Names are unique; every `ensure_` may be called
    again.
    """

    def __init__(self, auth_url: str, password: str) -> None:
        self.auth_url = auth_url
        self.token = password_token(auth_url, user="admin", password=password, project="admin")
        self._roles: dict[str, str] = {}

    def ensure_project(self, name: str) -> str:
        return self._ensure("project", name, {"name": name, "domain_id": "default"})

    def ensure_user(self, name: str, password: str) -> str:
        about = {"name": name, "password": password, "domain_id": "default"}
        return self._ensure("user", name, about)

    def grant(self, user_id: str, project_id: str, role: str) -> None:
        role_id = self._role(role)
        self._call("PUT", f"projects/{project_id}/users/{user_id}/roles/{role_id}")

    def set_password(self, user_id: str, password: str) -> None:
        self._call("PATCH", f"users/{user_id}", {"user": {"password": password}})

    def ask_for_passcodes(self, user_id: str, secret: str, rules: list[list[str]]) -> None:
        known = call("GET", f"{self.auth_url}/credentials", token=self.token,
                     params={"user_id": user_id, "type": "totp"}).json()["credentials"]  # fmt: skip
        if not known:
            about = {"user_id": user_id, "type": "totp", "blob": secret}
            self._call("POST", "credentials", {"credential": about})
        options = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": rules}
        self._call("PATCH", f"users/{user_id}", {"user": {"options": options}})

    def ensure_federation(self, kind: str, key: str, word: str, about: dict[str, object]) -> None:
        """Something of federation, whose name is ours; it stays as it is when it is there already:
        not all of it can be changed.
        """
        path = f"OS-FEDERATION/{kind}/{key}"
        headers = {"X-Auth-Token": self.token, "Accept": "application/json"}
        url = f"{self.auth_url}/{path}"
        if not requests.get(url, headers=headers, timeout=TIMEOUT_SECONDS).ok:
            self._call("PUT", path, {word: about})

    def disable_project(self, project_id: str) -> None:
        self._call("PATCH", f"projects/{project_id}", {"project": {"enabled": False}})

    def ensure_service(self, kind: str, name: str) -> str:
        return self._ensure("service", name, {"type": kind, "name": name})

    def ensure_region(self, region: str) -> None:
        if not any(known["id"] == region for known in self._list("region")):
            self._call("POST", "regions", {"region": {"id": region}})

    def point_endpoints(self, service_id: str, url: str, *, also_in: str = "") -> None:
        """Make every endpoint of the service have this URL; `also_in` names a region that needs
        its own.
        """
        known = [e for e in self._list("endpoint") if e["service_id"] == service_id]
        for endpoint in known:
            if endpoint["url"] != url:
                self._call("PATCH", f"endpoints/{endpoint['id']}", {"endpoint": {"url": url}})
        if not also_in or any(endpoint["region"] == also_in for endpoint in known):
            return
        for interface in ("public", "internal", "admin"):
            about = {
                "service_id": service_id,
                "interface": interface,
                "region_id": also_in,
                "url": url,
            }
            self._call("POST", "endpoints", {"endpoint": about})

    def _role(self, name: str) -> str:
        if name not in self._roles:
            self._roles[name] = self._find("role", name)
        return self._roles[name]

    def _ensure(self, kind: str, name: str, about: dict[str, str]) -> str:
        if kind in UNIQUE:
            try:
                return self._add(kind, about)
            except RefusedByCloud:
                if found := self._find(kind, name):
                    return found
                raise
        return self._find(kind, name) or self._add(kind, about)

    def _add(self, kind: str, about: dict[str, str]) -> str:
        return str(self._call("POST", f"{kind}s", {kind: about}).json()[kind]["id"])

    def _find(self, kind: str, name: str) -> str:
        """The ID, or "" when there is none of that name."""
        return next((str(item["id"]) for item in self._list(kind, name=name)), "")

    def _list(self, kind: str, **query: str) -> list[dict[str, Any]]:
        answer = call("GET", f"{self.auth_url}/{kind}s", token=self.token, params=query).json()
        items: list[dict[str, Any]] = answer[f"{kind}s"]
        return items

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> requests.Response:
        return call(method, f"{self.auth_url}/{path}", token=self.token, json=body)
