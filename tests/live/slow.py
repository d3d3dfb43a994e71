"""A way to a server that takes its time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Queue
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
                way = Queue[tuple[float, bytes]]()
                threading.Thread(target=_take, args=(source, way, wait), daemon=True).start()
                threading.Thread(target=_hand_on, args=(way, target), daemon=True).start()


def _take(source: socket.socket, way: Queue[tuple[float, bytes]], wait: float) -> None:
    """Note when each piece is due. They wait side by side: head and body of a request come in two
    pieces or in one, as it happens, and are late by the same time either way."""
    with suppress(OSError):
        while data := source.recv(65536):
            way.put((time.monotonic() + wait, data))
    way.put((time.monotonic() + wait, b""))


def _hand_on(way: Queue[tuple[float, bytes]], target: socket.socket) -> None:
    with suppress(OSError), target:
        while True:
            due, data = way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                target.shutdown(socket.SHUT_RDWR)
                return
            target.sendall(data)
