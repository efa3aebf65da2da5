"""What a definition may say, and what is said about one that cannot be."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.automation_parts import MAX_LINE_CHARS, MAX_TEXT_CHARS, MOST_MINUTES, MOST_VALUES
from domain.automations import MOST_CONDITIONS, MOST_STEPS, Automation, Condition, Group, Once, StepKind, TriggerKind
from domain.definitions import BadDefinition, Known, read_definition, write_definition
from tests.domain.generated_automations import KNOWN, automations

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
OUTSIDE = {"subject": "business_hours", "operator": "outside"}
AFTER_HOURS: dict[str, Any] = {
    "name": "After hours",
    "description": "Says when we are back.",
    "once": "conversation",
    "trigger": {"kind": "conversation_opened", "sources": ["contact"]},
    "conditions": {"all": [OUTSIDE, {"any": [{"subject": "tags", "operator": "has_any", "value": ["vip"]}]}]},
    "steps": [
        {"id": "s2", "kind": "send_message", "text": "We are back at 9."},
        {"kind": "add_tags", "tags": ["night"], "only_if": {"all": [OUTSIDE]}},
        {"kind": "wait", "minutes": 60},
    ],
}
MESSAGE = {"kind": "message_received"}
WAIT = {"kind": "wait", "minutes": 1}


def problems_of(data: object, known: Known | None = KNOWN) -> list[tuple[str, str]]:
    try:
        read_definition(data, known)
    except BadDefinition as error:
        assert str(error) == "\n".join(problem.message for problem in error.problems)
        return [(problem.where, problem.message) for problem in error.problems]
    return []


def with_steps(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"name": "One", "trigger": {"kind": "by_hand"}, "steps": list(steps)}


def with_trigger(**said: Any) -> dict[str, Any]:
    return {"name": "One", "trigger": said, "steps": [WAIT]}


def with_condition(*members: Any) -> dict[str, Any]:
    return {**with_steps(WAIT), "conditions": {"all": list(members)}}


def test_a_definition_is_read() -> None:
    found = read_definition(AFTER_HOURS, KNOWN)
    assert (found.id, found.name, found.once, found.is_active) == ("", "After hours", Once.CONVERSATION, False)
    assert found.trigger.kind is TriggerKind.CONVERSATION_OPENED and found.trigger.texts("sources") == ("contact",)
    outside = Condition("business_hours", "outside")
    tagged = Condition("tags", "has_any", ("vip",))
    assert found.conditions == Group((outside, Group((tagged,), is_any=True)))
    assert [step.kind for step in found.steps] == [StepKind.SEND_MESSAGE, StepKind.ADD_TAGS, StepKind.WAIT]
    assert found.steps[1].only_if == Group((outside,)) and found.steps[2].number("minutes") == 60


def test_steps_without_an_id_get_the_first_ones_that_are_free() -> None:
    assert [step.id for step in read_definition(AFTER_HOURS).steps] == ["s2", "s1", "s3"]


@given(automations())
def test_an_automation_is_read_back_from_what_is_written(automation: Automation) -> None:
    written = json.loads(json.dumps(write_definition(automation)))
    assert read_definition(written, KNOWN) == automation == read_definition(written)


@given(JSON)
def test_whatever_is_given_is_read_or_refused(data: Any) -> None:
    assert problems_of(data) == problems_of(data)


@settings(max_examples=300)
@given(automations(), st.data())
def test_a_definition_that_somebody_changed_anywhere_is_read_or_refused(
    automation: Automation, data: st.DataObject
) -> None:
    definition = write_definition(automation)
    places = list(_places(definition))
    holder, key = data.draw(st.sampled_from(places))
    if data.draw(st.booleans()):
        holder[key] = data.draw(JSON)
    elif isinstance(holder, dict):
        holder[data.draw(st.text(max_size=8))] = holder.pop(key)
    else:
        holder.append(copy.deepcopy(holder[key]))
    if not problems_of(definition):
        again = write_definition(read_definition(definition, KNOWN))
        assert write_definition(read_definition(again, KNOWN)) == again


def _places(holder: Any) -> Any:
    for key, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
        yield holder, key
        if isinstance(value, dict | list):
            yield from _places(value)


def test_all_that_is_wrong_is_said_at_once_in_order_and_names_the_step() -> None:
    data = json.loads(json.dumps(AFTER_HOURS))
    data |= {"name": " ", "colour": "red", "once": "daily"}
    data["conditions"]["all"][1]["any"][0]["value"] = ["a,b"]
    data["steps"][0]["text"] = ""
    data["steps"][1]["only_if"]["all"][0]["operator"] = "near"
    found = problems_of(data)
    assert [where for where, _ in found] == [
        "",
        "name",
        "once",
        "conditions.all.1.any.0.value",
        "steps.0.text",
        "steps.1.only_if.all.0.operator",
    ]
    assert found[0][1].startswith("The definition: “colour” cannot be said here")
    assert found[3][1].startswith("Condition 2.1, Tags: Value: “a,b” is no tag")
    assert found[4][1] == "Step 1, Send a message: Text: write what shall be sent."
    assert found[5][1].startswith("Step 2, Add tags: Only if, condition 1, Time: Operator: “near” is none of")


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        (None, "", "has to be an object"),
        ([], "", "has to be an object"),
        ({**with_steps(WAIT), "name": "x" * (MAX_LINE_CHARS + 1)}, "name", "at most 200 characters"),
        ({**with_steps(WAIT), "name": "a\x00b"}, "name", "control characters"),
        ({**with_steps(WAIT), "name": "a\ud800b"}, "name", "control characters"),
        ({**with_steps(WAIT), "description": "x" * (MAX_TEXT_CHARS + 1)}, "description", "at most 2,000"),
        ({**with_steps(WAIT), "once": None}, "once", "“conversation”"),
        ({**with_steps(WAIT), "trigger": {}}, "trigger.kind", "is none of"),
        ({**with_steps(WAIT), "trigger": "by_hand"}, "trigger", "has to be an object"),
        (with_steps(), "steps", "add at least one"),
        ({**with_steps(WAIT), "steps": {}}, "steps", "list of steps"),
        (with_steps(*[WAIT] * (MOST_STEPS + 1)), "steps", f"at most {MOST_STEPS}"),
        (with_steps({"kind": "dance"}), "steps.0.kind", "“dance” is none of"),
        (with_steps({"kind": ["wait"]}), "steps.0.kind", "is none of"),
        (with_steps({**WAIT, "id": "a"}, {**WAIT, "id": "a"}), "steps.1.id", "another step has “a”"),
        (with_steps({**WAIT, "id": "../a"}), "steps.0.id", "letters, digits"),
        (with_steps({**WAIT, "id": 1}), "steps.0.id", "letters, digits"),
        (with_steps({**WAIT, "hours": 1}), "steps.0", "“hours” cannot be said here"),
        *((with_steps({**WAIT, "minutes": bad}), "steps.0.minutes", "1 to 43,200")
          for bad in (0, -1, MOST_MINUTES + 1, 1.0, True, "5", None)),
        (with_steps({"kind": "wait"}), "steps.0.minutes", "how many"),
        (with_steps({"kind": "send_message", "text": ["hi"]}), "steps.0.text", "has to be a text"),
        (with_steps({"kind": "send_message", "text": "a\x07"}), "steps.0.text", "control characters"),
        (with_steps({"kind": "assign"}), "steps.0.to", "choose"),
        (with_steps({"kind": "assign", "to": "user"}), "steps.0.user", "choose whom"),
        (with_steps({"kind": "assign", "to": "round_robin", "user": "u1"}), "steps.0.user", "leave it out"),
        (with_steps({"kind": "add_tags", "tags": []}), "steps.0.tags", "at least one"),
        (with_steps({"kind": "add_tags", "tags": "vip"}), "steps.0.tags", "has to be a list"),
        (with_steps({"kind": "add_tags", "tags": ["x" * 41]}), "steps.0.tags", "is no tag"),
        (with_steps({"kind": "add_tags", "tags": ["vip", ""]}), "steps.0.tags", "is empty"),
        (with_steps({"kind": "add_tags", "tags": ["a"] * (MOST_VALUES + 1)}), "steps.0.tags", "at most 50"),
        (with_steps({"kind": "set_field", "field": "size"}), "steps.0.field", "is no field"),
        (with_trigger(**MESSAGE), "trigger.match", "choose which"),
        (with_trigger(**MESSAGE, match="contains"), "trigger.texts", "at least one"),
        (with_trigger(**MESSAGE, match="any", texts=["hi"]), "trigger.texts", "leave them out"),
        (with_trigger(**MESSAGE, match="matches", texts=["ok", "("]), "trigger.texts", "“(”: it cannot be used"),
        (with_trigger(**MESSAGE, match="is", texts=["a\nb"]), "trigger.texts", "one line"),
        (with_trigger(kind="welcome", channels=["telegram"]), "trigger.channels", "is no channel"),
        (with_trigger(kind="conversation_opened", sources=["moon"]), "trigger.sources", "is none of"),
        ({**with_steps(WAIT), "conditions": []}, "conditions", "has to be an object"),
        ({**with_steps(WAIT), "conditions": {}}, "conditions", "either “all” or “any”"),
        ({**with_steps(WAIT), "conditions": {"all": [], "any": []}}, "conditions", "either “all” or “any”"),
        ({**with_steps(WAIT), "conditions": {"all": {}}}, "conditions", "list of conditions"),
        (with_condition(*[OUTSIDE] * (MOST_CONDITIONS + 1)), "conditions", "at most 30"),
        (with_condition({"any": []}), "conditions.all.0", "without conditions"),
        (with_condition("x"), "conditions.all.0", "has to be an object"),
        (with_condition({"subject": "weather"}), "conditions.all.0.subject", "“weather” is none of"),
        (with_condition({"subject": "field:size", "operator": "is_set"}), "conditions.all.0.subject", "field:ID"),
        (with_condition({**OUTSIDE, "operator": "is"}), "conditions.all.0.operator", "inside, outside"),
        (with_condition({**OUTSIDE, "value": "now"}), "conditions.all.0.value", "none is wanted"),
        (with_condition({"subject": "contact.name", "operator": "is"}), "conditions.all.0.value", "compare with"),
        (with_condition({"subject": "tags", "operator": "has_any", "value": []}), "conditions.all.0.value", "compare"),
        (with_condition({"subject": "field:SIZE", "operator": "at_least", "value": "many"}),
         "conditions.all.0.value", "write a number"),
        (with_condition({"subject": "message.text", "operator": "matches", "value": ["(?=a)"]}),
         "conditions.all.0.value", "it cannot be used"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_place_and_a_sentence(data: object, where: str, words: str) -> None:
    ((place, message),) = problems_of(data)
    assert place == where and words in message and message.endswith(".")


def test_groups_stand_in_each_other_three_deep_and_no_deeper() -> None:
    three = {"any": [{"all": [OUTSIDE]}]}
    assert problems_of(with_condition(three)) == []
    ((where, message),) = problems_of(with_condition({"all": [three]}))
    assert (where, "3 deep" in message) == ("conditions.all.0.all.0.any.0", True)
    deep: dict[str, Any] = {"all": []}
    for _ in range(100_000):
        deep = {"all": [deep]}
    assert len(problems_of({**with_steps(WAIT), "conditions": deep})) == 1
    while deep["all"]:  # or else Python itself would take it apart too deep
        (deep,) = deep["all"]


def test_the_conditions_of_steps_count_as_well() -> None:
    steps = [{**WAIT, "only_if": {"all": [OUTSIDE] * 10}} for _ in range(3)]
    assert problems_of(with_steps(*steps)) == []
    assert "those of the steps included" in problems_of({**with_steps(*steps), "conditions": {"all": [OUTSIDE]}})[0][1]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"kind": "assign", "to": "user", "user": "gone"}, "no user with the id “gone”"),
        ({"kind": "notify", "text": "Look", "users": ["u1", "gone"]}, "no user with the id “gone”"),
        ({"kind": "set_field", "field": "GONE"}, "no custom field with the id “GONE”"),
        ({"kind": "close_conversation", "category": "Gone"}, "no closing category “Gone”"),
        ({**WAIT, "only_if": {"all": [{"subject": "field:GONE", "operator": "is_set"}]}}, "no custom field"),
        (
            {**WAIT, "only_if": {"all": [{"subject": "channel", "operator": "is", "value": ["viber:gone"]}]}},
            "viber:gone",
        ),
    ],
)
def test_what_a_definition_refers_to_has_to_be_there_unless_nobody_asks(step: dict[str, Any], words: str) -> None:
    ((_, message),) = problems_of(with_steps(step))
    assert words in message
    assert problems_of(with_steps(step), None) == []


@pytest.mark.parametrize(
    "url",
    ["example.com", "https://", "https:///x", "ftp://example.com", "https://u:p@example.com", "https://u@example.com",
     "https://example.com/a b", "https://[::1", "https://example.com:99999", "https://a\\@example.com", "javascript:x",
     "http://example.com", "//example.com", f"https://example.com/{'x' * 1000}", "https://\u202eexample.com"],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused(url: str) -> None:
    ((where, _),) = problems_of(with_steps({"kind": "call_url", "url": url}))
    assert where == "steps.0.url"


def test_http_is_fine_for_hosts_that_were_allowed() -> None:
    def found(url: str, *hosts: str) -> bool:
        return not problems_of(with_steps({"kind": "call_url", "url": url}), Known(hosts=frozenset(hosts)))

    assert found("http://erp.local:8080/x", "erp.local") and found("http://erp.local:8080/x", "erp.local:8080")
    assert found("http://ERP.local/x", "erp.local:80") and found("https://example.com/x")
    assert not found("http://erp.local/x", "erp.local:8080") and not found("http://a.erp.local/x", "erp.local")


def test_a_definition_has_an_end() -> None:
    words = [f"{number:02}{'Ж' * 198}" for number in range(MOST_VALUES)]
    long = {"subject": "message.text", "operator": "contains", "value": words}
    assert problems_of(with_condition(long)) == []
    ((where, message),) = problems_of(with_condition(*[long] * 5))
    assert where == "" and "at most 65,536 bytes" in message


def test_space_around_and_windows_line_ends_are_not_kept() -> None:
    found = read_definition(with_steps({"kind": "send_message", "text": " Hi\r\nthere\n"}))
    assert found.steps[0].text("text") == "Hi\nthere"
