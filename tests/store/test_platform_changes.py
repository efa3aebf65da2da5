"""Settings that people change: broken ones, lists, two changes at once."""

import logging
import threading

import pytest

from domain.errors import BadPayload, Conflict
from domain.platform_settings import PlatformSettings
from domain.setting_lists import CannedReply, ClosingCategory, CustomField, FieldKind, Item
from handlers.platform_settings import add_item
from store import Store
from store.setting_words import write_list
from tests.conftest import make_store
from tests.servers import Valkey

REPLY = CannedReply(id="r1", name="Hours", text="Nine to five")


def add_reply(store: Store, reply: CannedReply) -> None:
    store.change_settings(lambda found: {"canned_replies": write_list(add_item(found.canned_replies, reply))})


def put(valkey: Valkey, store: Store, **values: str) -> None:
    """Write past everything that checks."""
    for name, value in values.items():
        valkey.client().hset(store.keys.settings, name, value)


def test_lists_come_back_as_they_were_written_in_their_order(store: Store) -> None:
    lists: dict[str, tuple[Item, ...]] = {
        "canned_replies": (REPLY, CannedReply(id="r2", name="Чао", text='"quoted"\n{{contact.name}}')),
        "closing_categories": (ClosingCategory(id="c2", name="B", is_active=False), ClosingCategory(id="c1", name="A")),
        "custom_fields": (CustomField(id="SIZE", name="Size", kind=FieldKind.LIST, options=("S", "M")),),
    }
    store.change_settings(lambda found: {name: write_list(items) for name, items in lists.items()})
    found = store.platform_settings()
    assert {name: getattr(found, name) for name in lists} == lists
    store.change_settings(lambda found: {name: write_list(()) for name in lists})
    assert store.platform_settings() == PlatformSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Europe/Nowhere"),
        ("keeps_assignee", "perhaps"),
        ("auto_close_after_h", "-5"),
        ("retention_days", "soon"),
        ("closing_note_mode", "always"),
        ("canned_replies", "{"),
        ("canned_replies", '[{"id":"r1","name":"x"}]'),
        ("canned_replies", '[{"id":"r1","name":"x","text":"y"},{"id":"r1","name":"z","text":"y"}]'),
        ("custom_fields", '[{"id":"SIZE","name":"Size","kind":"colour"}]'),
        ("closing_categories", "null"),
        ("welcome_opens:facebook:1", "never"),
        ("sender_name:viber:shop", "x" * 29),
    ],
)
def test_a_value_that_cannot_be_has_its_default_and_is_complained_about_once_by_name(
    store: Store, valkey: Valkey, caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    put(valkey, store, **{name: value, "retention_days" if name != "retention_days" else "auto_close_after_h": "7"})
    with caplog.at_level(logging.WARNING):
        found = store.platform_settings(is_fresh=True)
        for days in ("8", "9"):
            put(valkey, store, privacy_contact=days)
            store.platform_settings(is_fresh=True)
    assert 7 in (found.retention_days, found.auto_close_after_h), "the others hold"
    assert found == PlatformSettings(retention_days=found.retention_days, auto_close_after_h=found.auto_close_after_h)
    broken = [record.getMessage() for record in caplog.records if "settings.broken" in record.getMessage()]
    assert len(broken) == 1 and name in broken[0] and value not in broken[0]


def test_a_list_that_cannot_be_read_is_not_written_over(store: Store, valkey: Valkey) -> None:
    put(valkey, store, canned_replies="[{]")
    with pytest.raises(Conflict, match="canned_replies cannot be read"):
        store.change_settings(lambda found: {"canned_replies": write_list((*found.canned_replies, REPLY))})
    assert valkey.client().hget(store.keys.settings, "canned_replies") == "[{]"
    store.change_setting("canned_replies", "")
    store.change_settings(lambda found: {"canned_replies": write_list((*found.canned_replies, REPLY))})
    assert store.platform_settings().canned_replies == (REPLY,)


def test_a_change_that_met_another_is_made_again_on_what_that_one_left(store: Store, valkey: Valkey) -> None:
    other, seen = make_store(valkey), []

    def change(found: PlatformSettings) -> dict[str, str]:
        seen.append([reply.name for reply in found.canned_replies])
        if len(seen) == 1:
            add_reply(other, CannedReply(id="r2", name="Theirs", text="x"))
        return {"canned_replies": write_list(add_item(found.canned_replies, REPLY))}

    store.change_settings(change)
    assert seen == [[], ["Theirs"]]
    assert [reply.name for reply in store.platform_settings().canned_replies] == ["Theirs", "Hours"]


def test_a_change_of_something_else_meanwhile_disturbs_nobody(store: Store, valkey: Valkey) -> None:
    other, asked = make_store(valkey), []

    def change(found: PlatformSettings) -> dict[str, str]:
        asked.append(found)
        other.change_setting("retention_days", "30")
        return {"privacy_contact": "a@example.com"}

    assert store.change_settings(change) == {"privacy_contact": "a@example.com"}
    found = store.platform_settings()
    assert (len(asked), found.retention_days, found.privacy_contact) == (1, 30, "a@example.com")


def test_a_change_that_is_refused_writes_nothing(store: Store) -> None:
    def change(found: PlatformSettings) -> dict[str, str]:
        raise BadPayload("No.")

    with pytest.raises(BadPayload):
        store.change_settings(change)
    assert store.platform_settings() == PlatformSettings()


def test_of_changes_at_once_to_one_list_none_is_lost(valkey: Valkey, store: Store) -> None:
    stores = [make_store(valkey) for _ in range(5)]
    together = threading.Barrier(len(stores))

    def add(i: int) -> None:
        together.wait(10)
        for j in range(4):
            add_reply(stores[i], CannedReply(id=f"r{i}x{j}", name=f"{i} {j}", text="x"))

    threads = [threading.Thread(target=add, args=(i,)) for i in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {reply.name for reply in store.platform_settings().canned_replies} == {
        f"{i} {j}" for i in range(5) for j in range(4)
    }
