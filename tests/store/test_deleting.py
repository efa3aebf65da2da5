"""Deleting a contact leaves nothing that speaks of it, but the counters; whoever writes again is somebody new."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from domain.actions import Action, Assign, Block, Close, NoteAnswer, NoteLine, Notify, Open, Send
from domain.errors import NotFound
from domain.identities import Identity, contact_id
from domain.inbox import InboxQuery, View
from domain.models import Sender, Source
from domain.users import Role, User
from handlers.profiles import change_profile, change_tags, index
from store import BotRecord, Committed, Deleted, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, welcome, write
from tests.servers import Valkey

OLGA = User(id="u9", email="olga@example.com", name="Olga", role=Role.OWNER)


def act(store: Store, *actions: Action, contact: str = SUSAN_ID, **options: Any) -> Committed:
    committed = store.commit(store.snapshot(contact), list(actions), **options)
    assert committed.is_done
    return committed


def fill_every_place(store: Store, valkey: Valkey, who: Identity = SUSAN) -> None:
    """Let there be something of the contact wherever there can be."""
    contact = contact_id(who)
    valkey.client().hset(store.keys.users, "u2", json.dumps({"id": "u2"}))
    store.receive([welcome(who=who), message("My secret", who=who, sent_at_ms=store.now_ms())])
    act(store, Send(number=1, text="Hi", sender=Sender.USER, by=BOB), Assign(number=1, user=BOB), contact=contact)
    act(store, Close(number=1, source=Source.USER, by=BOB, category="Sold"), contact=contact, keeps_assignee=True)
    write(store, "Me again", who=who)
    act(store, Assign(number=2, user=BOB), contact=contact)
    act(store, NoteAnswer(entry=1, channel=who.kind, is_fallback=True), contact=contact)
    act(store, NoteLine(number=2, kind="comment", details={"text": "@Bob"}), contact=contact, operation=contact)
    act(store, Notify(number=2, users=("u2",), kind="mentioned", by=ALICE, effect=f"e {contact}"), contact=contact)
    profile = {"name": "Susan Quiet", "phone": "+15550001", "email": "s@example.com", "fields.CITY": "Varna"}
    act(store, *change_profile(store.snapshot(contact), profile, by=BOB), contact=contact)
    act(store, *change_tags(store.snapshot(contact), add=("vip", "big spender"), by=BOB), contact=contact)
    store.know_tags(["vip", "big spender"])
    store.keep_file(contact, "photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    store.mark_seen("u2", contact, 2, 1)
    store.say_typing(contact, BOB)
    store.claim_typing(contact)
    store.claim_profile(contact)
    store.log_bot(BotRecord(kind="answer", contact=contact, conversation=2, intent="order"))
    valkey.client().hset(store.keys.early(contact), "m_1", "d")
    valkey.client().zadd(store.keys.due(store.keys.partition(contact)), {contact: store.now_ms()})


def everything(valkey: Valkey) -> dict[str, str]:
    """What every key of the server holds, as text."""
    client: Any = valkey.client()
    client.connection_pool.connection_kwargs["encoding_errors"] = "replace"
    readers = {
        "string": client.get,
        "hash": client.hgetall,
        "list": lambda key: client.lrange(key, 0, -1),
        "set": client.smembers,
        "zset": lambda key: client.zrange(key, 0, -1),
    }
    return {key: str(readers[client.type(key)](key)) for key in client.scan_iter(count=1000)}


def mentioning(valkey: Valkey, words: Sequence[str]) -> dict[str, str]:
    found = everything(valkey)
    return {key: held for key, held in found.items() if any(word in key or word in held for word in words)}


WORDS = (SUSAN_ID, SUSAN.contact_ref, "secret", "Susan", "susan", "15550001", "s@example.com", "Varna", "PNG")


def test_no_key_of_the_server_mentions_a_deleted_contact(store: Store, valkey: Valkey) -> None:
    fill_every_place(store, valkey)
    places = {key.partition("}")[2].partition(":")[0] for key in mentioning(valkey, WORDS)}
    assert places >= {
        *("contact", "open", "closed", "timeline", "pending", "early", "seen_by", "files", "file_contents", "typing"),
        *("typing_shown", "profile_asked", "due", "inbox", "mine", "contacts", "label", "terms", "notices", "bot_log"),
        "unmatched",
    }, "the test fills every place"
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE
    assert mentioning(valkey, WORDS) == {}


def test_a_conversation_that_waits_with_the_bot_or_for_anybody_leaves_every_list(store: Store, valkey: Valkey) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)
    act(store, Assign(number=1, user=None), contact=PETAR_ID)
    store.delete_contact(SUSAN_ID, None)
    act(store, *[Block(is_blocked=True)], contact=PETAR_ID)
    store.delete_contact(PETAR_ID, None)
    assert mentioning(valkey, (SUSAN_ID, PETAR_ID)) == {}
    assert not any(store.inbox(InboxQuery(user=OLGA, view=view), 10).items for view in View)


def test_the_open_conversation_is_closed_and_counted_by_who_deletes(
    store: Store, valkey: Valkey, clock: StoppedClock
) -> None:
    write(store)
    before = counters(valkey)
    store.delete_contact(SUSAN_ID, BOB)
    after = counters(valkey)
    assert after == after | before, "what was counted before stays"
    assert {name: after[name] for name in after.keys() - before.keys()} == {
        f"closed|facebook|user|{BOB['id']}|0|": 1,
        f"resolution_ms|facebook|user|{BOB['id']}|": 0,
        "contact_closed|facebook|": 1,
        f"contact_closed_by|facebook|{BOB['id']}|": 1,
    }


def test_the_counters_of_what_was_closed_before_stay(store: Store, valkey: Valkey) -> None:
    write(store)
    act(store, Close(number=1, source=Source.DIALOGFLOW))
    before = counters(valkey)
    store.delete_contact(SUSAN_ID, BOB)
    assert counters(valkey) == before


def test_others_keep_what_is_theirs(store: Store, valkey: Valkey) -> None:
    other = next(
        one
        for n in range(1000)
        if store.keys.partition(contact_id(one := Identity("facebook", "104200000000042", f"{n}")))
        == store.keys.partition(SUSAN_ID)
    )
    for who in (SUSAN, other):
        fill_every_place(store, valkey, who)
    before = mentioning(valkey, (contact_id(other),))
    store.delete_contact(SUSAN_ID, BOB)
    assert mentioning(valkey, (contact_id(other),)).keys() == before.keys()
    assert [found.id for found, _ in store.search("Susan", 10)] == [contact_id(other)]


def test_a_contact_that_is_not_there_is_unknown_and_deleting_may_be_repeated(store: Store) -> None:
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.UNKNOWN
    write(store)
    assert [store.delete_contact(SUSAN_ID, BOB) for _ in range(2)] == [Deleted.DONE, Deleted.UNKNOWN]
    with pytest.raises(NotFound):
        store.snapshot(SUSAN_ID)


def test_while_a_worker_has_the_turn_nothing_is_deleted(store: Store, clock: StoppedClock) -> None:
    write(store)
    turn, _ = take(store)
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.BUSY
    assert store.snapshot(SUSAN_ID).open
    store.release_turn(turn)
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE


def test_a_dead_workers_lease_ends_and_then_it_is_deleted(store: Store, clock: StoppedClock) -> None:
    write(store)
    take(store)
    clock.pass_s(15.1)
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE


def test_only_the_version_that_was_asked_for_is_deleted(store: Store) -> None:
    write(store)
    seen = store.snapshot(SUSAN_ID).contact.version
    act(store, Assign(number=1, user=BOB))
    assert store.delete_contact(SUSAN_ID, None, version=seen) is Deleted.CHANGED
    assert store.delete_contact(SUSAN_ID, None, version=seen + 1) is Deleted.DONE


def test_what_comes_again_stays_a_duplicate(store: Store) -> None:
    arrivals = [message("late", native_id="m:late"), message(native_id="m:1", sent_at_ms=store.now_ms())]
    store.receive(arrivals)
    store.delete_contact(SUSAN_ID, BOB)
    assert [received.is_new for received in store.receive(arrivals)] == [False, False]
    with pytest.raises(NotFound):
        store.snapshot(SUSAN_ID)


def test_who_writes_again_is_somebody_new(store: Store, valkey: Valkey) -> None:
    fill_every_place(store, valkey)
    act(store, Close(number=2, source=Source.USER, by=BOB), keeps_assignee=True)
    store.delete_contact(SUSAN_ID, BOB)
    assert write(store, "Hello, who are you?").opened == 1
    snapshot = store.snapshot(SUSAN_ID)
    assert (snapshot.contact.name, snapshot.contact.tags, snapshot.contact.phone) == ("", (), "")
    assert snapshot.open and snapshot.open.assignee is None and snapshot.undecided
    assert len(store.conversations(SUSAN_ID)) == 1 and store.notices("u2") == []


def test_a_turn_of_before_decides_and_sends_nothing_for_the_new_contact(store: Store, clock: StoppedClock) -> None:
    write(store)
    old, snapshot = take(store)
    clock.pass_s(16)
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE
    clock.pass_s(1)
    write(store, "new")
    new, fresh = take(store)
    assert new.fence > old.fence
    assert snapshot.undecided and fresh.undecided
    assert store.commit(snapshot, [], turn=old, decides=snapshot.undecided.number).status == "lost"
    assert store.start_send(old, 0, "nonce", echo_wait_ms=0) is None
    store.release_turn(old)
    assert store.take_turn(SUSAN_ID) is None, "the new turn is still held"
    assert store.commit(fresh, [], turn=new, decides=fresh.undecided.number).is_done


def test_every_turn_has_a_greater_fence_than_the_one_before(store: Store, clock: StoppedClock) -> None:
    write(store)
    fences = []
    for _ in range(3):
        turn, _ = take(store)
        fences.append(turn.fence)
        store.release_turn(turn)
    assert fences == [fences[0], fences[0] + 1, fences[0] + 2]


def test_what_a_user_decided_on_before_the_delete_finds_nobody_and_leaves_nothing(
    store: Store, valkey: Valkey, clock: StoppedClock
) -> None:
    write(store)
    store.receive([welcome(who=PETAR, opens=False)])
    for contact in (SUSAN_ID, PETAR_ID):
        seen = store.snapshot(contact)
        store.delete_contact(contact, BOB)
        with pytest.raises(NotFound):
            store.commit(seen, [NoteLine(number=0, kind="comment")], operation="o")
    store.claim_welcome(PETAR_ID, "token", "Welcome")
    assert mentioning(valkey, (SUSAN_ID, PETAR_ID)) == {}


def merge(valkey: Valkey, store: Store, part: str, into: str) -> None:
    """What a merge leaves behind, as far as deleting is concerned."""
    client = valkey.client()
    client.hset(store.keys.contact(part), "merged_into", into)
    client.hset(store.keys.contact(into), "parts", json.dumps([part]))
    own = client.hget(store.keys.contact(part), "identity")
    client.hset(store.keys.contact(into), "identities", json.dumps([own]))


def test_what_was_merged_into_a_contact_goes_with_it(store: Store, valkey: Valkey) -> None:
    third = Identity("facebook", "104200000000042", "999")
    for who in (SUSAN, PETAR, third):
        write(store, who=who)
    merge(valkey, store, contact_id(third), PETAR_ID)
    merge(valkey, store, PETAR_ID, SUSAN_ID)
    assert store.delete_contact(PETAR_ID, BOB) is Deleted.MERGED
    assert store.delete_contact(SUSAN_ID, BOB) is Deleted.DONE
    assert mentioning(valkey, (SUSAN_ID, PETAR_ID, contact_id(third))) == {}


def test_a_close_by_nobody_is_the_apis(store: Store, valkey: Valkey, clock: StoppedClock) -> None:
    write(store)
    act(store, Close(number=1, source=Source.USER))
    act(store, Open(source=Source.API, channel="facebook"))
    store.delete_contact(SUSAN_ID, None)
    assert counters(valkey)["closed|facebook|api||0|"] == 1


def test_the_deleted_can_be_found_no_more(store: Store) -> None:
    write(store)
    act(store, *change_profile(store.snapshot(SUSAN_ID), {"name": "Susan"}, by=None))
    act(store, *change_tags(store.snapshot(SUSAN_ID), add=("vip",), by=None))
    assert index(store.snapshot(SUSAN_ID).contact) == []
    store.know_tags(["vip"])
    store.delete_contact(SUSAN_ID, BOB)
    for text in ("susan", "vip", SUSAN_ID, str(SUSAN), SUSAN.contact_ref, f"{SUSAN_ID}-1"):
        assert store.search(text, 10, [SUSAN.channel]) == []
    assert store.contacts(10).items == []


def counters(valkey: Valkey) -> dict[str, int]:
    """What was counted, over all partitions and quarters of an hour."""
    found: dict[str, int] = {}
    for key in valkey.client().scan_iter("*stats:*"):
        for name, value in valkey.client().hgetall(key).items():
            found[str(name)] = found.get(str(name), 0) + int(value)
    return found
