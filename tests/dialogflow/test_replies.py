"""Reading what Dialogflow answers."""

import pytest
from google.cloud.dialogflow_v2.types import DetectIntentResponse

from dialogflow.replies import read_answer
from domain.answers import Commands
from tests.dialogflow.stand_in import response


@pytest.mark.parametrize(
    ("platform", "replies"),
    [
        ("facebook", ("On Friday!", "Shall we keep some?")),
        ("viber", ("Friday, on Viber.",)),
        ("carrier pigeon", ("They come on Friday.",)),
    ],
)
def test_the_platforms_own_tab_is_preferred(platform: str, replies: tuple[str, ...]) -> None:
    assert read_answer(response("answer__both_platform_tabs"), platform).replies == replies


@pytest.mark.parametrize("platform", ["facebook", "viber"])
def test_the_default_tab_speaks_where_the_platforms_has_no_text(platform: str) -> None:
    answer = read_answer(response("answer__platform_tab_without_text"), platform)
    assert answer.replies == ("See you soon.", "And thank you.")


def test_the_fulfillment_text_speaks_only_where_there_are_no_messages_at_all() -> None:
    assert read_answer(response("answer__only_fulfillment_text"), "viber").replies == ("Hello from the florist.",)
    silent = DetectIntentResponse(
        query_result={"fulfillment_text": "Not this.", "fulfillment_messages": [{"text": {"text": ["", "  "]}}]}
    )
    assert read_answer(silent, "viber").replies == ()


def test_replies_are_cleaned() -> None:
    dirty = DetectIntentResponse(query_result={"fulfillment_messages": [{"text": {"text": [" a\x00b\nc \x07"]}}]})
    assert read_answer(dirty, "viber").replies == ("ab\nc",)


def test_everything_about_the_turn_is_read() -> None:
    answer = read_answer(response("answer__both_platform_tabs"), "viber")
    assert answer.response_id == "5d0cc5a6-1b7e-4f0a-8a52-7d2f0c1be001-c3a9f0e1"
    assert (answer.intent, answer.is_fallback, answer.confidence) == ("delivery.day", False, 0.75)
    assert answer.commands == Commands(notify="Asks for the tulips")
    assert answer.parameters == {
        "RB_NOTIFY": "Asks for the tulips",
        "number": 12,
        "date": "",
        "colours": ["red", "white"],
    }
    assert answer.webhook_status == "ok"
    assert answer.failure is None


def test_a_webhook_that_failed_is_told_and_the_static_reply_sent() -> None:
    answer = read_answer(response("answer__webhook_timed_out"), "viber")
    assert answer.webhook_status == "Webhook call failed. Error: DEADLINE_EXCEEDED, State: URL_TIMEOUT."
    assert answer.replies == ("Let me look.",)


def test_an_intent_without_webhook_has_no_webhook_status() -> None:
    assert read_answer(response("answer__only_fulfillment_text"), "viber").webhook_status == ""


def test_nothing_is_commanded_while_slot_filling_runs() -> None:
    answer = read_answer(response("answer__slot_filling"), "viber")
    assert answer.commands == Commands()
    assert answer.parameters == {"RB_MARKDONE": "true", "date": ""}


def test_an_empty_response_is_an_empty_answer() -> None:
    answer = read_answer(DetectIntentResponse(), "facebook")
    assert (answer.intent, answer.replies, answer.parameters, answer.commands) == ("", (), {}, Commands())


def test_parameters_of_every_kind_become_plain_json() -> None:
    result = {
        "parameters": {"n": None, "yes": True, "half": 0.5, "address": {"street": "Rose Lane", "no": [7.0]}},
        "all_required_params_present": True,
    }
    assert read_answer(DetectIntentResponse(query_result=result), "viber").parameters == {
        "n": None,
        "yes": True,
        "half": 0.5,
        "address": {"street": "Rose Lane", "no": [7]},
    }


def test_parameters_that_are_too_large_to_keep_still_command() -> None:
    result = {
        "parameters": {"RB_MARKDONE": "true", "poem": "rose " * 2000},
        "all_required_params_present": True,
    }
    answer = read_answer(DetectIntentResponse(query_result=result), "viber")
    assert answer.parameters == {}
    assert answer.commands.mark_done is True
