"""OS_CACERT: a private authority is believed when it is named, and only then."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sharing.cloud.errors import CloudError, Refused, WrongCredentials
from sharing.cloud.identity import Identity
from sharing.cloud.transport import Timeout, Transport

from .server import Server, http_answer

LOOPBACK = ipaddress.ip_address("127.0.0.1")
REFUSAL = http_answer(
    b'{"error": {"code": 401, "message": "no", "title": "Unauthorized"}}',
    status="401 Unauthorized",
    headers="Content-Type: application/json\r\n",
)


def certificate(folder: Path) -> Path:
    """A self-signed one for the loopback address, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return path


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    return str(certificate(tmp_path))


@pytest.fixture
def server(ca_file: str) -> Iterator[Server]:
    def refuse(connection: socket.socket, _: str) -> None:
        connection.sendall(REFUSAL)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file)
    server = Server(refuse, context)
    yield server
    server.close()


def outcomes(server: Server, transport: Transport) -> list[type[CloudError]]:
    """What becomes of a sign-in (by keystoneauth1) and of a call of our own."""
    timeout = Timeout(2, 2)
    identity = Identity(auth_url=server.url, transport=transport, timeout=timeout)
    with pytest.raises(CloudError) as signing_in:
        identity.sign_in_with_password(
            username="ada", password="secret", domain="Default", request_id="req-1"
        )
    with pytest.raises(CloudError) as pinging:
        identity.ping(timeout)
    return [type(signing_in.value), type(pinging.value)]


def test_an_unknown_authority_is_not_believed(server: Server) -> None:
    assert outcomes(server, Transport()) == [Refused, Refused]
    assert server.requests == []


def test_a_named_authority_is_believed(server: Server, ca_file: str) -> None:
    answered = outcomes(server, Transport(ca_file=ca_file))
    assert answered[0] is WrongCredentials
    assert answered[1] is not Refused
    assert len(server.requests) == 2


def test_the_environment_does_not_replace_a_named_authority(
    server: Server, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import certifi

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert outcomes(server, Transport(ca_file=ca_file))[0] is WrongCredentials
