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
_some_tags: SearchStrategy[list[str]] = st.just([]) | _tags
_sources = st.lists(
    st.sampled_from(["contact", "welcome_event", "user", "automation", "dialogflow", "api"]), max_size=2, unique=True
)
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
_groups: SearchStrategy[dict[str, Any]] = st.just({"all": []}) | st.builds(lambda one: {"all": [one]}, _conditions)
#: What each kind of trigger and step says beside its kind; nothing for those that are not here.
_OF_TRIGGERS: dict[TriggerKind, SearchStrategy[dict[str, Any]]] = {
    TriggerKind.CONVERSATION_OPENED: st.fixed_dictionaries({"sources": _sources}),
    TriggerKind.MESSAGE_RECEIVED: st.just({"match": "any"})
    | st.builds(lambda text: {"match": "contains", "texts": [text]}, st.sampled_from(TEXTS)),
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


def definitions() -> SearchStrategy[dict[str, Any]]:
    """Definitions as people import them. A step's id says its kind, `<kind>-<number>`."""
    return st.fixed_dictionaries(
        {
            "name": st.just("Generated"),
            "once": st.sampled_from(["", "", "conversation", "contact"]),
            "trigger": _of_kind(TriggerKind, _OF_TRIGGERS),
            "conditions": _groups,
            "steps": st.lists(steps(), min_size=1, max_size=4, unique_by=lambda step: step["id"]),
        }
    )


def steps() -> SearchStrategy[dict[str, Any]]:
    """One step of any kind."""
    return st.builds(
        lambda said, number, only_if: {**said, "id": f"{said['kind']}-{number}", "only_if": only_if},
        _of_kind(StepKind, _OF_STEPS),
        st.integers(1, 9),
        _groups,
    )


def _of_kind(kinds: Any, said: Any) -> SearchStrategy[dict[str, Any]]:
    return st.sampled_from(list(kinds)).flatmap(
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
