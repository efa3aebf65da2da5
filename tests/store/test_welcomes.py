"""The answer to one conversation_started: whoever writes first wins, and every repeat gets the same."""

import pytest

from domain.actions import Send
from domain.models import Letter, Sender, Snapshot
from store import Store, Turn
from store.welcomes import WELCOME_KEPT_S
from tests.conftest import make_store
from tests.people import PETAR, PETAR_ID, lines, take, welcome
from tests.servers import Valkey

TOKEN = "4912661846655238145"


def arrive(store: Store, *, is_subscribed: bool | None = None, token: str = TOKEN) -> tuple[Turn, Snapshot]:
    store.receive([welcome(who=PETAR, token=token, is_subscribed=is_subscribed)])
    return take(store, PETAR_ID)


def answer(store: Store, turn: Turn, snapshot: Snapshot, text: str = "From the bot", token: str = TOKEN) -> None:
    assert snapshot.undecided
    action = Send(number=1, text=text, sender=Sender.BOT, welcome_token=token)
    assert store.commit(snapshot, [action], turn=turn, decides=snapshot.undecided.number).is_done


def messages(store: Store) -> list[tuple[str, str]]:
    found = [entry for entry, _ in store.timeline(PETAR_ID, 0, 100).entries if entry.data["kind"] == "message"]
    return [(entry.letter, entry.text) for entry in found]


def test_nobody_has_answered_yet(store: Store) -> None:
    arrive(store)
    assert store.read_welcome(PETAR_ID, TOKEN) is None


def test_the_bot_that_comes_first_is_read_and_counts_as_sent(store: Store) -> None:
    answer(store, *arrive(store))
    assert store.read_welcome(PETAR_ID, TOKEN) == "From the bot"
    assert store.claim_welcome(PETAR_ID, TOKEN, "Configured") == "From the bot"
    assert messages(store) == [("s", "From the bot")] and store.snapshot(PETAR_ID).head is None
    opened = store.snapshot(PETAR_ID).open
    assert opened and opened.outgoing == 1


@pytest.mark.parametrize(
    ("is_subscribed", "letter"), [(True, Letter.PENDING), (False, Letter.NOT_SENT), (None, Letter.NOT_SENT)]
)
def test_the_bot_that_comes_second_writes_to_subscribers_only(
    store: Store, is_subscribed: bool | None, letter: Letter
) -> None:
    turn, snapshot = arrive(store, is_subscribed=is_subscribed)
    assert store.claim_welcome(PETAR_ID, TOKEN, "Configured") == "Configured"
    answer(store, turn, snapshot)
    assert messages(store) == [("s", "Configured"), (letter, "From the bot")]
    assert store.read_welcome(PETAR_ID, TOKEN) == "Configured"


def test_the_configured_text_is_said_once_however_often_it_is_claimed(store: Store, valkey: Valkey) -> None:
    arrive(store)
    other = make_store(valkey)
    assert [s.claim_welcome(PETAR_ID, TOKEN, text) for s, text in ((store, "A"), (other, "B"), (store, "C"))] == [
        "A"
    ] * 3
    assert messages(store) == [("s", "A")]
    opened = store.snapshot(PETAR_ID).open
    assert opened and opened.outgoing == 1


def test_no_text_is_an_answer_too(store: Store) -> None:
    turn, snapshot = arrive(store, is_subscribed=False)
    assert store.claim_welcome(PETAR_ID, TOKEN, "") == "" and messages(store) == []
    assert store.read_welcome(PETAR_ID, TOKEN) == ""
    answer(store, turn, snapshot)
    assert messages(store) == [("x", "From the bot")]


def test_the_answer_is_kept_for_two_days_either_way(store: Store, valkey: Valkey) -> None:
    answer(store, *arrive(store))
    store.claim_welcome(PETAR_ID, "another", "Configured")
    for token in (TOKEN, "another"):
        assert WELCOME_KEPT_S - 60 < valkey.client().ttl(store.keys.welcome(PETAR_ID, token)) <= 48 * 3600


def test_the_configured_text_stands_in_the_conversation_that_the_welcome_opened(store: Store) -> None:
    arrive(store)
    store.claim_welcome(PETAR_ID, TOKEN, "Configured")
    assert lines(store, PETAR_ID) == [("opened", 1), ("welcome", 1), ("message", 1)]


def test_a_claimed_text_does_not_pass_over_what_is_undecided(store: Store) -> None:
    turn, _ = arrive(store)
    store.claim_welcome(PETAR_ID, TOKEN, "Configured")
    store.release_turn(turn)
    undecided = take(store, PETAR_ID)[1].undecided
    assert undecided and undecided.letter is Letter.WELCOME_OPENING
