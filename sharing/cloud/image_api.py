"""Calls of the Image API as one signed-in user: where it is, and what a 401 of it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from .errors import Broken, SessionEnded
from .paths import SERVICE
from .resources import Token
from .transport import DEFAULT_TIMEOUT, Timeout, Transport

PATCH = "application/openstack-images-v2.1-json-patch"
T = TypeVar("T")


class ImageApi:
    """Makes every call with ``token`` (project-scoped) and ``request_id``. Thread-safe.

    ``check_token`` asks Keystone about the token after a 401: the Image API gives one also when
    Keystone is away (trap 14). It raises ``SessionEnded`` or ``Unavailable``, or returns when the
    token is good. Besides those, any method may raise ``Unavailable`` for the Image API itself.

    ``page_size`` is for lists that are wanted whole; the API gives at most 1000 images at once.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        base_url: str,
        token: Token,
        request_id: str,
        check_token: Callable[[], None],
        timeout: Timeout = DEFAULT_TIMEOUT,
        page_size: int = 1000,
    ) -> None:
        if token.project is None:
            raise ValueError("the token is not scoped to a project")
        self.request_id = request_id
        self._transport = transport
        self._base_url = base_url
        self._token = token
        self._project_id = token.project.id
        self._check_token = check_token
        self._timeout = timeout
        self._page_size = page_size

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            return self._transport.call(
                method,
                f"{self._base_url}/v2{path}",
                service=SERVICE,
                token=self._token.id,
                request_id=self.request_id,
                timeout=self._timeout,
                params=params,
                json=json,
                headers=headers,
            ).json

        if method == "GET":
            # Glance may refuse a good token once, just after Keystone has come back (measured).
            with suppress(SessionEnded):
                return call()
            self._check_token()
        with self._checked():
            return call()

    @contextmanager
    def _checked(self) -> Iterator[None]:
        """A 401 is the token's fault only when Keystone says so (trap 14)."""
        try:
            yield
        except SessionEnded as error:
            refusal = error
        else:
            return
        self._check_token()
        raise Broken(
            "refuses a token that Keystone takes", service=SERVICE, request_id=refusal.request_id
        )

    def _read(self, read: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
        try:
            return read(data)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            message = f"an answer of another shape: {type(error).__name__}"
            failure = Broken(message, service=SERVICE, request_id=self.request_id)
        raise failure
