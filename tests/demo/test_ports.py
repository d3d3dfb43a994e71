"""Ports that stay ours. They are only bound, never called: these tests open no connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from portal.demo.ports import Port

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.release()


def test_a_free_port_is_given_as_wanted(port: Port) -> None:
    port.release()
    again = Port(port.number)
    again.release()
    assert again.number == port.number


def test_a_taken_port_is_replaced_by_another(port: Port) -> None:
    with socket.create_server(("127.0.0.1", port.number)):
        other = Port(port.number)
    other.release()
    assert other.number != port.number


def test_a_reserved_port_refuses_connections_but_lets_a_server_in(port: Port) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port.number), timeout=1)
    with socket.create_server(("127.0.0.1", port.number)):
        socket.create_connection(("127.0.0.1", port.number), timeout=1).close()


def test_two_demos_do_not_share_a_port_that_is_only_reserved(port: Port) -> None:
    port.release()
    first, second = Port(port.number), Port(port.number)
    first.release()
    second.release()
    assert first.number == port.number
    assert second.number != port.number
