"""The only way out: one connection pool, a timeout on every call, statuses made into errors.

What the libraries would do on their own, and why not here (trap 17): ``requests`` sends
``X-Auth-Token`` on to wherever a redirect points, so none is followed; a shared ``Session`` would
carry one user's cookies into another's calls, so each call has its own and only the adapter is
shared; ``~/.netrc`` could add somebody's password, so it is not asked; and ``urllib3`` would
repeat PUT and DELETE, so repeating is done here, once, and for reads only.
"""

from __future__ import annotations

import json as json_module
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase

from .answers import LARGEST_ANSWER, REQUEST_ID_HEADER, Answer, Exchange
from .bounds import BoundedAdapter
from .errors import Broken, CloudError, NotFound, Refused, TimedOut

DATA_CHUNK = 256 * 1024  # bytes of an image at once
_READS = frozenset({"GET", "HEAD"})

logger = logging.getLogger("sharing.cloud")


@dataclass(frozen=True, slots=True)
class Timeout:
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect: float
    read: float


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made. ``outcome`` is the answer's status, or the kind of error."""

    method: str
    path: str
    outcome: int | str
    seconds: float


def _nobody(_call: Call) -> None:
    """Watches nothing."""


DEFAULT_TIMEOUT = Timeout(connect=3.05, read=8)


def new_request_id() -> str:
    """An ID for one call or for all calls of one page: 40 characters, Glance takes 64 (trap 15)."""
    return f"req-{uuid.uuid4()}"


class Transport:
    """The process's pool of connections. Thread-safe; make one, share it.

    ``ca_file`` is a bundle to trust instead of the system's; ``adapter`` replaces the network;
    ``observe`` is told of every call, on the thread that made it.
    """

    def __init__(
        self,
        *,
        ca_file: str | None = None,
        pool_size: int = 32,
        adapter: BaseAdapter | None = None,
        observe: Callable[[Call], None] = _nobody,
    ) -> None:
        self._observe = observe
        self.verify: str | bool = ca_file or True
        self._environment: dict[str, dict[str, Any]] = {}
        self._adapter = adapter or BoundedAdapter(pool_connections=8, pool_maxsize=pool_size)
        # An image's bytes are no answer that is bounded in size or time.
        self._data_adapter = adapter or HTTPAdapter(pool_connections=2, pool_maxsize=pool_size)

    def session(self, timeout: Timeout) -> requests.Session:
        """A fresh session over the shared pool, for a library that wants one. Never close it:
        that would close the pool."""
        return _Session(self._adapter, timeout, self._observe)

    def call(
        self,
        method: str,
        url: str,
        *,
        service: str,
        token: str | None,
        request_id: str,
        timeout: Timeout,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        expects_json: bool = True,
        can_retry: bool = True,
        body: Iterable[bytes] | None = None,
    ) -> Answer:
        """The service's answer to one call, or the ``CloudError`` that it amounts to.

        ``body`` is sent as it comes, in place of JSON; with a ``len()`` that is its
        Content-Length, else in chunks. What it raises comes out of here, and cuts the call off.
        A read that finds no connection, loses it or gets no answer in time is tried once more.
        """
        sent = {"Accept": "application/json", REQUEST_ID_HEADER: request_id, **(headers or {})}
        if token is not None:
            sent["X-Auth-Token"] = token
        if json is not None:
            sent.setdefault("Content-Type", "application/json")
        request = requests.Request(
            method,
            url,
            headers=sent,
            params=params,
            data=body if json is None else json_module.dumps(json),
        )
        exchange = Exchange(service, request_id, token, expects_json)
        try:
            return self._send(request, exchange, timeout)
        except (Refused, TimedOut):
            if method not in _READS or not can_retry:
                raise
        return self._send(request, exchange, timeout)

    def download(
        self, url: str, *, service: str, token: str, request_id: str, timeout: Timeout
    ) -> Download:
        """The answer's bytes as they come, however many; errors as ``call`` has them, and
        ``NotFound`` for an answer without a body."""
        sent = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "X-Auth-Token": token,
            REQUEST_ID_HEADER: request_id,
        }
        exchange = Exchange(service, request_id, token, expects_json=False)
        session = _Session(self._data_adapter, timeout, self._observe)
        try:
            prepared = session.prepare_request(requests.Request("GET", url, headers=sent))
            settings = self._settings(session, prepared.url or "")
            response = session.send(prepared, allow_redirects=False, **settings)
            if response.status_code != requests.codes.ok:
                exchange.judge(response.status_code, response.headers, _read(response))
                raise exchange.failure(NotFound, "no data")
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise exchange.failure(_connection_error(error), "") from error
        return Download(response, exchange)

    def _send(self, request: requests.Request, exchange: Exchange, timeout: Timeout) -> Answer:
        session = self.session(timeout)
        try:
            prepared = session.prepare_request(request)
            settings = self._settings(session, prepared.url or "")
            response = session.send(prepared, allow_redirects=False, **settings)
            body = _read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise exchange.failure(_connection_error(error), "") from error
        return exchange.judge(response.status_code, response.headers, body)

    def _settings(self, session: requests.Session, url: str) -> dict[str, Any]:
        """The environment's proxies and certificates for a host, looked up once for each: it takes
        ``requests`` longer than all else that it does for a call."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._environment:
            self._environment[host] = dict(
                session.merge_environment_settings(
                    url, {}, stream=True, verify=self.verify, cert=None
                )
            )
        return self._environment[host]


class Download:
    """Bytes on their way. ``length`` is None when the service does not say it. Close it."""

    def __init__(self, response: requests.Response, exchange: Exchange) -> None:
        length = response.headers.get("Content-Length", "")
        self.length = int(length) if length.isdecimal() else None
        self._response = response
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``Broken`` when the data ends before its end."""
        try:
            yield from self._response.raw.stream(DATA_CHUNK, decode_content=False)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise self._exchange.failure(Broken, "the data broke off") from error
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()


