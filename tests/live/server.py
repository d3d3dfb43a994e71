"""A server that answers as a test tells it to, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

Answering = Callable[[socket.socket, str], None]


def http_answer(
    body: bytes = b"{}", *, status: str = "200 OK", headers: str = "", length: int | None = None
) -> bytes:
    """A whole answer; ``length`` is what it claims to have. ``headers`` each end with CRLF."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n"
    return head.encode() + body


class Server:
    """``requests`` has what was asked, heads only; ``connections`` how many times it was called."""

    def __init__(self, answer: Answering, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[str] = []
        self.connections = 0
        self._answer = answer
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while head := _read_request(stream):
                    self.requests.append(head)
                    self._answer(connection, head)


def _read_request(stream: BinaryIO) -> str:
    lines: list[str] = []
    for line in stream:
        lines.append(line.decode().rstrip())
        if not lines[-1]:
            break
    for header in lines:
        name, _, value = header.partition(":")
        if name.lower() == "content-length":
            stream.read(int(value))
    return "\n".join(lines)
