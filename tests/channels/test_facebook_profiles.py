"""Asking Facebook for the name of a contact, which it may keep."""

import hashlib
import hmac

import pytest
from pytest_httpserver import HTTPServer

from domain.errors import ChannelError, Outcome
from domain.events import Profile
from domain.identities import Identity
from tests.channels.contract import ANY_PATH, SECRET, server_that_hangs_up
from tests.channels.test_facebook import SUSAN, SUSAN_REF, facebook


def told(httpserver: HTTPServer, body: object, status: int = 200) -> Profile | None:
    httpserver.expect_request(ANY_PATH).respond_with_json(body, status=status)
    return facebook(httpserver.url_for("")).fetch_profile(SUSAN)


def test_the_name_is_asked_for_with_the_pages_token_and_the_proof_of_the_secret(httpserver: HTTPServer) -> None:
    answer = {"first_name": "Mira", "last_name": "Stone", "id": SUSAN_REF}
    httpserver.expect_request(f"/v25.0/{SUSAN_REF}", method="GET").respond_with_json(answer)
    assert facebook(httpserver.url_for("/v25.0")).fetch_profile(SUSAN) == Profile(name="Mira Stone")
    ((request, _),) = httpserver.log
    proof = hmac.new(SECRET.encode(), b"page-token-1", hashlib.sha256).hexdigest()
    assert request.args.to_dict() == {"fields": "first_name,last_name", "appsecret_proof": proof}
    assert request.headers["Authorization"] == "Bearer page-token-1"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"first_name": "Mira"}, "Mira"),
        ({"last_name": " Stone\u0000 "}, "Stone"),
        ({"first_name": "", "last_name": None, "id": SUSAN_REF}, None),
        ({"id": SUSAN_REF}, None),
        ({"first_name": ["Mira"], "last_name": {}}, None),
    ],
)
def test_any_part_of_a_name_may_be_missing(httpserver: HTTPServer, body: object, name: str | None) -> None:
    assert told(httpserver, body) == (Profile(name=name) if name else None)


@pytest.mark.parametrize(
    ("code", "subcode"), [(100, 2018218), (100, 2018247), (100, 33), (1, 99), (3, None), (10, None), (200, None)]
)
def test_a_profile_that_facebook_keeps_is_none_and_no_error(
    httpserver: HTTPServer, code: int, subcode: int | None
) -> None:
    error = {"message": "some words", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    body = {"error": error if subcode is None else {**error, "error_subcode": subcode}}
    assert told(httpserver, body, 400) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": 190}, "bad_token"),
        ({"code": 613}, "rate_limited"),
        ({"code": 100, "error_subcode": 2018001}, "contact_gone"),
        ({"code": [], "error_subcode": {}}, "platform_error"),
    ],
)
def test_every_other_error_means_what_it_means_for_a_message(
    httpserver: HTTPServer, error: object, reason: str
) -> None:
    with pytest.raises(ChannelError) as caught:
        told(httpserver, {"error": error}, 400)
    assert caught.value.reason == reason


def test_a_call_without_an_answer_is_a_channel_error_without_a_secret() -> None:
    with server_that_hangs_up() as url, pytest.raises(ChannelError) as caught:
        facebook(url).fetch_profile(SUSAN)
    assert caught.value.outcome is Outcome.AMBIGUOUS
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}" and caught.value.__suppress_context__


def test_a_page_that_left_the_settings_is_not_called_and_no_id_leads_elsewhere(httpserver: HTTPServer) -> None:
    channel = facebook(httpserver.url_for(""))
    with pytest.raises(ChannelError):
        channel.fetch_profile(Identity("facebook", "404", SUSAN_REF))
    assert not httpserver.log
    httpserver.expect_request(ANY_PATH).respond_with_json({})
    channel.fetch_profile(SUSAN._replace(contact_ref="../me?fields=id#"))
    ((request, _),) = httpserver.log
    assert request.args["fields"] == "first_name,last_name" and request.environ["RAW_URI"].startswith("/..%2Fme%3F")
