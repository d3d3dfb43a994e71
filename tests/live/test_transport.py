"""The transport on real sockets, before servers that misbehave (trap 17 and the like)."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sharing.cloud.answers import LARGEST_ANSWER, Answer
from sharing.cloud.errors import Broken, CloudError, Refused, TimedOut
from sharing.cloud.identity import Identity
from sharing.cloud.transport import Timeout, Transport

from .server import Answering, Server, http_answer

IMPATIENT = Timeout(connect=1, read=0.3)
NewServer = Callable[[Answering], Server]


@pytest.fixture
def serve() -> Iterator[NewServer]:
    servers: list[Server] = []

    def start(answer: Answering) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def call(
    server: Server,
    method: str = "GET",
    *,
    transport: Transport | None = None,
    timeout: Timeout = IMPATIENT,
    can_retry: bool = True,
) -> Answer:
    return (transport or Transport()).call(
        method,
        f"{server.url}/v2/images",
        service="Image API",
        token="s3cret-token",
        request_id="req-1",
        timeout=timeout,
        can_retry=can_retry,
    )


def good(connection: socket.socket, _: str) -> None:
    connection.sendall(http_answer(b'{"a": 1}', headers="Set-Cookie: who=ada\r\n"))


def hang_up(connection: socket.socket, _: str) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def drip(connection: socket.socket, text: bytes) -> None:
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def sign_in(server: Server) -> None:
    identity = Identity(auth_url=server.url, transport=Transport(), timeout=IMPATIENT)
    identity.sign_in_with_password(
        username="ada", password="secret", domain="Default", request_id="req-1"
    )


def first_then(first: Answering, then: Answering) -> Answering:
    turns = iter([first])
    return lambda connection, head: next(turns, then)(connection, head)


def test_connections_are_shared_and_cookies_are_not(serve: NewServer) -> None:
    server, transport = serve(good), Transport()
    for _ in range(3):
        assert call(server, transport=transport).json == {"a": 1}
    assert server.connections == 1
    assert not [head for head in server.requests if "cookie" in head.lower()]


def test_many_threads_share_one_pool(serve: NewServer) -> None:
    server, transport = serve(good), Transport(pool_size=8)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: call(server, transport=transport), range(200)))
    assert len(server.requests) == 200
    assert server.connections <= 8


@pytest.mark.parametrize("ask", [call, sign_in])
def test_no_token_or_password_follows_a_redirect(
    serve: NewServer, ask: Callable[[Server], object]
) -> None:
    elsewhere = serve(good)
    moved = http_answer(status="307 Moved", headers=f"Location: {elsewhere.url}/\r\n")
    server = serve(lambda connection, _: connection.sendall(moved))
    with pytest.raises(Broken):
        ask(server)
    assert len(server.requests) == 1
    assert elsewhere.requests == []


def test_netrc_adds_nothing(
    serve: NewServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(good)
    call(server)
    assert "authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_whose_connection_is_lost_is_repeated(serve: NewServer, method: str) -> None:
    head = http_answer(b"" if method == "HEAD" else b"{}")
    server = serve(first_then(hang_up, lambda connection, _: connection.sendall(head)))
    assert call(server, method).json == {}
    assert len(server.requests) == 2


def test_a_read_that_ends_half_way_is_repeated(serve: NewServer) -> None:
    def half(connection: socket.socket, _: str) -> None:
        connection.sendall(http_answer(b'{"a": ', length=8))
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(first_then(half, good))
    assert call(server).json == {"a": 1}


def test_a_read_is_repeated_once(serve: NewServer) -> None:
    server = serve(hang_up)
    with pytest.raises(Refused):
        call(server)
    assert len(server.requests) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_is_never_repeated(serve: NewServer, method: str) -> None:
    for answer, kind in ((hang_up, Refused), (lambda *_: time.sleep(1), TimedOut)):
        server = serve(answer)
        with pytest.raises(CloudError) as caught:
            call(server, method)
        assert type(caught.value) is kind
        assert len(server.requests) == 1


def test_a_password_is_sent_once(serve: NewServer) -> None:
    server = serve(hang_up)
    with pytest.raises(Refused):
        sign_in(server)
    assert len(server.requests) == 1


def test_silence_is_waited_for_no_longer_than_asked(serve: NewServer) -> None:
    server = serve(lambda *_: time.sleep(5))
    started = time.monotonic()
    with pytest.raises(TimedOut):
        call(server, can_retry=False)
    assert 0.3 <= time.monotonic() - started < 1


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
@pytest.mark.parametrize("ask", ["call", "sign in"])
def test_a_dripping_answer_holds_nobody_for_long(serve: NewServer, start: bytes, ask: str) -> None:
    def answer(connection: socket.socket, _: str) -> None:
        connection.sendall(start)
        drip(connection, b"HTTP/1.1 200 OK\r\n" + b"X-Endless: " + b"x" * 500)

    server = serve(answer)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        sign_in(server) if ask == "sign in" else call(server, can_retry=False)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_endless_answer_is_not_read_to_its_end(serve: NewServer, is_packed: bool) -> None:
    large = json.dumps({"a": "x" * LARGEST_ANSWER}).encode()
    body = gzip.compress(large) if is_packed else large
    headers = "Content-Encoding: gzip\r\n" if is_packed else ""
    whole = http_answer(body, headers=headers)
    server = serve(lambda connection, _: connection.sendall(whole))
    with pytest.raises(Broken):
        call(server, timeout=Timeout(1, 5))
    assert len(server.requests) == 1


def test_what_is_not_http_is_refused_or_broken(serve: NewServer) -> None:
    server = serve(lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"))
    with pytest.raises((Refused, Broken)):
        call(server)


def test_nobody_there_is_refused(serve: NewServer) -> None:
    server = serve(good)
    server.close()
    with pytest.raises(Refused):
        call(server)
    with pytest.raises(Refused):
        sign_in(server)
