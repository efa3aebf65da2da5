"""An internet that begins and ends on this machine: names, addresses and certificates of its own."""

import datetime
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer

PUBLIC = "93.184.216.34"
DAY = datetime.timedelta(days=1)


@dataclass
class Names:
    """Takes the resolver's place: each look-up gets the next answer, the last one again and again."""

    answers: list[list[str]]
    looked_up: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, **_: Any) -> list[tuple[int, int, int, str, Any]]:
        answer = self.answers[min(len(self.looked_up), len(self.answers) - 1)]
        self.looked_up.append(host)
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        # Wires of all addresses lead to servers on IPv4.
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answer]


@dataclass
class Wires:
    """Where sockets were told to connect to. What is wired leads to a server here, nothing leads anywhere else."""

    leads_to: dict[str, tuple[str, int]] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    wires, connect = Wires(), socket.socket.connect

    def connect_by_wire(sock: socket.socket, address: Any) -> None:
        wires.tried.append(address[0])
        if address[0] not in wires.leads_to:
            raise ConnectionRefusedError
        connect(sock, wires.leads_to[address[0]])

    monkeypatch.setattr(socket.socket, "connect", connect_by_wire)
    return wires


@dataclass
class Authority:
    """Signs certificates; `roots` is the file of those who trust it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority for tests")])
        signed = (
            self._begin(self.name, self.key.public_key(), DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.roots = self.folder / "roots.pem"
        self.roots.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def certify(self, host: str, lasts: datetime.timedelta = DAY) -> ssl.SSLContext:
        """Return what a server needs to prove that it is `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        signed = (
            self._begin(name, key.public_key(), lasts)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = self.folder / f"{host}.pem"
        private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*private) + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _begin(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, lasts: datetime.timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return x509.CertificateBuilder(self.name, name, key, x509.random_serial_number(), now - 2 * DAY, now + lasts)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one authority that everybody trusts."""
    authority = Authority(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.roots))
    return authority


@contextmanager
def website(context: ssl.SSLContext | None = None) -> Iterator[HTTPServer]:
    """Serves POST / with 200."""
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/", method="POST").respond_with_data("taken")
        yield server
