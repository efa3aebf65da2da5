import json
from collections.abc import Mapping
from typing import Any

import pytest

from channels.facebook import Facebook
from domain.errors import BadPayload, BadSignature
from domain.identities import Identity
from tests.channels.contract import SECRET, ChannelContract, digest, fixture

PAGE, OTHER_PAGE, SUSAN_REF = "104200000000001", "104200000000002", "7700000000000101"
SUSAN = Identity("facebook", PAGE, SUSAN_REF)


def facebook(
    url: str = "http://127.0.0.1:9", secrets: tuple[str, ...] = (SECRET,), token: str = "our-word"
) -> Facebook:
    return Facebook("42424242", secrets, token, {PAGE: "page-token-1", OTHER_PAGE: "page-token-2"}, url)


class TestContract(ChannelContract):
    kind = "facebook"
    identity = SUSAN

    def channel(self, url: str = "http://127.0.0.1:9", secret: str = SECRET) -> Facebook:
        return facebook(url, (secret,))

    def signed(self, signature: str) -> Mapping[str, str]:
        return {"X-Hub-Signature-256": f"sha256={signature}"}

    def message(self, text: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(fixture("facebook", "message__text"))
        body["entry"][0]["messaging"][0]["message"]["text"] = text
        return body


@pytest.mark.parametrize(
    ("secret", "raw", "signature"),
    [
        ("FAKE_SECRET", b"rawBody", "5ed144e30fbf7b9730f32b3a05200b1a3dd9098811b41742071c847eb9202cf7"),
        ("FAKE_SECRET", b"{}", "448df8785dd36742e43fa3cad9de2eca8ceb6391e79c742e33e52c6637f32dac"),
    ],
)
def test_known_signatures_are_accepted(secret: str, raw: bytes, signature: str) -> None:
    facebook(secrets=(secret,)).verify(raw, {"X-Hub-Signature-256": f"sha256={signature}"})


def test_while_a_secret_is_rotated_both_are_accepted() -> None:
    channel = facebook(secrets=("the-new-one", SECRET))
    for secret in ("the-new-one", SECRET):
        channel.verify(b"{}", {"X-Hub-Signature-256": f"sha256={digest(b'{}', secret)}"})


@pytest.mark.parametrize("prefix", ["", "sha1=", "SHA256=", "sha256", "sha256=sha256="])
def test_a_signature_must_be_called_sha256(prefix: str) -> None:
    with pytest.raises(BadSignature):
        facebook().verify(b"{}", {"X-Hub-Signature-256": prefix + digest(b"{}")})


def test_the_older_sha1_header_counts_for_nothing() -> None:
    sha1 = "1c99183cb7c44ea27fb834746086b65b89800db8"
    with pytest.raises(BadSignature):
        facebook(secrets=("FAKE_SECRET",)).verify(b"{}", {"X-Hub-Signature": f"sha1={sha1}"})


def asked(token: str = "our-word", **more: str) -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444", **more}


def test_the_challenge_is_returned_to_whoever_knows_the_verify_token() -> None:
    assert facebook().challenge(asked()) == "1158201444"


@pytest.mark.parametrize(
    "args", [asked("wrong"), asked(""), asked("é"), asked("\ud800"), asked(**{"hub.mode": "other"}), {}]
)
def test_the_challenge_is_kept_from_anybody_else(args: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        facebook().challenge(args)
    with pytest.raises(BadSignature):
        facebook(token="").challenge(args)


@pytest.mark.parametrize("body", [{}, {"object": "instagram", "entry": []}, {"object": "page", "entry": {}}])
def test_a_body_that_is_not_a_pages_is_a_bad_payload(body: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        facebook().parse(json.dumps(body).encode())
