"""RB_ parameters: which values command what."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogflow.parameters import MAX_KEPT_BYTES, keep_small, read_commands
from domain.answers import Commands

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["true", "false", "1", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)
NAMES = st.sampled_from(["RB_MARKDONE", "RB_BOTSTATUS", "RB_NOTIFY"]) | st.text()


@pytest.mark.parametrize("value", ["true", "TRUE", " True ", "1", "yes", True, 1, 1.0, ["true"], [True]])
def test_true_closes(value: object) -> None:
    assert read_commands({"RB_MARKDONE": value}, True) == Commands(mark_done=True)


@pytest.mark.parametrize("value", ["false", "FALSE", " false\n", "0", "no", False, 0, 0.0, ["false"], [False]])
def test_false_opens(value: object) -> None:
    assert read_commands({"RB_MARKDONE": value}, True) == Commands(mark_done=False)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        None,
        "maybe",
        "$done",
        2,
        -1.0,
        float("nan"),
        float("inf"),
        [],
        ["true", "true"],
        {},
        {"a": "true"},
        [[""]],
    ],
)
def test_anything_else_says_nothing(value: object) -> None:
    assert read_commands({"RB_MARKDONE": value, "RB_BOTSTATUS": value}, True) == Commands()


def test_names_that_only_resemble_ours_say_nothing() -> None:
    assert read_commands({"rb_markdone": "true", "RB_MARKDONE.original": "true"}, True) == Commands()


def test_the_bot_is_switched_by_its_own_parameter() -> None:
    assert read_commands({"RB_BOTSTATUS": "false"}, True) == Commands(bot_status=False)
    assert read_commands({"RB_BOTSTATUS": "true"}, True) == Commands(bot_status=True)


def test_a_notice_is_one_clean_line_of_at_most_500_characters() -> None:
    assert read_commands({"RB_NOTIFY": "  Wants\n a \x00person "}, True).notify == "Wants a person"
    assert read_commands({"RB_NOTIFY": ["Wants a person"]}, True).notify == "Wants a person"
    long = read_commands({"RB_NOTIFY": "rose " * 200}, True).notify
    assert long is not None
    assert 490 <= len(long) <= 500


@pytest.mark.parametrize("value", ["", "  ", None, 7, True, [], {}, ["a", "b"]])
def test_a_notice_that_is_no_text_says_nothing(value: object) -> None:
    assert read_commands({"RB_NOTIFY": value}, True).notify is None


def test_nothing_is_commanded_while_slot_filling_runs() -> None:
    parameters = {"RB_MARKDONE": "true", "RB_BOTSTATUS": "false", "RB_NOTIFY": "Hello"}
    assert read_commands(parameters, False) == Commands()


@given(st.dictionaries(NAMES, JSON), st.booleans())
def test_no_parameters_break_the_reading(parameters: dict[str, Any], all_present: bool) -> None:
    commands = read_commands(parameters, all_present)
    assert commands.mark_done in (True, False, None)
    assert commands.notify is None or 0 < len(commands.notify) <= 500


@given(st.dictionaries(NAMES, JSON))
def test_what_is_kept_is_strict_json_of_bounded_size(parameters: dict[str, Any]) -> None:
    kept = json.dumps(keep_small(parameters), allow_nan=False, ensure_ascii=False).encode()
    assert len(kept) <= MAX_KEPT_BYTES


def test_small_parameters_are_kept_as_they_are() -> None:
    parameters = {"people": 2.0, "half": 0.5, "days": ["Friday"], "place": {"city": "Split", "zip": ""}, "id": 2**60}
    assert keep_small(parameters) == {
        "people": 2,
        "half": 0.5,
        "days": ["Friday"],
        "place": {"city": "Split", "zip": ""},
        "id": str(2**60),
    }


def test_parameters_that_are_too_large_or_too_deep_are_not_kept() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"deeper": deep}
    assert keep_small(deep) == {}
    assert keep_small({"text": "x" * MAX_KEPT_BYTES}) == {}
    assert keep_small({"n": float("nan"), "m": float("-inf")}) == {"n": None, "m": None}
