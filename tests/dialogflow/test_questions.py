"""What we ask Dialogflow, on the wire."""

import re

import pytest

from dialogflow.connections import connect
from dialogflow.questions import build_request, format_session
from domain.answers import Question

# The four REST bindings of Sessions.DetectIntent.
DOCUMENTED = re.compile(
    r"projects/([^/]+)(?:/locations/([^/]+))?/agent(?:/environments/([^/]+)/users/([^/]+))?/sessions/([^/]+)"
)
PLACE = "projects/florist-77/agent/sessions/s"


@pytest.mark.parametrize("location", ["", "europe-west2"])
@pytest.mark.parametrize("environment", ["", "production"])
def test_a_session_is_named_in_the_documented_forms(location: str, environment: str) -> None:
    match = DOCUMENTED.fullmatch(format_session("florist-77", location, environment, "susan-1"))
    assert match is not None
    assert match.groups(default="") == ("florist-77", location, environment, "-" if environment else "", "susan-1")


@pytest.mark.parametrize("session", ["", "a/b", "x" * 37, "a b"])
def test_a_session_id_that_dialogflow_refuses_is_not_sent(session: str) -> None:
    with pytest.raises(ValueError, match="session"):
        format_session("florist-77", "", "", session)


def test_a_long_text_is_asked_by_its_beginning() -> None:
    text = "tulip " * 100
    asked = build_request(Question(session="s", platform="viber", text=text), PLACE, "en").query_input.text.text
    assert 200 < len(asked) <= 256
    assert text.startswith(asked)
    assert asked.endswith("tulip")


def test_the_questions_language_goes_before_the_agents() -> None:
    for given, asked in (("", "en"), ("hr", "hr")):
        text = build_request(Question(session="s", platform="viber", text="a", language=given), PLACE, "en")
        event = build_request(Question(session="s", platform="viber", event="E", language=given), PLACE, "en")
        assert text.query_input.text.language_code == asked
        assert event.query_input.event.language_code == asked


def test_ids_in_the_payload_keep_all_their_digits() -> None:
    payload = {"ids": [5_466_297_578_174_182_639, "8812345678901234567"], "small": 7, "is_new": True, "none": None}
    request = build_request(Question(session="s", platform="viber", text="a", payload=payload), PLACE, "en")
    sent = type(request).to_dict(request)["query_params"]["payload"]
    assert sent == {
        "ids": ["5466297578174182639", "8812345678901234567"],
        "small": 7.0,
        "is_new": True,
        "none": None,
    }


def test_text_that_protobuf_cannot_carry_is_cleaned() -> None:
    question = Question(session="s", platform="viber", text="a\ud800b", payload={"text": "c\udfffd"})
    request = build_request(question, PLACE, "en")
    assert request.query_input.text.text == "ab"
    assert dict(request.query_params.payload) == {"text": "cd"}


def test_a_question_without_payload_sends_none() -> None:
    request = build_request(Question(session="s", platform="viber", text="a"), PLACE, "en")
    assert "payload" not in request.query_params


def test_an_endpoint_in_plaintext_needs_no_credentials() -> None:
    client = connect("http://127.0.0.1:9", "europe-west2", "")
    client.transport.close()  # type: ignore[no-untyped-call]