def _read(response: requests.Response) -> bytes | None:
    """The whole body, or None when it is too large to be an answer."""
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            response.close()
            return None
    return bytes(body)


def _connection_error(error: Exception) -> type[CloudError]:
    if isinstance(error, requests.Timeout) or _is_read_timeout(error):
        return TimedOut
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return Refused
    return Broken


def _is_read_timeout(error: Exception) -> bool:
    """Within a body, ``requests`` takes a timeout for a lost connection."""
    return bool(error.args) and isinstance(error.args[0], urllib3.exceptions.ReadTimeoutError)


class _NoAuth(AuthBase):
    """Stands where ``requests`` would otherwise look into ``~/.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    """One call's session. Logs each request: never a query, a header or a body."""

    def __init__(
        self, adapter: BaseAdapter, timeout: Timeout, observe: Callable[[Call], None]
    ) -> None:
        super().__init__()
        self._observe = observe
        self.auth = _NoAuth()
        self.headers["User-Agent"] = "image-sharing-portal"
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._timeout = (timeout.connect, timeout.read)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = self._timeout
        started = time.monotonic()
        outcome: int | str = "failed"
        try:
            response = super().send(request, **kwargs)
            outcome = response.status_code
        except requests.RequestException as error:
            outcome = type(error).__name__
            if _is_read_timeout(error):
                raise requests.ReadTimeout("the answer took too long") from error
            raise
        finally:
            path = urlsplit(request.url or "").path
            call = Call(request.method or "", path, outcome, time.monotonic() - started)
            sent_id = request.headers.get(REQUEST_ID_HEADER, "-")
            what = (call.method, path, outcome, round(call.seconds * 1000), sent_id)
            logger.info("%s %s %s %d ms %s", *what, extra={"request_id": sent_id})
            self._observe(call)
        return response
