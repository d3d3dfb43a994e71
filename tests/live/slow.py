"""A way to a server that takes its time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def slowly(url: str, *, seconds: float) -> Iterator[str]:
    """The address under which the server at ``url`` gets each connection's bytes that much later
    than they were sent. Its answers come as quickly as they do."""
    parts = urlsplit(url)
    door = socket.create_server(("127.0.0.1", 0))
    server = (str(parts.hostname), int(parts.port or 80))
    arguments = (door, server, seconds)
    threading.Thread(target=_open, args=arguments, daemon=True).start()
    try:
        yield parts._replace(netloc=f"127.0.0.1:{door.getsockname()[1]}").geturl()
    finally:
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()


def _open(door: socket.socket, server: tuple[str, int], seconds: float) -> None:
    with suppress(OSError):
        while True:
            caller, _ = door.accept()
            called = socket.create_connection(server)
            for source, target, wait in ((caller, called, seconds), (called, caller, 0.0)):
                threading.Thread(target=_pass_on, args=(source, target, wait), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, wait: float) -> None:
    with suppress(OSError), source, target:
        while data := source.recv(65536):
            time.sleep(wait)
            target.sendall(data)
