"""As much of Keystone v3 as the portal uses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .factors import FakeFactors
from .records import FakeCredential, FakeProject, FakeToken, FakeUser
from .wire import Call, Reply

HOST = "keystone.test"
PROVIDER = "example-company"
URL = f"https://{HOST}/v3"
UNAUTHORIZED = "The request you have made requires authentication."
_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


class KeystoneError(Exception):
    def __init__(self, status: int, message: str = UNAUTHORIZED) -> None:
        super().__init__(message)
        error = {"code": status, "message": message, "title": _TITLES[status]}
        self.reply = Reply(status, {"error": error})


class FakeKeystone:
    """``catalogue`` gives the services of a scoped token; ``now`` the time, in whole seconds."""

    def __init__(
        self, now: Callable[[], datetime], catalogue: Callable[[], list[dict[str, Any]]]
    ) -> None:
        self.projects: dict[str, FakeProject] = {}
        self.users: list[FakeUser] = []
        self.credentials: dict[str, FakeCredential] = {}
        self.tokens: dict[str, FakeToken] = {}
        self.token_life = timedelta(hours=1)
        self.factors = FakeFactors(now)
        self._now = now
        self._catalogue = catalogue

    def answer(self, call: Call) -> Reply:
        routes: dict[tuple[str, str], Callable[[Call], Reply]] = {
            ("GET", "/v3"): self._version,
            ("POST", "/v3/auth/tokens"): self._sign_in,
            ("GET", "/v3/auth/tokens"): self._check,
            ("DELETE", "/v3/auth/tokens"): self._revoke,
            ("GET", "/v3/auth/projects"): self._projects,
        }
        handler = routes.get((call.method, call.path))
        assert handler, f"the fake Keystone has no {call}"
        assert set(call.params) <= {"nocatalog"}, f"unknown parameters: {call.params}"
        try:
            reply = handler(call)
        except KeystoneError as error:
            reply = error.reply
        # It logs the caller's request ID beside its own, and answers with its own.
        reply.headers["X-Openstack-Request-Id"] = f"req-{uuid.uuid4()}"
        return reply

    def valid(self, token_id: str) -> FakeToken | None:
        token = self.tokens.get(token_id)
        if token is None or token.is_revoked or token.expires_at <= self._now():
            return None
        return token

    def issue(
        self,
        user: FakeUser,
        project_id: str,
        methods: frozenset[str],
        expires_at: datetime | None = None,
        protocol: str = "",
    ) -> FakeToken:
        now = self._now()
        token = FakeToken(
            id=f"gAAAAAfake-{uuid.uuid4().hex}{uuid.uuid4().hex}",
            user=user,
            project_id=project_id,
            issued_at=now,
            expires_at=expires_at or now + self.token_life,
            methods=methods,
            roles=frozenset(user.roles.get(project_id, ())),
            protocol=protocol,
        )
        self.tokens[token.id] = token
        return token

    def websso_token(self, user_id: str, *, protocol: str = "openid") -> str:
        """What Keystone's page sends to the portal when the user has signed in elsewhere."""
        user = next(one for one in self.users if one.id == user_id)
        return self.issue(user, "", frozenset({protocol}), protocol=protocol).id

    def _version(self, _call: Call) -> Reply:
        return Reply(200, {"version": {"id": "v3.14", "status": "stable"}})

    def _sign_in(self, call: Call) -> Reply:
        auth = call.json()["auth"]
        identity = auth["identity"]
        assert len(identity["methods"]) == 1, identity["methods"]
        method = identity["methods"][0]
        ways = {
            "password": self._by_password,
            "totp": self._by_passcode,
            "application_credential": self._by_credential,
            "token": self._by_token,
        }
        user, old = ways[method](identity[method])
        methods = frozenset({method}) | self._given_before(call, user)
        if old:
            methods |= old.methods
        if not self.factors.are_enough(user, methods):
            return self.factors.receipt(user, methods)
        scope = auth.get("scope")
        if "application_credential" in methods:
            project_id = self._bound(identity[method]["id"], scope)
        else:
            project_id = user.default_project if scope is None else self._scope(user, scope)
        expires_at, protocol = (old.expires_at, old.protocol) if old else (None, "")
        token = self.issue(user, project_id, methods, expires_at, protocol)
        described = self._described(token, with_catalogue="nocatalog" not in call.params)
        return Reply(201, {"token": described}, headers={"X-Subject-Token": token.id})

    def _given_before(self, call: Call, user: FakeUser) -> frozenset[str]:
        receipt_id = call.headers.get("Openstack-Auth-Receipt")
        found = self.factors.given(receipt_id, user) if receipt_id else frozenset()
        if found is None:
            raise KeystoneError(401)
        return found

    def _by_password(self, given: dict[str, Any]) -> tuple[FakeUser, None]:
        user = self._named(given["user"])
        if user.password != given["user"]["password"]:
            raise KeystoneError(401)
        return user, None

    def _by_passcode(self, given: dict[str, Any]) -> tuple[FakeUser, None]:
        user = self._named(given["user"])
        if not self.factors.is_passcode(user, given["user"]["passcode"]):
            raise KeystoneError(401)
        return user, None

    def _named(self, named: dict[str, Any]) -> FakeUser:
        if "name" not in named or "domain" not in named:
            raise KeystoneError(400, "Expecting to find id or name in user.")
        for user in self.users:
            if (user.name, user.domain) == (named["name"], named["domain"]["name"]):
                return user
        raise KeystoneError(401)

    def _by_credential(self, given: dict[str, Any]) -> tuple[FakeUser, None]:
        if "id" not in given:
            raise KeystoneError(400, "Expecting to find id or name in application credential.")
        credential = self.credentials.get(given["id"])
        if credential is None:
            raise KeystoneError(404, f"Could not find Application Credential: {given['id']}.")
        if credential.secret != given["secret"]:
            raise KeystoneError(401)
        return credential.user, None

    def _bound(self, credential_id: str, scope: Any) -> str:
        if scope is not None:
            raise KeystoneError(401)
        return self._enabled(self.credentials[credential_id].project_id)

    def _by_token(self, given: dict[str, Any]) -> tuple[FakeUser, FakeToken]:
        old = self._subject(given["id"])
        if "application_credential" in old.methods:
            message = "Using a delegated token to create another token is not allowed.."
            raise KeystoneError(403, message)
        return old.user, old

    def _scope(self, user: FakeUser, scope: Any) -> str:
        if scope == "unscoped":
            return ""
        project_id = str(scope["project"]["id"])
        if project_id not in user.roles:
            raise KeystoneError(401)
        return self._enabled(project_id)

    def _enabled(self, project_id: str) -> str:
        if not self.projects[project_id].is_enabled:
            raise KeystoneError(401)
        return project_id

    def _subject(self, token_id: str) -> FakeToken:
        token = self.valid(token_id)
        if token is None:
            raise KeystoneError(404, f"Could not find token: {token_id}.")
        return token

    def _caller(self, call: Call) -> FakeToken:
        token = self.valid(call.token)
        if token is None:
            raise KeystoneError(401)
        return token

    def _check(self, call: Call) -> Reply:
        self._caller(call)
        token = self._subject(call.headers["X-Subject-Token"])
        described = self._described(token, with_catalogue="nocatalog" not in call.params)
        return Reply(200, {"token": described})

    def _revoke(self, call: Call) -> Reply:
        self._caller(call)
        self._subject(call.headers["X-Subject-Token"]).is_revoked = True
        return Reply(204)

    def _projects(self, call: Call) -> Reply:
        user = self._caller(call).user
        mine = [self.projects[project_id] for project_id in user.roles]
        listed = [
            {"id": p.id, "name": p.name, "domain_id": "default", "enabled": p.is_enabled}
            for p in mine
        ]
        return Reply(200, {"projects": listed, "links": {"next": None}})

    def _described(self, token: FakeToken, *, with_catalogue: bool) -> dict[str, Any]:
        user = token.user
        domain = {"id": user.domain.lower(), "name": user.domain}
        described: dict[str, Any] = {
            "methods": sorted(token.methods),
            "user": {"domain": domain, "id": user.id, "name": user.name},
            "expires_at": token.expires_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
            "issued_at": token.issued_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        }
        if token.protocol:
            described["user"]["OS-FEDERATION"] = {
                "groups": [],
                "identity_provider": {"id": PROVIDER},
                "protocol": {"id": token.protocol},
            }
        if token.project_id:
            project = self.projects[token.project_id]
            described["project"] = {
                "domain": {"id": "default", "name": "Default"},
                "id": project.id,
                "name": project.name,
            }
            described["roles"] = [{"id": name, "name": name} for name in sorted(token.roles)]
            if with_catalogue:
                described["catalog"] = self._catalogue()
        return described
