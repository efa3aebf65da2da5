"""Credentials: what we sign with, and that their absence is said quickly and without showing a key."""

import datetime
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.api_core.exceptions import RetryError, ServiceUnavailable

from dialogflow.client import Agent
from dialogflow.failures import is_worth_a_retry, to_failed_answer
from domain.answers import BotFailure, Question
from tests.dialogflow.stand_in import StandIn

pytestmark = pytest.mark.timeout(60)

HELLO = Question(session="mfzwizltoq2gi33nmfuw4zdp-3", platform="viber", text="hello")
PRIVATE = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def write_key(private_key: str) -> str:
    """A service account's key as Google hands it out."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "florist-77",
            "private_key_id": "k1",
            "private_key": private_key,
            "client_email": "bot@florist-77.iam.gserviceaccount.com",
            "token_uri": "http://127.0.0.1:9/token",
        }
    )


@pytest.fixture(scope="module")
def service_account_key() -> str:
    return write_key(rsa.generate_private_key(65537, 2048).private_bytes(*PRIVATE).decode())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, bytes]]:
    """Key and certificate that gRPC trusts. It reads its roots once a process, so there is one for all tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    roots = tmp_path_factory.mktemp("tls") / "roots.pem"
    roots.write_bytes(signed)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(roots))
        environment.setenv("no_proxy", "localhost,127.0.0.1")
        yield key.private_bytes(*PRIVATE), signed


@pytest.fixture
def secure_stand_in(certificate: tuple[bytes, bytes]) -> Iterator[StandIn]:
    server = StandIn(tls=certificate)
    yield server
    server.stop()


@pytest.fixture
def without_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which Google's libraries find nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    return monkeypatch


def ask(endpoint: str = "", key: str = "") -> tuple[BotFailure | None, str]:
    agent = Agent("florist-77", credentials_json=key, endpoint=endpoint)
    answer = agent.ask(HELLO)
    agent.close()
    return answer.failure, answer.failure_detail


def test_a_service_accounts_key_signs_every_call(secure_stand_in: StandIn, service_account_key: str) -> None:
    assert ask(f"localhost:{secure_stand_in.port}", service_account_key) == (None, "")
    assert secure_stand_in.headers[0]["authorization"].startswith("Bearer ey")


def test_plaintext_carries_no_credentials(stand_in: StandIn, service_account_key: str) -> None:
    assert ask(stand_in.endpoint, service_account_key) == (None, "")
    assert "authorization" not in stand_in.headers[0]


def test_a_key_that_dialogflow_does_not_know_is_not_allowed(secure_stand_in: StandIn, service_account_key: str) -> None:
    secure_stand_in.fail(grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")
    failure, detail = ask(f"localhost:{secure_stand_in.port}", service_account_key)
    assert failure is BotFailure.NOT_ALLOWED
    assert "DIALOGFLOW_CREDENTIALS" in detail
    assert len(secure_stand_in.requests) == 1


@pytest.mark.parametrize("key", ["{", "[]", "{}", write_key("hush5ecret"), '{"type": "service_account"}'])
def test_a_key_that_cannot_be_read_is_not_allowed_and_not_shown(key: str) -> None:
    failure, detail = ask(key=key)
    assert failure is BotFailure.NOT_ALLOWED
    assert "hush5ecret" not in detail


def test_a_named_key_file_that_is_not_there_is_not_allowed(without_credentials: pytest.MonkeyPatch) -> None:
    without_credentials.setenv("GOOGLE_APPLICATION_CREDENTIALS", "nowhere.json")
    assert ask()[0] is BotFailure.NOT_ALLOWED


def test_a_metadata_server_that_hangs_is_given_up_and_not_tried_again_at_once(
    without_credentials: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        without_credentials.setenv("GCE_METADATA_IP", f"{host}:{port}")
        agent = Agent("florist-77")
        assert agent.ask(HELLO).failure is BotFailure.NOT_ALLOWED
        silent.accept()[0].close()
        assert agent.ask(HELLO).failure is BotFailure.NOT_ALLOWED
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_credentials_that_cannot_be_refreshed_are_not_allowed(
    secure_stand_in: StandIn, without_credentials: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    user = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "hush5ecret"}
    (tmp_path / "user.json").write_text(json.dumps(user))
    without_credentials.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "user.json"))
    without_credentials.setenv("https_proxy", "http://127.0.0.1:9")  # nothing leaves this machine
    failure, detail = ask(f"localhost:{secure_stand_in.port}")
    assert failure is BotFailure.NOT_ALLOWED
    assert "hush5ecret" not in detail
    assert secure_stand_in.requests == []


def away(message: str) -> ServiceUnavailable:
    return ServiceUnavailable(message)  # type: ignore[no-untyped-call]


def test_trouble_with_the_key_looks_like_an_outage_and_is_told_apart() -> None:
    trouble = away("Getting metadata from plugin failed with error: ('invalid_grant', {})")
    assert not is_worth_a_retry(trouble)
    assert to_failed_answer(trouble, 3).failure is BotFailure.NOT_ALLOWED
    assert is_worth_a_retry(away("connection refused"))


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (away("Getting metadata from plugin failed with error: revoked"), BotFailure.NOT_ALLOWED),
        (away("connection refused"), BotFailure.UNREACHABLE),
        (None, BotFailure.UNREACHABLE),
    ],
)
def test_a_retry_that_was_given_up_is_described_by_its_cause(cause: Exception | None, failure: BotFailure) -> None:
    given_up = RetryError("Timeout of 5 s exceeded", cause)  # type: ignore[no-untyped-call]
    assert to_failed_answer(given_up, 3).failure is failure
