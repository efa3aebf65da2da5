"""Random automations with few words, so that they meet; and what users, the API and the contact do around them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from domain.actions import Action, NoteLine
from domain.automations import Automation, StepKind, TriggerKind
from domain.definitions import read_definition
from domain.errors import Conflict
from domain.models import Sender, Snapshot, Source
from domain.users import User
from handlers import users
from handlers.profiles import change_profile, change_tags
from store import Store
from tests.people import ALICE

TEXTS = ["hello", "bye", "human", "what?", "broken"]
TAGS = ["a", "b"]
#: Short ones: whoever waits meets what happens meanwhile.
MINUTES = [1, 2, 60]

_tags = st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True)
_some_tags = st.sampled_from([[], [], ["a"], ["b"]])
_sources = st.sampled_from([[], [], ["contact"], ["automation"], ["contact", "user", "welcome_event"]])
_conditions = st.sampled_from(
    [
        {"subject": "conversation.state", "operator": "open"},
        {"subject": "conversation.state", "operator": "not_open"},
        {"subject": "tags", "operator": "has_any", "value": ["a"]},
        {"subject": "tags", "operator": "has_none", "value": ["b"]},
        {"subject": "bot", "operator": "on"},
        {"subject": "message.text", "operator": "contains", "value": ["hello", "bye"]},
        {"subject": "contact.name", "operator": "is_not", "value": "Ann"},
    ]
)
#: Most often there are none.
_groups: SearchStrategy[dict[str, Any]] = st.integers(0, 7).flatmap(
    lambda number: st.builds(lambda one: {"all": [one]}, _conditions) if number == 7 else st.just({"all": []})
)
#: What each kind of trigger and step says beside its kind; nothing for those that are not here.
_OF_TRIGGERS: dict[TriggerKind, SearchStrategy[dict[str, Any]]] = {
    TriggerKind.CONVERSATION_OPENED: st.fixed_dictionaries({"sources": _sources}),
    TriggerKind.MESSAGE_RECEIVED: st.sampled_from(
        [{"match": "any"}, {"match": "any"}, {"match": "contains", "texts": ["hello"]}, {"match": "is", "texts": TEXTS}]
    ),
    TriggerKind.TAG_ADDED: st.fixed_dictionaries({"tags": _some_tags}),
    TriggerKind.TAG_REMOVED: st.fixed_dictionaries({"tags": _some_tags}),
    TriggerKind.NO_ANSWER_FROM_CONTACT: st.fixed_dictionaries({"minutes": st.sampled_from(MINUTES)}),
    TriggerKind.NO_ANSWER_FROM_US: st.fixed_dictionaries({"minutes": st.sampled_from(MINUTES)}),
}
_OF_STEPS: dict[StepKind, SearchStrategy[dict[str, Any]]] = {
    StepKind.SEND_MESSAGE: st.builds(lambda text: {"text": text}, st.sampled_from(["Hi {{contact.name}}!", "Well."])),
    StepKind.ASSIGN: st.sampled_from([{"to": "round_robin"}, {"to": "least_open"}, {"to": "user", "user": "gone"}]),
    StepKind.ADD_TAGS: st.fixed_dictionaries({"tags": _tags}),
    StepKind.REMOVE_TAGS: st.fixed_dictionaries({"tags": _tags}),
    StepKind.SET_FIELD: st.sampled_from(
        [
            {"field": "name", "value": "Ann"},
            {"field": "name"},
            {"field": "email", "value": "no email"},
            {"field": "GONE", "value": "1"},
        ]
    ),
    StepKind.COMMENT: st.just({"text": "A comment"}),
    StepKind.NOTIFY: st.sampled_from([{"text": "Look"}, {"text": "Look", "users": ["gone"]}]),
    StepKind.WAIT: st.fixed_dictionaries({"minutes": st.sampled_from(MINUTES)}),
    StepKind.CALL_URL: st.sampled_from(["ok", "later", "never"]).map(lambda at: {"url": f"https://example.com/{at}"}),
}


_OFTEN_WAITED_FOR = (
    TriggerKind.MESSAGE_RECEIVED,
    TriggerKind.CONVERSATION_OPENED,
    TriggerKind.CONVERSATION_CLOSED,
    TriggerKind.TAG_ADDED,
    TriggerKind.TAG_REMOVED,
)
_OFTEN_DONE = (
    StepKind.OPEN_CONVERSATION,
    StepKind.CLOSE_CONVERSATION,
    StepKind.ADD_TAGS,
    StepKind.REMOVE_TAGS,
    StepKind.SEND_MESSAGE,
    StepKind.WAIT,
)


#: What can set each other off, or close and open what somebody else is about.
_TROUBLE = (
    ({"kind": "no_answer_from_us", "minutes": 1}, ["close_conversation"]),
    ({"kind": "no_answer_from_contact", "minutes": 1}, ["send_message", "add_tags"]),
    ({"kind": "no_answer_from_contact", "minutes": 2}, ["send_message", "close_conversation", "open_conversation"]),
    ({"kind": "contact_created"}, ["open_conversation", "close_conversation"]),
    ({"kind": "conversation_closed"}, ["open_conversation", "send_message"]),
    ({"kind": "conversation_opened"}, ["close_conversation", "add_tags"]),
    ({"kind": "conversation_opened"}, ["wait", "close_conversation"]),
    ({"kind": "message_received", "match": "any"}, ["wait", "open_conversation", "send_message"]),
    ({"kind": "message_received", "match": "any"}, ["close_conversation", "send_message"]),
    ({"kind": "tag_added"}, ["remove_tags", "call_url"]),
    ({"kind": "tag_removed"}, ["add_tags", "open_conversation"]),
    ({"kind": "bot_unanswered"}, ["bot_off", "wait", "bot_on", "assign"]),
)
_SAID: dict[str, dict[str, Any]] = {
    "send_message": {"text": "Well."},
    "add_tags": {"tags": ["a"]},
    "remove_tags": {"tags": ["a"]},
    "wait": {"minutes": 1},
    "call_url": {"url": "https://example.com/later"},
    "assign": {"to": "least_open"},
}


def definitions() -> SearchStrategy[dict[str, Any]]:
    """Definitions as people import them. A step's id says its kind, `<kind>-<number>`."""
    troublesome = st.sampled_from(_TROUBLE).map(
        lambda made: {
            "name": "Troublesome",
            "trigger": made[0],
            "steps": [{"kind": kind, "id": f"{kind}-1", **_SAID.get(kind, {})} for kind in made[1]],
        }
    )
    return troublesome | _generated()


