"""A small world for tests that walk all addresses: Alice has Susan's conversation, and nobody has Petar's."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from domain.actions import NoteLine, Notify
from domain.automations import Automation
from domain.definitions import read_definition
from domain.events import Profile
from domain.identities import Identity, contact_id
from domain.setting_lists import CannedReply, ClosingCategory, CustomField, FieldKind, Item
from domain.users import Role, User
from handlers import profiles
from handlers.automations import editing
from handlers.platform_settings import mark_of
from store import Store
from store.sending import Settled
from store.setting_words import write_list
from tests.conftest import PAGE
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message
from tests.web.contacts.doings import finish_merges
from tests.web.inbox.plays import answer, arrive, close, commit, give, name, tag
from tests.web.signed_in import add_user

#: Whatever is Susan's holds one of these words, or her id.
SECRETS = ("Susan Secret", "secret", SUSAN_ID)
ITEMS: dict[str, Item] = {
    "reply": CannedReply(id="r1", name="Greeting", text="Hello {{contact.name}}"),
    "second_reply": CannedReply(id="r2", name="Thanks", text="Thank you"),
    "category": ClosingCategory(id="c1", name="Order", description="About an order"),
    "second_category": ClosingCategory(id="c2", name="Other"),
    "field": CustomField(id="SIZE", name="Size"),
    "second_field": CustomField(id="BIRTHDAY", name="Birthday", kind=FieldKind.DATE),
}
LISTS = {"canned_replies": "reply", "closing_categories": "category", "custom_fields": "field"}
AUTOMATIONS: dict[str, Any] = {
    "automation": {
        "name": "Callback",
        "trigger": {"kind": "by_hand"},
        "conditions": {
            "any": [{"subject": "bot", "operator": "off"}, {"subject": "tags", "operator": "has_any", "value": ["vip"]}]
        },
        "steps": [
            {"kind": "comment", "text": "Call {{contact.name}}"},
            {"kind": "notify", "text": "Somebody wants a call"},
        ],
    },
    "second_automation": {
        "name": "Close when quiet",
        "trigger": {"kind": "no_answer_from_contact", "minutes": 1440},
        "steps": [{"kind": "close_conversation", "only_if": {"all": [{"subject": "bot", "operator": "on"}]}}],
    },
    "third_automation": {"name": "Old", "trigger": {"kind": "welcome"}, "steps": [{"kind": "stop"}]},
}
CLOSED = Identity("facebook", PAGE, "7000000000000703")
PAIR = tuple(Identity("facebook", PAGE, f"700000000000071{i}") for i in (1, 2))


def make_world(store: Store) -> dict[str, str]:
    """Fill an empty store; return what routes.py has braces for."""
    lists = {setting: write_list((ITEMS[word], ITEMS[f"second_{word}"])) for setting, word in LISTS.items()}
    store.change_settings(lambda now: lists)
    automations = _make_automations(store)
    alice, gone = add_user(store, name="Alice"), add_user(store, name="Gone")
    store.change_user(gone.id, lambda user: replace(user, is_active=False))
    invited, token = store.add_user("invited@example.com", Role.AGENT)
    failed = _make_susan(store, alice)
    _make_petar(store)
    arrive(store, CLOSED, "bye")
    close(store, contact_id(CLOSED), category="Order", summary="All is well")
    one, other = (arrive(store, who, "hello") for who in PAIR)
    merge = store.request_merge(one, other, by=alice.card)
    finish_merges(store)
    return {
        "merge": str(merge),
        "alice": alice.id,
        "gone": gone.id,
        "invited": invited.id,
        "link": token,
        "failed": str(failed),
        "susan": SUSAN_ID,
        "susan_by_channel": quote(str(SUSAN), safe=""),
        "petar": PETAR_ID,
        "petar_by_channel": str(PETAR),
        "closed": contact_id(CLOSED),
        **{word: item.id for word, item in {**ITEMS, **automations}.items()},
        **{f"seen_of_{word}": mark_of(item) for word, item in ITEMS.items()},
        **{f"seen_of_{word}": editing.mark_of(one) for word, one in automations.items()},
        "file": store.keep_file(SUSAN_ID, "secret.txt", b"a secret").path,
    }


def _make_automations(store: Store) -> dict[str, Automation]:
    made = {
        word: replace(read_definition(definition), id=f"a{at}", position=at, created_at_ms=1, is_active=True)
        for at, (word, definition) in enumerate(AUTOMATIONS.items())
    }
    store.change_automations(lambda now: tuple(made.values()))
    return made


def _make_susan(store: Store, alice: User) -> int:
    """Return the number of a message to her that failed."""
    arrive(store, SUSAN, "a secret")
    name(store, SUSAN_ID, "Susan Secret")
    _share_phone(store, SUSAN_ID)
    tag(store, SUSAN_ID, "secret-tag")
    give(store, SUSAN_ID, alice)
    answer(store, SUSAN_ID, "a secret, too", alice)
    failed = next(entry.number for entry, _ in store.timeline(SUSAN_ID, 0, 100).entries if entry.status)
    _fail(store, failed)
    comment = NoteLine(number=1, kind="comment", details={"text": "a secret comment", "by": alice.card})
    everybody = tuple(user.id for user in store.users())
    commit(store, SUSAN_ID, [comment, Notify(number=1, users=everybody, kind="mentioned", by=alice.card)])
    return failed


def _make_petar(store: Store) -> None:
    store.receive([message("hello", who=PETAR, profile=Profile(name="Petar", language="bg", country="BG"))])
    _share_phone(store, PETAR_ID)
    everybody = tuple(user.id for user in store.users())
    commit(store, PETAR_ID, [Notify(number=1, users=everybody, kind="needs_person")])


def _share_phone(store: Store, contact: str) -> None:
    commit(store, contact, profiles.change_profile(store.snapshot(contact), {"phone": "+359 88 8123456"}, by=None))


def _fail(store: Store, number: int) -> None:
    taken = store.take_turn(SUSAN_ID)
    assert taken
    turn, snapshot = taken
    assert snapshot.head and snapshot.head.number == number
    store.start_send(turn, number, "nonce-of-a-test", echo_wait_ms=1000)
    store.settle_send(turn, number, "nonce-of-a-test", Settled.FAILED, reason="window_closed")
    store.release_turn(turn)
