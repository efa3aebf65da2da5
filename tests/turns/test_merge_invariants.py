"""Whatever people, users and workers do around merges, in whatever order: each person is one, and nothing is lost."""

from collections import Counter
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from domain.answers import Question
from domain.arrivals import RecordReceipt
from domain.errors import Conflict
from domain.events import ReceiptStatus
from domain.identities import MERGES_ID, Identity, contact_id
from domain.models import Entry, Letter, OpenConversation, Sender, Snapshot, Source
from handlers import users
from handlers.merges import moved_entry, moves, take_over
from store import Store
from store.reading import conversation_of
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, BOB, message
from tests.servers import Valkey
from tests.turns.merge_plays import work
from tests.turns.stage import PlayedChannel, Stage
from turns.accounts import Accounts
from turns.merges import resolve
from turns.turn import TurnRunner

WHO = [Identity("facebook", "1", "s"), Identity("viber", "shop", "p+/="), Identity("viber", "shop", "q")]
IDS = [contact_id(who) for who in WHO]
people = st.sampled_from(WHO)
ids = st.sampled_from(IDS)
#: A worker that has done the first step of a merge, and stands before the second.
Stalled = tuple[Snapshot, Snapshot, list[Entry]]


class Persons(RuleBasedStateMachine):
    """Three accounts that have written, of which nobody knows yet whose they are."""

    valkey: Valkey
    stalled = Bundle("stalled")
    seen = Bundle("seen")

    @initialize()
    def begin(self) -> None:
        self.valkey.client().flushall()
        self.store = make_store(self.valkey)
        self.clock = StoppedClock(self.store.now_ms())
        self.store.now_ms = self.clock
        self.stage = Stage(self.store)
        self.began_ms = self.clock.ms
        self.recorded: set[tuple[str, str]] = set()
        self.channels = {who.channel: PlayedChannel(can_echo=False) for who in WHO}
        for who in WHO:
            self.receive(who, 0)

    # -- What happens

    @rule(who=people, number=st.integers(0, 5))
    def receive(self, who: Identity, number: int) -> None:
        event = message(
            f"{who} {number}", who=who, native_id=f"m:{who}:{number}", sent_at_ms=[self.began_ms, None][number % 2]
        )
        received = self.store.receive([event])[0]
        key = (str(who), event.data["text"])
        assert received.is_new == (key not in self.recorded), "each once, wherever it went"
        self.recorded.add(key)
        if received.is_new:
            assert received.contact == self.store.resolve(contact_id(who))

    @rule(seconds=st.sampled_from([0.001, 1, 16]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_s(seconds)

    @rule(contact=ids)
    def a_user_closes(self, contact: str) -> None:
        if snapshot := self.read(self.store.resolve(contact)):
            actions = users.close_conversation(snapshot, source=Source.USER, by=BOB)
            assert not actions or self.store.commit(snapshot, actions).is_done

    @rule(contact=ids)
    def a_user_writes(self, contact: str) -> None:
        snapshot = self.read(self.store.resolve(contact))
        if snapshot is None:
            return
        actions = users.write(
            snapshot, "from Bob", sender=Sender.USER, opens=Source.USER, max_text_chars=1900, pauses_bot=False, by=BOB
        )
        assert self.store.commit(snapshot, actions).is_done

    @rule(target=seen, contact=ids)
    def a_user_looks(self, contact: str) -> Any:
        return self.read(contact) or multiple()

    @rule(snapshot=seen)
    def a_user_acts_on_what_they_saw(self, snapshot: Snapshot) -> None:
        is_on = bool(snapshot.contact.bot_off)
        try:
            status = self.store.commit(snapshot, users.set_bot(snapshot, is_on=is_on, by=BOB)).status
        except Conflict:
            assert self.store.resolve(snapshot.contact.id) != snapshot.contact.id
            return
        now = self.read(snapshot.contact.id)
        assert status == "conflict" or (status == "ok" and now and not now.contact.merged_into)

    @rule(who=people, is_read=st.booleans())
    def a_receipt(self, who: Identity, is_read: bool) -> None:
        status = ReceiptStatus.READ if is_read else ReceiptStatus.DELIVERED
        self.store.receive([RecordReceipt(identity=who, status=status, watermark_ms=self.clock.ms)])

    @rule(contact=ids)
    def a_turn(self, contact: str) -> None:
        self.runner(self.store).run(contact)

    @rule(primary=ids, secondary=ids)
    def somebody_asks_for_a_merge(self, primary: str, secondary: str) -> None:
        if primary != secondary and self.read(primary) and self.read(secondary):
            self.store.request_merge(primary, secondary, by=ALICE)

    @rule(primary=ids, secondary=ids)
    def somebody_merges(self, primary: str, secondary: str) -> None:
        self.somebody_asks_for_a_merge(primary, secondary)
        self.merges_are_done()

    @rule()
    def merges_are_done(self) -> None:
        self.runner(self.store).run(MERGES_ID)

    @rule(contact=ids, primary=ids, secondary=ids)
    def a_turn_that_is_asking_while_merges_are_done(self, contact: str, primary: str, secondary: str) -> None:
        def meanwhile(_: Question) -> None:
            self.stage.bot.on_ask = lambda question: None
            self.somebody_asks_for_a_merge(primary, secondary)
            self.merges_are_done()

        self.stage.bot.on_ask = meanwhile
        self.runner(self.store).run(contact)
        self.stage.bot.on_ask = lambda question: None

    @rule(target=stalled, primary=ids, secondary=ids)
    def a_worker_stalls_after_the_first_step(self, primary: str, secondary: str) -> Any:
        self.somebody_asks_for_a_merge(primary, secondary)
        taken = self.store.take_turn(MERGES_ID)
        if taken is None or taken[1].undecided is None:
            return multiple()
        data = taken[1].undecided.data
        primary, secondary = resolve(self.store, data["primary"], data["secondary"])
        one, other = self.read(primary), self.read(secondary) if secondary else None
        if one is None or other is None or secondary in one.contact.parts:
            return multiple()
        first = self.store.merge_secondary(other, primary, by=ALICE)
        assert first.snapshot, first.status
        return one, first.snapshot, [entry for entry in first.moved if moves(entry)]

    @rule(step=consumes(stalled))
    def and_goes_on(self, step: Stalled) -> None:
        """With what it saw then, whatever has become of the two meanwhile; most often another worker was faster."""
        primary, secondary, moved = step
        if secondary.contact.version % 4:
            self.clock.pass_s(16)
            self.merges_are_done()
        change = take_over(primary, secondary.contact, moved, by=ALICE)
        entries = [moved_entry(entry, secondary.contact, is_blocked=False) for entry in moved]
        done = self.store.merge_primary(primary, secondary.contact, change, entries)
        assert done.status in ("ok", "again", "conflict", "merged")

    # -- What holds all the time

    @invariant()
    def each_person_is_one(self) -> None:
        if not hasattr(self, "store"):
            return
        known = {contact: snapshot for contact in IDS if (snapshot := self.read(contact))}
        roots = {contact for contact, snapshot in known.items() if not snapshot.contact.merged_into}
        assert {contact.id for contact, _ in self.store.contacts(10).items} == roots
        assert {contact.id for contact, _ in self.store.open_conversations(10).items} == {
            contact for contact, snapshot in known.items() if snapshot.open
        }
        for contact, snapshot in known.items():
            assert self.store.resolve(contact) in roots
            assert snapshot.open is None or contact in roots, "one open conversation a person"
            self.check_due(contact, snapshot)
            self.check_counts(contact)
        shown = Counter(text for root in roots for text in self.messages(root))
        assert set(shown.values()) <= {1}, "nothing is shown twice"
        if self.is_nothing_half_done():
            assert set(shown) == {text for _, text in self.recorded}, "nothing is lost"
            for root in roots:
                parts = {contact for contact in known if self.store.resolve(contact) == root} - {root}
                assert set(known[root].contact.parts) == parts
                assert {contact_id(identity) for identity in known[root].contact.identities} == parts | {root}

    def check_due(self, contact: str, snapshot: Snapshot) -> None:
        if snapshot.undecided or snapshot.head:
            keys = self.store.keys
            assert self.valkey.client().zscore(keys.due(keys.partition(contact)), contact) is not None, "left behind"

    def check_counts(self, contact: str) -> None:
        conversations = self.store.conversations(contact)
        assert len([one for one in conversations if isinstance(one, OpenConversation)]) <= 1
        entries = [entry for entry, _ in self.store.timeline(contact, 0, 1000).entries]
        own = Counter(conversation_of(entry, conversations) for entry in entries if entry.letter is Letter.MESSAGE)
        moved = own.pop(None, 0)
        assert {one.number: one.incoming for one in conversations if one.incoming} == dict(own), "each counts its own"
        assert not moved or self.store.resolve(contact) != contact

    def teardown(self) -> None:
        """In the end every worker comes through, and everything is decided and sent."""
        if not hasattr(self, "store"):
            return
        self.clock.pass_s(16)
        stage = Stage(self.store, bot=self.stage.bot)
        stage.runner = self.runner  # type: ignore[method-assign]
        work(stage, self.clock)
        assert self.is_nothing_half_done()
        self.each_person_is_one()
        for contact in IDS:
            snapshot = self.read(contact)
            assert snapshot is None or snapshot.undecided is snapshot.head is None
        said = Counter(text for channel in self.channels.values() for text in channel.texts if text != "from Bob")
        assert set(said.values()) <= {1}, "each is answered once at most"

    # -- Looking

    def runner(self, store: Store | None = None) -> TurnRunner:
        at = store or self.store
        return TurnRunner(at, Accounts(at, self.channels), self.stage.bot, lambda *_: {})

    def read(self, contact: str) -> Snapshot | None:
        is_there = self.valkey.client().exists(self.store.keys.contact(contact))
        return self.store.snapshot(contact) if is_there else None

    def messages(self, contact: str) -> list[str]:
        history = self.store.history(contact, limit=1000).entries
        return [one.entry.text for one in history if one.entry.letter is Letter.MESSAGE]

    def is_nothing_half_done(self) -> bool:
        """Every merge that was begun has been finished."""
        client, keys = self.valkey.client(), self.store.keys
        done = int(client.hget(keys.contact(MERGES_ID), "cursor") or 0)
        return done == client.llen(keys.timeline(MERGES_ID))


def test_each_person_is_one_in_every_state(valkey: Valkey) -> None:
    Persons.valkey = valkey
    machine = Persons.TestCase
    machine.settings = settings(
        max_examples=15,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    machine().runTest()
