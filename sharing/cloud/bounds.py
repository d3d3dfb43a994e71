"""Answers that end: none may be too large, or take too long. Part of ``transport``."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

from .answers import LARGEST_ANSWER

_PATIENCE = 3  # an answer may take this many read timeouts from its first byte to its last
_USUAL_WAIT = 8.0


class _BoundedReader(io.RawIOBase):
    """A socket's bytes, until there were too many or they took too long.

    The read timeout alone only limits the wait for the next byte: a server that sends one a
    second would hold a worker for ever, in the headers as well as in the body.
    """

    def __init__(self, sock: socket.socket, reader: io.BufferedReader) -> None:
        self._sock = sock
        self._reader = reader
        self._wait = sock.gettimeout() or _USUAL_WAIT
        self._deadline = time.monotonic() + _PATIENCE * self._wait
        self._room = LARGEST_ANSWER + 1024 * 1024

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(min(self._wait, left))
        count = self._reader.raw.readinto(buffer)
        self._room -= count or 0
        if self._room < 0:
            raise ConnectionAbortedError("the answer is too large")
        return count

    def close(self) -> None:
        self._reader.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _BoundedResponse


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = _BoundedResponse


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class BoundedAdapter(HTTPAdapter):
    """The shared pool. ``requests`` gives it ``Retry(0)``: it repeats nothing on its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager
