"""Messages in and out, by channel and by who wrote: once each, whatever comes twice, and nothing that is no message."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actions import Action, Block, NoteLine, NoteNotSent, Pause, Send
from domain.arrivals import RecordReceipt, SettleByEcho
from domain.events import ReceiptStatus
from domain.identities import Identity, contact_id
from domain.models import Sender
from domain.sends import SendTag
from handlers import users
from store import Settled, Store
from tests.conftest import StoppedClock
from tests.lua_servers import Monitor
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, welcome, write
from tests.servers import Valkey
from tests.store.attempts import attempt
from tests.store.counting import (
    ALICE_ID,
    BOB_ID,
    WRITES,
    act,
    begin,
    close,
    counted,
    counting_steps,
    forget,
    from_page_inbox,
    merge,
    noon,
    reply,
)

TOKEN = "49126"


@pytest.fixture(autouse=True)
def _at_noon(clock: StoppedClock) -> None:
    noon(clock)


def messages(store: Store) -> dict[str, int]:
    """Without the name of the metric."""
    return {name.removeprefix("message|"): count for name, count in counted(store, "message").items()}


@pytest.mark.parametrize(("who", "channel"), [(SUSAN, "facebook"), (PETAR, "viber")])
def test_every_message_of_a_contact_is_counted_whether_or_not_it_opens_something(
    store: Store, who: Identity, channel: str
) -> None:
    for sent_at_ms in (store.now_ms(), None):
        store.receive([message(who=who, sent_at_ms=sent_at_ms) for _ in range(3)])
        close(store, contact_id(who))
    assert messages(store) == {f"{channel}|contact|": 6}


@pytest.mark.parametrize("is_dated", [True, False])
@pytest.mark.parametrize("is_waiting", [True, False])
def test_a_redelivered_message_is_counted_once(store: Store, is_dated: bool, is_waiting: bool) -> None:
    write(store)
    if not is_waiting:
        reply(store)
        forget(store)
    delivered = message(sent_at_ms=store.now_ms() if is_dated else None)
    before = messages(store).get("facebook|contact|", 0)
    for _ in range(3):
        store.receive([delivered, delivered])
    assert messages(store) == {"facebook|contact|": before + 1}


def test_the_message_that_is_nearly_every_one_is_counted_in_its_own_step(store: Store, valkey: Valkey) -> None:
    write(store)
    monitor = Monitor(valkey)
    store.receive([message(sent_at_ms=store.now_ms())])
    [ran] = monitor.scripts()
    timeline, partition = store.keys.timeline(SUSAN_ID), store.keys.partition(SUSAN_ID)
    assert {timeline, store.keys.stats(partition, store.now_ms() // 900_000)} <= {
        words[1] for words in ran.commands if words[0] in WRITES
    }
    assert ["message|facebook|contact|", "1"] in [words[2:] for words in ran.commands]


def test_what_is_no_message_is_not_counted(store: Store) -> None:
    store.receive([welcome(), welcome(opens=False)])
    act(store, NoteLine(number=1, kind="comment", details={"text": "x"}), Pause(number=1, reason="assigned"))
    store.receive([RecordReceipt(identity=SUSAN, status=ReceiptStatus.READ, watermark_ms=store.now_ms())])
    close(store)
    begin(store)
    assert messages(store) == {}


def test_what_a_blocked_contact_writes_is_not_counted(store: Store) -> None:
    write(store)
    act(store, Block(is_blocked=True))
    for sent_at_ms in (store.now_ms(), None):
        store.receive([message(sent_at_ms=sent_at_ms)])
    assert messages(store) == {"facebook|contact|": 1}
    act(store, Block(is_blocked=False))
    write(store)
    assert messages(store) == {"facebook|contact|": 2}


def test_what_moves_with_a_merge_is_not_counted_again_and_what_comes_later_where_it_came(store: Store) -> None:
    write(store)
    store.receive([message(who=PETAR), message(who=PETAR)])
    merge(store, SUSAN_ID, PETAR_ID)
    assert messages(store) == {"facebook|contact|": 1, "viber|contact|": 2}
    write(store, who=PETAR)
    assert messages(store) == {"facebook|contact|": 1, "viber|contact|": 3}


def test_what_a_person_writes_in_the_pages_own_inbox_is_counted_once_as_of_a_user_without_a_name(store: Store) -> None:
    write(store)
    for echo in (from_page_inbox(sent_at_ms=store.now_ms()), from_page_inbox()):
        store.receive([echo, echo])
    close(store)
    store.receive([from_page_inbox()])
    assert messages(store) == {"facebook|contact|": 1, "facebook|user|": 3}


@pytest.mark.parametrize(
    ("sender", "by", "user"),
    [
        (Sender.USER, ALICE, ALICE_ID),
        (Sender.USER, BOB, BOB_ID),
        (Sender.USER, None, ""),
        (Sender.BOT, None, ""),
        (Sender.API, None, ""),
        (Sender.AUTOMATION, None, ""),
        (Sender.AUTOMATION, ALICE, ""),
    ],
)
def test_what_is_written_here_is_counted_by_who_wrote(store: Store, sender: Sender, by: Any, user: str) -> None:
    write(store, who=PETAR)
    said = Send(number=1, text="x", sender=sender, by=by)
    act(store, said, said, contact=PETAR_ID)
    assert messages(store) == {"viber|contact|": 1, f"viber|{sender}|{user}": 2}


def test_a_message_outside_of_any_conversation_is_counted(store: Store) -> None:
    write(store)
    close(store)
    act(store, Send(number=0, text="x", sender=Sender.API), Send(number=1, text="x", sender=Sender.BOT))
    assert messages(store) == {"facebook|contact|": 1, "facebook|api|": 1, "facebook|bot|": 1}


def test_a_message_is_counted_on_the_channel_that_it_goes_to(store: Store) -> None:
    write(store)
    merge_in = Send(number=1, text="x", sender=Sender.USER, by=BOB, to=PETAR)
    act(store, merge_in)
    assert messages(store) == {"facebook|contact|": 1, f"viber|user|{BOB_ID}": 1}


def test_a_long_text_counts_as_the_messages_it_becomes(store: Store) -> None:
    write(store)
    said = users.write(
        store.snapshot(SUSAN_ID), "aaaa bbbb cccc", sender=Sender.API, opens=None, max_text_chars=5, by=None
    )
    act(store, *said)
    assert messages(store) == {"facebook|contact|": 1, "facebook|api|": 3}


def test_what_is_kept_but_not_sent_is_not_counted(store: Store) -> None:
    write(store)
    act(store, NoteNotSent(number=1, text="x", sender=Sender.BOT, reason="paused"))
    assert messages(store) == {"facebook|contact|": 1}


def settle(store: Store, number: int, outcome: Settled, *nonces: str) -> None:
    for nonce in nonces:
        turn, _ = take(store)
        attempt(store, turn, number, nonce)
        store.settle_send(turn, number, nonce, outcome, external_id="m_1")
        store.release_turn(turn)


@pytest.mark.parametrize("outcome", [Settled.SENT, Settled.FAILED, Settled.UNCONFIRMED, Settled.RETRY])
def test_what_became_of_a_message_counts_nothing(store: Store, outcome: Settled) -> None:
    write(store)
    number = reply(store).results[0]
    before = counted(store)
    settle(store, number, outcome, *(("n1", "n2") if outcome is Settled.RETRY else ("n1",)))
    assert counted(store) == before


@pytest.mark.parametrize("outcome", [Settled.FAILED, Settled.UNCONFIRMED])
def test_each_retry_by_a_person_is_a_message_of_theirs_and_a_second_click_is_none(
    store: Store, outcome: Settled
) -> None:
    write(store)
    number = reply(store).results[0]
    settle(store, number, outcome, "n1")
    [(entry, _)] = store.timeline(SUSAN_ID, number, 1).entries
    again = users.retry(store.snapshot(SUSAN_ID), entry, by=BOB)
    assert act(store, *again).results[0] > number and act(store, *again).results == (-1,)
    assert messages(store) == {"facebook|contact|": 1, f"facebook|user|{ALICE_ID}": 1, f"facebook|user|{BOB_ID}": 1}


def test_our_own_echo_and_receipts_count_no_message(store: Store) -> None:
    write(store)
    number = reply(store).results[0]
    turn, _ = take(store)
    attempt(store, turn, number, "n1")
    echo = SettleByEcho(tag=SendTag(SUSAN_ID, number, "n1"), external_id="m_1")
    store.receive([echo, echo, RecordReceipt(identity=SUSAN, status=ReceiptStatus.DELIVERED, external_id="m_1")])
    assert messages(store) == {"facebook|contact|": 1, f"facebook|user|{ALICE_ID}": 1}


@pytest.mark.parametrize("again", ["effect", "operation", "conflict", "newer"])
def test_what_is_asked_for_twice_or_refused_is_counted_once(store: Store, again: str) -> None:
    write(store)
    effect, operation = ("e" if again == "effect" else ""), ("o" if again == "operation" else "")
    seen, said = store.snapshot(SUSAN_ID), Send(number=1, text="x", sender=Sender.API, effect=effect)
    changes: Action = Pause(number=1, reason="assigned", effect="p")
    assert store.commit(seen, [said, changes], operation=operation).is_done
    last_entry = None
    if again == "newer":
        last_entry = store.timeline(SUSAN_ID, 0, 10).entries[-1][0].number
        write(store)
    before = messages(store)
    known = seen if again == "conflict" else store.snapshot(SUSAN_ID)
    store.commit(known, [said], operation=operation, last_entry=last_entry)
    assert messages(store) == before and before["facebook|api|"] == 1


def claim(store: Store, text: str = "Welcome") -> str:
    return store.claim_welcome(PETAR_ID, TOKEN, text)


def bot_welcome(store: Store) -> int:
    welcoming = Send(number=1, text="Hi", sender=Sender.BOT, welcome_token=TOKEN)
    return act(store, welcoming, contact=PETAR_ID).results[0]


def test_the_configured_welcome_is_counted_once_as_an_automations(store: Store, valkey: Valkey) -> None:
    store.receive([welcome(who=PETAR, token=TOKEN)])
    monitor = Monitor(valkey)
    assert [claim(store) for _ in range(3)] == ["Welcome"] * 3
    assert counting_steps(monitor, store.keys.timeline(PETAR_ID)) == [{"message"}]
    assert messages(store) == {"viber|automation|": 1}
    assert not store.snapshot(PETAR_ID).contact.is_subscribed and bot_welcome(store) > 0
    assert messages(store) == {"viber|automation|": 1}, "what cannot be sent any more is not counted"


def test_the_bots_welcome_is_counted_once_as_the_bots(store: Store) -> None:
    store.receive([welcome(who=PETAR, token=TOKEN)])
    bot_welcome(store)
    assert [claim(store), claim(store, "")] == ["Hi", "Hi"]
    assert messages(store) == {"viber|bot|": 1}


def test_the_bots_welcome_that_came_too_late_is_counted_where_it_is_sent_as_a_message(store: Store) -> None:
    store.receive([welcome(who=PETAR, token=TOKEN, is_subscribed=True)])
    claim(store)
    bot_welcome(store)
    assert messages(store) == {"viber|automation|": 1, "viber|bot|": 1}


def test_a_welcome_to_who_was_merged_is_counted_on_the_channel_where_it_is_read(store: Store) -> None:
    write(store)
    write(store, who=PETAR)
    merge(store, SUSAN_ID, PETAR_ID)
    forget(store)
    store.claim_welcome(SUSAN_ID, TOKEN, "Welcome", PETAR)
    said = Send(number=1, text="Hi", sender=Sender.BOT, welcome_token="49127", to=PETAR)
    act(store, said)
    assert messages(store) == {"viber|automation|": 1, "viber|bot|": 1}


@pytest.mark.parametrize(
    "happens",
    [lambda store: claim(store, ""), lambda store: store.claim_welcome("a" * 24, TOKEN, "Welcome")],
    ids=["no text", "nobody"],
)
def test_a_welcome_of_nothing_or_to_nobody_is_not_counted(store: Store, happens: Callable[[Store], str]) -> None:
    store.receive([welcome(who=PETAR, token=TOKEN)])
    happens(store)
    assert messages(store) == {}
