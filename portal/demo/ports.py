"""Loopback ports that stay ours while a server is stopped."""

from __future__ import annotations

import fcntl
import socket
import tempfile
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"


class Port:
    """A reserved port on the loopback address: `wanted` when it is free, else any other (always
    any when 0).

    The port is bound but not listened on: a server of ours (with SO_REUSEADDR, as gunicorn has)
    can listen on it, nobody else is given it, and connections are refused while our server is
    down.
    """

    def __init__(self, wanted: int = 0) -> None:
        self._claim = _claimed(wanted) if wanted else None
        is_ours = self._claim is not None and _is_free(wanted)
        self._socket = self._bound(wanted if is_ours else 0)
        self.number: int = self._socket.getsockname()[1]

    @property
    def address(self) -> str:
        return f"{HOST}:{self.number}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def release(self) -> None:
        self._socket.close()
        if self._claim:
            self._claim.close()

    @staticmethod
    def _bound(number: int) -> socket.socket:
        reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((HOST, number))
        return reserved


def _claimed(number: int) -> IO[str] | None:
    """A lock on the port among demos, None if another has it: one that is only reserved looks free
    to ``_is_free``."""
    claim = (Path(tempfile.gettempdir()) / f"image-sharing-portal-{number}.port").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        return None
    return claim


def _is_free(number: int) -> bool:
    """Whether we could listen there. A listener on all addresses takes the port on this one too."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
            probe.listen(1)
        except OSError:
            return False
    return True
