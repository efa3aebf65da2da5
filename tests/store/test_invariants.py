"""Whatever several processes do, in whatever order, the store's promises hold in every state."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from domain.actions import Action, Assign, Close, Open, Send, SetBot
from domain.identities import Identity, contact_id
from domain.models import Letter, OpenConversation, Sender, Snapshot, Source
from store import Settled, Turn
from tests.conftest import StoppedClock, make_store
from tests.people import BOB, message, welcome
from tests.servers import Valkey

WHO = [Identity("facebook", "1", "s"), Identity("viber", "shop", "p+/=")]
CLIENTS = 3


class Promises(RuleBasedStateMachine):
    """Several clients of one server; the model is what they were told."""

    valkey: Valkey
    turns = Bundle("turns")
    attempts = Bundle("attempts")

    @initialize()
    def begin(self) -> None:
        self.valkey.client().flushall()
        self.stores = [make_store(self.valkey) for _ in range(CLIENTS)]
        self.clock = StoppedClock(self.stores[0].now_ms())
        self.began_ms = self.clock.ms
        for store in self.stores:
            store.now_ms = self.clock
        self.recorded: dict[str, set[str]] = {contact_id(who): set() for who in WHO}
        self.decided: set[tuple[str, int]] = set()
        self.sent: dict[tuple[str, int], int] = {}
        self.closed: dict[tuple[str, int], Source] = {}

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), number=st.integers(0, 12))
    def receive(self, client: int, who: Identity, number: int) -> None:
        # An event's own time is always the same: recent, old, or none.
        sent_at = (self.began_ms, 1_000_000_000_000, None)[number % 3]
        event = message(f"text {number}", who=who, native_id=f"m:{number}", sent_at_ms=sent_at)
        key = f"m:{number}"
        received = self.stores[client].receive([event])[0]
        contact = contact_id(who)
        assert received.is_new == (key not in self.recorded[contact])
        self.recorded[contact].add(key)
        if received.is_new:
            assert self.read(contact).open is not None

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), opens=st.booleans())
    def welcome(self, client: int, who: Identity, opens: bool) -> None:
        self.stores[client].receive([welcome(who=who, opens=opens)])

    @rule(seconds=st.sampled_from([0.001, 1, 16, 61]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_s(seconds)

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), by_api=st.booleans())
    def somebody_opens(self, client: int, who: Identity, by_api: bool) -> None:
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return
        snapshot = store.snapshot(contact)
        source = Source.API if by_api else Source.USER
        committed = store.commit(snapshot, [Open(source=source, channel=who.kind)])
        assert committed.results == ((0,) if snapshot.open else (snapshot.contact.conversations + 1,))

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), sees_all=st.booleans())
    def a_user_closes(self, client: int, who: Identity, sees_all: bool) -> None:
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return
        snapshot = store.snapshot(contact)
        if snapshot.open is None:
            return
        last_seen = snapshot.end - 1 if sees_all else snapshot.open.first_entry - 1
        committed = store.commit(
            snapshot, [Close(number=snapshot.open.number, source=Source.USER, by=BOB)], last_entry=last_seen
        )
        if committed.is_done:
            self.note_closed(contact, snapshot.open.number, Source.USER)
        else:
            assert committed.status == "newer" and not sees_all

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), number=st.integers(1, 4), is_on=st.booleans())
    def stale_clicks(self, client: int, who: Identity, number: int, is_on: bool) -> None:
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return
        snapshot = store.snapshot(contact)
        actions: list[Action] = [
            SetBot(number=number, is_on=is_on, source=Source.USER),
            Assign(number=number, user=BOB if is_on else None),
        ]
        assert store.commit(snapshot, actions).is_done

    @rule(target=turns, client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO))
    def take(self, client: int, who: Identity) -> Any:
        taken = self.stores[client].take_turn(contact_id(who))
        return multiple() if taken is None else (client, *taken)

    @rule(
        taken=consumes(turns),
        replies=st.integers(0, 2),
        closes=st.booleans(),
        keeps=st.booleans(),
    )
    def decide(self, taken: tuple[int, Turn, Snapshot], replies: int, closes: bool, keeps: bool) -> None:
        """Also on a snapshot, and with a lease, that may be long out of date."""
        client, turn, snapshot = taken
        if snapshot.undecided is None:
            self.stores[client].release_turn(turn)
            return
        entry = snapshot.undecided.number
        number = snapshot.open.number if snapshot.open else 0
        actions: list[Action] = [Send(number=number, text=f"reply {i}", sender=Sender.BOT) for i in range(replies)]
        if closes:
            effect = f"{turn.contact}-{number} {entry} RB_MARKDONE True"
            actions.append(
                Close(number=number, source=Source.DIALOGFLOW, entry=entry, later_from=entry + 1, effect=effect)
            )
        committed = self.stores[client].commit(snapshot, actions, turn=turn, decides=entry, keeps_lease=keeps)
        if not committed.is_done:
            return
        assert (turn.contact, entry) not in self.decided, "decided twice"
        self.decided.add((turn.contact, entry))
        if closes and committed.results[-1] == 1:
            self.note_closed(turn.contact, number, Source.DIALOGFLOW)
            now = self.read(turn.contact)
            if now.undecided is not None and now.undecided.letter is Letter.MESSAGE:
                assert now.open is not None, "somebody was closed away"

    @rule(
        who=st.sampled_from(WHO), entry=st.integers(1, 6), number=st.integers(0, 3), client=st.integers(0, CLIENTS - 1)
    )
    def fulfillment_calls(self, who: Identity, entry: int, number: int, client: int) -> None:
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return
        effect = f"{contact}-{number} {entry} RB_MARKDONE True"
        close = Close(number=number, source=Source.DIALOGFLOW, entry=entry, later_from=entry + 1, effect=effect)
        if store.commit(store.snapshot(contact), [close]).results == (1,):
            self.note_closed(contact, number, Source.DIALOGFLOW)

    @rule(target=attempts, taken=consumes(turns), nonce=st.uuids())
    def start_sending(self, taken: tuple[int, Turn, Snapshot], nonce: Any) -> Any:
        client, turn, snapshot = taken
        if snapshot.head is None:
            return multiple()
        started = self.stores[client].start_send(turn, snapshot.head.number, nonce.hex[:12], echo_wait_ms=60_000)
        return multiple() if started is None else (client, turn, snapshot.head.number, nonce.hex[:12])

    @rule(attempt=attempts, outcome=st.sampled_from(list(Settled)), client=st.integers(0, CLIENTS - 1))
    def settle(self, attempt: tuple[int, Turn, int, str], outcome: Settled, client: int) -> None:
        _, turn, entry, nonce = attempt
        before = self.letter(turn.contact, entry)
        store = self.stores[client]
        store.settle_send(turn, entry, nonce, outcome, external_id=f"x{entry}", reason="why", try_at_ms=self.clock.ms)
        if before in ("s", "d", "r"):
            assert self.letter(turn.contact, entry) == before, "a success is final"

    @invariant()
    def promises_hold(self) -> None:
        if not hasattr(self, "stores"):
            return
        redis = self.valkey.client()
        keys = self.stores[0].keys
        for contact, native_ids in self.recorded.items():
            if not redis.exists(keys.contact(contact)):
                continue
            snapshot = self.read(contact)
            conversations = self.stores[0].conversations(contact)
            numbers = [conversation.number for conversation in conversations]
            assert numbers == list(range(snapshot.contact.conversations, 0, -1)), "numbers have no gaps"
            still_open = [one for one in conversations if isinstance(one, OpenConversation)]
            assert len(still_open) <= 1 and all(one.number == numbers[0] for one in still_open)
            entries = [entry for entry, _ in self.stores[0].timeline(contact, 0, 10_000).entries]
            messages = [entry for entry in entries if entry.letter is Letter.MESSAGE]
            assert len(messages) == len(native_ids), "each native id is one entry"
            assert snapshot.undecided is None or snapshot.undecided.letter in "mwv"
            undecided = [
                entry for entry in entries if entry.number >= snapshot.contact.cursor and entry.letter in "mwv"
            ]
            assert bool(undecided) == (snapshot.undecided is not None)
            pending = [
                int(number) for number in redis.lrange(keys.timeline(contact).replace("timeline", "pending"), 0, -1)
            ]
            assert pending == [entry.number for entry in entries if entry.letter in "pg"], "pending, in order"
            partition = keys.partition(contact)
            if undecided or pending:
                assert redis.zscore(keys.due(partition), contact) is not None, "nothing is left behind"
            is_open = bool(still_open)
            assert (redis.zscore(keys.inbox(partition), contact) is not None) == is_open
            needs = is_open and bool(still_open[0].needs)
            prefix = keys.inbox(partition)
            assert (redis.zscore(f"{prefix}:needs_person", contact) is not None) == needs
            unassigned = is_open and still_open[0].assignee is None
            assert (redis.zscore(f"{prefix}:unassigned", contact) is not None) == unassigned
            assert sum(one.incoming for one in conversations) <= len(messages)

    def read(self, contact: str) -> Snapshot:
        return self.stores[0].snapshot(contact)

    def letter(self, contact: str, number: int) -> str:
        return self.stores[0].timeline(contact, number, 1).entries[0][0].letter

    def note_closed(self, contact: str, number: int, source: Source) -> None:
        assert (contact, number) not in self.closed, "closed twice"
        self.closed[contact, number] = source
        found = self.stores[0].conversation(contact, number)
        assert not isinstance(found, OpenConversation) and found.closed_source is source


def test_the_promises_hold_in_every_state(valkey: Valkey) -> None:
    Promises.valkey = valkey
    machine = Promises.TestCase
    machine.settings = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    machine().runTest()