def _generated() -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "name": st.just("Generated"),
            "once": st.sampled_from(["", "", "", "", "conversation", "contact"]),
            "trigger": _of_kind(TriggerKind, _OFTEN_WAITED_FOR, _OF_TRIGGERS),
            "conditions": _groups,
            "steps": st.lists(steps(), min_size=2, max_size=4, unique_by=lambda step: step["id"]),
        }
    )


def steps() -> SearchStrategy[dict[str, Any]]:
    """One step of any kind."""
    return st.builds(
        lambda said, number, only_if: {**said, "id": f"{said['kind']}-{number}", "only_if": only_if},
        _of_kind(StepKind, _OFTEN_DONE, _OF_STEPS),
        st.integers(1, 9),
        _groups,
    )


def _of_kind(kinds: Any, often: Any, said: Any) -> SearchStrategy[dict[str, Any]]:
    # Those that others wait for come more often.
    return st.sampled_from([*kinds, *often]).flatmap(
        lambda kind: said.get(kind, st.just({})).map(lambda values: {"kind": kind.value, **values})
    )


def made(definition: dict[str, Any], number: int, now_ms: int) -> Automation:
    """An automation that is switched on now."""
    read = read_definition(definition)
    return replace(read, id=f"a{number}", is_active=True, active_since_ms=now_ms, created_at_ms=now_ms, position=number)


def edited(automation: Automation, kept: int, definition: dict[str, Any]) -> Automation:
    """The same with other steps behind the first `kept` ones; what stays, stays in its order."""
    kept_steps = automation.steps[:kept]
    ids = {step.id for step in automation.steps}
    added = tuple(step for step in read_definition(definition).steps if step.id not in ids)
    return replace(automation, steps=(kept_steps + added) or automation.steps)


#: What somebody may do to a contact as they see it; by its name.
Deed = Callable[[Snapshot, User], list[Action]]


def _close(snapshot: Snapshot, user: User) -> list[Action]:
    return users.close_conversation(snapshot, source=Source.USER, by=user.card)


def _reply(snapshot: Snapshot, user: User) -> list[Action]:
    return users.write(snapshot, "from Alice", sender=Sender.USER, opens=Source.USER, max_text_chars=1900, by=user.card)


def _assign(snapshot: Snapshot, user: User) -> list[Action]:
    if snapshot.open is None:
        return []
    given = None if snapshot.open.assignee else user.card
    return users.assign(snapshot, given, number=snapshot.open.number, by=user.card)


def _by_hand(snapshot: Snapshot, user: User) -> list[Action]:
    number = snapshot.open.number if snapshot.open else 0
    details = {"automation": {"id": "a1", "name": "Generated"}, "by": user.card}
    return [NoteLine(number=number, kind="run_by_hand", details=details)]


DEEDS: dict[str, Deed] = {
    "open": lambda snapshot, user: users.open_conversation(snapshot, source=Source.USER, by=user.card),
    "open by API": lambda snapshot, _: users.open_conversation(snapshot, source=Source.API),
    "close": _close,
    "close by API": lambda snapshot, _: users.close_conversation(snapshot, source=Source.API),
    "reply": _reply,
    "assign": _assign,
    "tag": lambda snapshot, user: change_tags(snapshot, add=("a",), by=user.card),
    "tag and untag": lambda snapshot, _: change_tags(snapshot, add=("b",), remove=("a",), by=None),
    "untag": lambda snapshot, user: change_tags(snapshot, remove=("a", "b"), by=user.card),
    "name": lambda snapshot, user: change_profile(snapshot, {"name": "Bea"}, by=user.card),
    "bot": lambda snapshot, user: users.set_bot(snapshot, is_on=bool(snapshot.contact.bot_off), by=user.card),
    "block": lambda snapshot, _: users.block(snapshot, is_blocked=True, by=ALICE),
    "unblock": lambda snapshot, _: users.block(snapshot, is_blocked=False, by=ALICE),
    "by hand": _by_hand,
}


def do(store: Store, contact: str, name: str, user: User) -> None:
    """Let somebody do it, as far as it can be done now."""
    snapshot = store.snapshot(store.resolve(contact))
    try:
        actions = DEEDS[name](snapshot, user)
    except Conflict:
        return
    if actions:
        assert store.commit(snapshot, actions).is_done
