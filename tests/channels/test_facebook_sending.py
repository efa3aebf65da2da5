import hashlib
import hmac
import json

import pytest
from pytest_httpserver import HTTPServer

from domain.errors import ChannelError, Outcome
from domain.identities import Identity
from tests.channels.contract import ANY_PATH, SECRET
from tests.channels.test_facebook import PAGE, SUSAN, SUSAN_REF, facebook

TAG = "md:aaaaaaaaaaaaaaaaaaaaaaaa:17:n0nce_-AZ9"
ACCEPTED = {"recipient_id": SUSAN_REF, "message_id": "m_sent"}


def failure(httpserver: HTTPServer, body: object, status: int = 400) -> ChannelError:
    httpserver.expect_request(ANY_PATH).respond_with_json(body, status=status)
    with pytest.raises(ChannelError) as caught:
        facebook(httpserver.url_for("")).send_text(SUSAN, "hi", TAG)
    return caught.value


def test_a_text_goes_to_the_contact_with_our_tag_and_the_pages_token(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"/v25.0/{PAGE}/messages", method="POST").respond_with_json(ACCEPTED)
    assert facebook(httpserver.url_for("/v25.0/")).send_text(SUSAN, "Да\x00, we do 🎂", TAG) == "m_sent"
    ((request, _),) = httpserver.log
    assert json.loads(request.data) == {
        "recipient": {"id": SUSAN_REF},
        "messaging_type": "RESPONSE",
        "message": {"text": "Да, we do 🎂", "metadata": TAG},
    }
    assert request.headers["Authorization"] == "Bearer page-token-1"
    assert request.headers["Content-Type"] == "application/json"


def test_the_call_carries_the_proof_of_the_newest_app_secret(httpserver: HTTPServer) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_json(ACCEPTED)
    facebook(httpserver.url_for(""), secrets=("newest", SECRET)).send_text(SUSAN, "hi", TAG)
    ((request, _),) = httpserver.log
    proof = hmac.new(b"newest", b"page-token-1", hashlib.sha256).hexdigest()
    assert request.args.to_dict() == {"appsecret_proof": proof}


def test_without_an_app_secret_there_is_no_proof(httpserver: HTTPServer) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_json(ACCEPTED)
    facebook(httpserver.url_for(""), secrets=()).send_text(SUSAN, "hi", TAG)
    ((request, _),) = httpserver.log
    assert not request.args


def test_a_message_for_a_page_that_left_the_settings_waits(httpserver: HTTPServer) -> None:
    with pytest.raises(ChannelError) as caught:
        facebook(httpserver.url_for("")).send_text(Identity("facebook", "404", SUSAN_REF), "hi", TAG)
    assert (caught.value.outcome, caught.value.is_account_wide) == (Outcome.RETRY, True)
    assert not httpserver.log


@pytest.mark.parametrize(
    ("code", "subcode", "outcome", "reason"),
    [
        (1, None, Outcome.RETRY, "platform_error"),
        (1, 99, Outcome.PERMANENT, "no_permission"),
        (2, None, Outcome.RETRY, "platform_error"),
        (2, 2018344, Outcome.PERMANENT, "bad_request"),
        (4, None, Outcome.RETRY, "rate_limited"),
        (4, 2018354, Outcome.PERMANENT, "marketing_limit"),
        (10, None, Outcome.PERMANENT, "no_permission"),
        (10, 2018278, Outcome.PERMANENT, "window_closed"),
        (10, 2534022, Outcome.PERMANENT, "window_closed"),
        (17, None, Outcome.RETRY, "rate_limited"),
        (32, None, Outcome.RETRY, "rate_limited"),
        (100, None, Outcome.PERMANENT, "bad_request"),
        (100, 33, Outcome.RETRY, "bad_page"),
        (100, 1893061, Outcome.PERMANENT, "bad_request"),
        (100, 2018001, Outcome.PERMANENT, "contact_gone"),
        (100, 2018047, Outcome.PERMANENT, "bad_content"),
        (190, None, Outcome.RETRY, "bad_token"),
        (190, 463, Outcome.RETRY, "bad_token"),
        (200, None, Outcome.PERMANENT, "no_permission"),
        (200, 1545041, Outcome.PERMANENT, "contact_gone"),
        (200, 2534041, Outcome.PERMANENT, "another_app_holds_the_conversation"),
        (368, None, Outcome.RETRY, "account_blocked"),
        (551, None, Outcome.PERMANENT, "contact_gone"),
        (551, 1545041, Outcome.PERMANENT, "contact_gone"),
        (613, None, Outcome.RETRY, "rate_limited"),
        (1200, 2018024, Outcome.RETRY, "platform_error"),
        (999999, None, Outcome.RETRY, "platform_error"),
        ("nonsense", [], Outcome.RETRY, "platform_error"),
    ],
)
def test_each_error_means_what_the_table_says(
    httpserver: HTTPServer, code: object, subcode: object, outcome: Outcome, reason: str
) -> None:
    error = {"message": "some words", "type": "OAuthException", "code": code}
    caught = failure(httpserver, {"error": error if subcode is None else {**error, "error_subcode": subcode}})
    assert (caught.outcome, caught.reason) == (outcome, reason)


@pytest.mark.parametrize(("code", "rest_s"), [(4, 60), (613, 60), (190, 300), (368, 3600)])
def test_limits_and_bad_tokens_rest_the_whole_page(httpserver: HTTPServer, code: int, rest_s: int) -> None:
    caught = failure(httpserver, {"error": {"code": code}})
    assert (caught.is_account_wide, caught.retry_after_s) == (True, rest_s)


@pytest.mark.parametrize("code", [2, 551, 100])
def test_one_contacts_trouble_does_not_rest_the_page(httpserver: HTTPServer, code: int) -> None:
    assert not failure(httpserver, {"error": {"code": code}}).is_account_wide


def test_an_error_that_calls_itself_transient_may_be_tried_again(httpserver: HTTPServer) -> None:
    assert failure(httpserver, {"error": {"code": 10, "is_transient": True}}).outcome is Outcome.RETRY


def test_a_missing_proof_waits_for_the_app_secret(httpserver: HTTPServer) -> None:
    words = "API calls from the server require an appsecret_proof argument"
    assert failure(httpserver, {"error": {"code": 100, "message": words}}).reason == "bad_app_secret"


def test_too_many_requests_without_an_error_body_is_a_limit(httpserver: HTTPServer) -> None:
    caught = failure(httpserver, [], status=429)
    assert (caught.reason, caught.is_account_wide) == ("rate_limited", True)
