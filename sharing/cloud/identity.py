"""Keystone, by ``keystoneauth1``: sign in, projects, scope, catalogue, revoke."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1 import session as keystone_session
from keystoneauth1.access import AccessInfoV3
from keystoneauth1.identity import v3

from .answers import REQUEST_ID_HEADER, Answer
from .errors import CloudError, Forbidden, Invalid, NotFound, SessionEnded, WrongCredentials
from .keystone_answers import SERVICE, as_unavailable, given, shaped, translated
from .resources import Project, Receipt, Token, User, one_line
from .transport import DEFAULT_TIMEOUT, Timeout, Transport, new_request_id
from .websso import Choice, is_of


class Identity:
    """Keystone's v3 API at ``auth_url`` (with or without ``/v3``). Keeps no state."""

    def __init__(
        self,
        *,
        auth_url: str,
        transport: Transport,
        interface: str = "public",
        timeout: Timeout = DEFAULT_TIMEOUT,
    ) -> None:
        self._url = re.sub(r"/v3$", "", auth_url.rstrip("/")) + "/v3"
        self._transport = transport
        self._interface = interface
        self._timeout = timeout

    def sign_in_with_password(
        self, *, username: str, password: str, domain: str, request_id: str
    ) -> Token:
        """An unscoped token, also for a user who has a default project.

        Raises ``WrongCredentials``, ``SecondFactorNeeded``, ``Unavailable``.
        """
        plugin = v3.Password(
            self._url, password, username=username, user_domain_name=domain, unscoped=True
        )
        return self._sign_in(plugin, request_id, secrets=[password])

    def sign_in_with_passcode(
        self, *, receipt: Receipt, username: str, passcode: str, domain: str, request_id: str
    ) -> Token:
        """An unscoped token, for the receipt that a password gave and a one-time passcode.

        Raises ``WrongCredentials`` (also for a receipt that has expired: Keystone's answer is the
        same), ``SecondFactorNeeded`` for one more, ``Unavailable``.
        """
        methods: list[v3.AuthMethod] = [
            v3.ReceiptMethod(receipt=receipt.id),
            v3.TOTPMethod(passcode=passcode, username=username, user_domain_name=domain),
        ]
        plugin = v3.Auth(self._url, methods, unscoped=True)
        return self._sign_in(plugin, request_id, secrets=[receipt.id, passcode])

    def sign_in_with_application_credential(
        self, *, credential_id: str, secret: str, request_id: str
    ) -> Token:
        """A token for the credential's own project. No scope is sent: Keystone refuses one with
        401, and will not scope the token anew either.

        Raises ``WrongCredentials``, ``Unavailable``.
        """
        plugin = v3.ApplicationCredential(
            self._url, secret, application_credential_id=credential_id
        )
        return self._sign_in(plugin, request_id, secrets=[secret])

    def sign_in_with_websso(self, token_id: str, choice: Choice, *, request_id: str) -> Token:
        """The unscoped token that Keystone gave to a browser for ``choice``.

        Raises ``WrongCredentials`` for one that is worth nothing, or not of that making: scoped,
        made with a password, or by another provider. ``Unavailable``.
        """
        headers = {"X-Subject-Token": token_id}
        try:
            answer = self._call(
                "GET", "/auth/tokens", token_id, request_id, headers, {"nocatalog": ""}
            )
        except (SessionEnded, NotFound, Invalid, Forbidden) as error:
            refusal = WrongCredentials(error.message, service=SERVICE, request_id=error.request_id)
        else:
            if shaped(lambda: is_of(choice, answer.json["token"]), request_id):
                access = AccessInfoV3(auth_token=token_id, body=answer.json)
                return shaped(lambda: self._token(access), request_id)
            message = "not a token of this sign-in"
            refusal = WrongCredentials(message, service=SERVICE, request_id=request_id)
        raise refusal

    def list_projects(self, token: Token, *, request_id: str) -> tuple[Project, ...]:
        """The user's enabled projects, by name (Keystone lists the disabled ones too).

        Their ``domain_name`` is only known, here, when it is the user's own domain.
        """
        answer = self._call("GET", "/auth/projects", token.id, request_id)

        def projects() -> list[Project]:
            return [
                Project(found["id"], one_line(found["name"]), _domain_name(found, token.user))
                for found in answer.json["projects"]
                if found.get("enabled", True)
            ]

        return tuple(sorted(shaped(projects, request_id), key=lambda p: (p.name.casefold(), p.id)))

    def scope(self, token: Token, project_id: str, *, request_id: str) -> Token:
        """A token for that project, with the image endpoints of every region. It expires when
        ``token`` does.

        Raises ``SessionEnded`` when ``token`` has expired, ``Forbidden`` when the user has no role
        in the project or it is disabled (Keystone answers both with the same 401).
        """
        plugin = v3.Token(self._url, token.id, project_id=project_id)
        try:
            return self._authenticate(plugin, request_id, secrets=[token.id])
        except (SessionEnded, NotFound) as error:
            self.check(token.id, request_id=request_id)
            refusal = Forbidden(error.message, service=SERVICE, request_id=error.request_id)
        raise refusal

    def revoke(self, token_id: str, *, request_id: str) -> None:
        """Make the token worthless. One that already is, is fine."""
        headers = {"X-Subject-Token": token_id}
        try:
            self._call("DELETE", "/auth/tokens", token_id, request_id, headers=headers)
        except (SessionEnded, NotFound):
            return

    def check(self, token_id: str, *, request_id: str) -> None:
        """Return when Keystone still takes the token.

        Raises ``SessionEnded`` when Keystone says that it does not, ``Unavailable`` when Keystone
        does not say: the Image API answers 401 in both cases (trap 14).
        """
        headers = {"X-Subject-Token": token_id}
        try:
            answer = self._call(
                "GET", "/auth/tokens", token_id, request_id, headers, {"nocatalog": ""}
            )
        except NotFound as error:
            raise SessionEnded(
                error.message, service=SERVICE, request_id=error.request_id
            ) from None
        shaped(lambda: answer.json["token"]["expires_at"], request_id)

    def ping(self, timeout: Timeout) -> datetime | None:
        """Keystone's time of day, when it answers; None when it does not tell. Raises
        ``Unavailable``."""
        request_id = new_request_id()
        try:
            answer = self._transport.call(
                "GET",
                self._url,
                service=SERVICE,
                token=None,
                request_id=request_id,
                timeout=timeout,
                can_retry=False,
            )
        except CloudError as error:
            raise as_unavailable(error) from None
        return _date_of(answer)

    def _call(
        self,
        method: str,
        path: str,
        token_id: str,
        request_id: str,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> Answer:
        return self._transport.call(
            method,
            self._url + path,
            service=SERVICE,
            token=token_id,
            request_id=request_id,
            timeout=self._timeout,
            headers=headers,
            params=params,
        )

    def _sign_in(self, plugin: v3.base.Auth, request_id: str, *, secrets: Sequence[str]) -> Token:
        """Whatever Keystone finds wrong with what was typed is a wrong credential: an unknown
        application credential is a 404, a name too long for its schema a 400."""
        try:
            return self._authenticate(plugin, request_id, secrets=secrets)
        except (SessionEnded, NotFound, Invalid) as error:
            refusal = WrongCredentials(error.message, service=SERVICE, request_id=error.request_id)
        raise refusal

    def _authenticate(
        self, plugin: v3.base.Auth, request_id: str, *, secrets: Sequence[str]
    ) -> Token:
        session = keystone_session.Session(
            session=self._transport.session(self._timeout),
            verify=self._transport.verify,
            redirect=False,
            additional_headers={REQUEST_ID_HEADER: request_id},
        )
        try:
            access = plugin.get_auth_ref(session)
        except (exceptions.ClientException, LookupError, TypeError, ValueError) as error:
            failure = translated(error, request_id, secrets)
        else:
            return shaped(lambda: self._token(access), request_id)
        # Raised out here, so that no chain of exceptions holds the request with the password.
        raise failure

    def _token(self, access: AccessInfoV3) -> Token:
        project = None
        if access.project_id:
            project = Project(
                access.project_id, one_line(access.project_name), access.project_domain_name or ""
            )
        return Token(
            id=given(access.auth_token),
            user=User(
                given(access.user_id),
                one_line(given(access.username)),
                access.user_domain_name or "",
                access.user_domain_id or "",
            ),
            project=project,
            roles=tuple(name.lower() for name in access.role_names or ()),
            expires_at=given(access.expires).astimezone(UTC),
            image_urls=MappingProxyType(self._image_urls(access)),
        )

    def _image_urls(self, access: AccessInfoV3) -> dict[str, str]:
        """Region → address, in the catalogue's order; the first of several in a region."""
        urls: dict[str, str] = {}
        if access.has_service_catalog():
            found = access.service_catalog.get_endpoints_data("image", interface=self._interface)
            for endpoint in (one for several in found.values() for one in several):
                urls.setdefault(endpoint.region_name or "", image_base_url(endpoint.url or ""))
        return urls


def image_base_url(url: str) -> str:
    """The Image API's address without slash and version at its end; it may have a path."""
    return re.sub(r"/v2(\.\d+)?$", "", url.rstrip("/"))


def _domain_name(project: dict[str, Any], user: User) -> str:
    return user.domain_name if project.get("domain_id") == user.domain_id else ""


def _date_of(answer: Answer) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
