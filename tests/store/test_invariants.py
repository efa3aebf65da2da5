"""Whatever several processes do, in whatever order, the store's promises hold in every state."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, consumes, multiple, rule

from domain.actions import Action, Assign, Close, Open, Send, SetBot
from domain.arrivals import RecordReceipt
from domain.events import ReceiptStatus
from domain.identities import Identity, contact_id
from domain.models import Letter, OpenConversation, Sender, Snapshot, Source
from store import Settled, Turn
from tests.people import BOB, message, welcome
from tests.servers import Valkey
from tests.store.promises import CLIENTS, WHO, Promises


class Processes(Promises):
    """What the processes do."""

    turns = Bundle("turns")
    attempts = Bundle("attempts")
    snapshots = Bundle("snapshots")

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

    @rule(target=snapshots, who=st.sampled_from(WHO))
    def look(self, who: Identity) -> Any:
        contact = contact_id(who)
        return self.read(contact) if self.recorded[contact] else multiple()

    @rule(client=st.integers(0, CLIENTS - 1), seen=snapshots, number=st.integers(1, 4), is_on=st.booleans())
    def stale_clicks(self, client: int, seen: Snapshot, number: int, is_on: bool) -> None:
        contact = seen.contact.id
        before, lines = self.read(contact), self.timeline(contact)
        actions: list[Action] = [
            SetBot(number=number, is_on=is_on, source=Source.USER),
            Assign(number=number, user=BOB if is_on else None),
        ]
        committed = self.stores[client].commit(seen, actions)
        after = self.read(contact)
        assert committed.snapshot == after, "whoever clicks sees how it is now"
        if seen.contact.version != before.contact.version:
            assert committed.status == "conflict" and after == before and self.timeline(contact) == lines
            return
        assert committed.is_done and after.contact.version > before.contact.version
        assert after.contact.bot_off == ("" if is_on else "-")
        is_open = before.open is not None and before.open.number == number
        assert committed.results == (1, int(is_open))
        if is_open:
            assert after.open and after.open.assignee == (BOB if is_on else None)

    @rule(client=st.integers(0, CLIENTS - 1), seen=snapshots, response=st.integers(1, 5))
    def a_foreign_call_opens(self, client: int, seen: Snapshot, response: int) -> None:
        """RB_MARKDONE=false, from a caller who saw the contact some time ago and may call twice."""
        contact = seen.contact.id
        before = self.read(contact)
        opens = Open(
            source=Source.DIALOGFLOW,
            channel=seen.contact.identity.kind,
            effect=f"{contact}-1 response-{response} RB_MARKDONE False",
        )
        committed = self.stores[client].commit(seen, [opens])
        if seen.contact.version != before.contact.version:
            assert committed.status == "conflict" and self.read(contact) == before
            return
        number = 0 if before.open else before.contact.conversations + 1
        expected = -1 if (contact, response) in self.effects else number
        self.effects.add((contact, response))
        assert committed.results == (expected,)
        opened = self.read(contact).open
        assert opened == before.open if expected < 1 else opened and opened.source is Source.DIALOGFLOW

    @rule(client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), number=st.integers(0, 4))
    def a_person_writes_from_the_page_inbox(self, client: int, who: Identity, number: int) -> None:
        contact, key = contact_id(who), f"e:{number}"
        before = self.stores[0].conversations(contact)
        data = {"kind": "message", "text": f"from the inbox {number}", "sender": "user", "via": "page_inbox"}
        echo = message(
            who=who,
            native_id=key,
            letter=Letter.SENT,
            data=data,
            opens=None,
            external_id=f"e{number}",
            sent_at_ms=self.began_ms,
        )
        received = self.stores[client].receive([echo])[0]
        assert received.is_new == (key not in self.recorded[contact]) and received.opened == 0
        self.recorded[contact].add(key)
        after = self.read(contact)
        assert (after.open is not None) == any(isinstance(one, OpenConversation) for one in before), "it opens nothing"
        if received.is_new and after.open:
            assert (after.open.paused, after.open.needs) == ("page_inbox", "paused")

    @rule(client=st.integers(0, CLIENTS - 1), attempt=attempts, status=st.sampled_from(list(ReceiptStatus)))
    def a_receipt_of_what_we_sent(
        self, client: int, attempt: tuple[int, Turn, int, str], status: ReceiptStatus
    ) -> None:
        _, turn, entry, _ = attempt
        who = next(who for who in WHO if contact_id(who) == turn.contact)
        self.a_receipt_of_one_message(client, who, status, f"x{entry}")

    @rule(
        client=st.integers(0, CLIENTS - 1),
        who=st.sampled_from(WHO),
        status=st.sampled_from(list(ReceiptStatus)),
        external_id=st.sampled_from(["e0", "e1", "nobody's"]),
    )
    def a_receipt_of_one_message(self, client: int, who: Identity, status: ReceiptStatus, external_id: str) -> None:
        receipt = RecordReceipt(identity=who, status=status, external_id=external_id, reason="why")
        received = self.stores[client].receive([receipt])[0]
        contact = contact_id(who)
        assert received.is_new == bool(self.recorded[contact] or self.timeline(contact))
        wanted = {ReceiptStatus.DELIVERED: "dr", ReceiptStatus.READ: "r", ReceiptStatus.FAILED: "fdr"}[status]
        sent = {letter for letter, found in self.timeline(contact) if found == external_id and letter in "sdr"}
        assert all(letter in wanted for letter in sent), "it is at least as far as the platform says"

    @rule(
        client=st.integers(0, CLIENTS - 1),
        who=st.sampled_from(WHO),
        is_read=st.booleans(),
        watermark_ms=st.sampled_from([1_000, 2_000, 3_000]),
    )
    def a_receipt_of_all_up_to_a_time(self, client: int, who: Identity, is_read: bool, watermark_ms: int) -> None:
        status = ReceiptStatus.READ if is_read else ReceiptStatus.DELIVERED
        receipt = RecordReceipt(identity=who, status=status, watermark_ms=watermark_ms)
        if self.stores[client].receive([receipt])[0].is_new:
            until_ms = self.watermarks(contact_id(who))[is_read]
            assert until_ms >= watermark_ms

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

    @rule(who=st.sampled_from(WHO), client=st.integers(0, CLIENTS - 1))
    def somebody_elses_fulfillment_call_closes(self, who: Identity, client: int) -> None:
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return
        snapshot = store.snapshot(contact)
        if snapshot.open is None:
            return
        number = snapshot.open.number
        close = Close(number=number, source=Source.DIALOGFLOW, later_from=snapshot.contact.cursor)
        assert store.commit(snapshot, [close]).results == (1,)
        self.note_closed(contact, number, Source.DIALOGFLOW)

    @rule(target=attempts, taken=consumes(turns), nonce=st.uuids())
    def start_sending(self, taken: tuple[int, Turn, Snapshot], nonce: Any) -> Any:
        client, turn, snapshot = taken
        if snapshot.head is None:
            return multiple()
        started = self.stores[client].start_send(turn, snapshot.head.number, nonce.hex[:12], echo_wait_ms=60_000)
        return multiple() if started is None else (client, turn, snapshot.head.number, nonce.hex[:12])

    @rule(target=attempts, client=st.integers(0, CLIENTS - 1), who=st.sampled_from(WHO), nonce=st.uuids())
    def a_user_writes_and_it_is_sent(self, client: int, who: Identity, nonce: Any) -> Any:
        """All at once, so that there is more for receipts to be about."""
        store, contact = self.stores[client], contact_id(who)
        if not self.recorded[contact]:
            return multiple()
        seen = store.snapshot(contact)
        written = Send(number=seen.open.number if seen.open else 0, text="from Bob", sender=Sender.USER, by=BOB)
        assert store.commit(seen, [written]).is_done
        attempt = self.start_sending((client, *taken), nonce) if (taken := store.take_turn(contact)) else multiple()
        if attempt != multiple():
            self.settle(attempt, Settled.SENT, client)
        return attempt

    @rule(attempt=attempts, outcome=st.sampled_from(list(Settled)), client=st.integers(0, CLIENTS - 1))
    def settle(self, attempt: tuple[int, Turn, int, str], outcome: Settled, client: int) -> None:
        _, turn, entry, nonce = attempt
        before = self.letter(turn.contact, entry)
        store = self.stores[client]
        store.settle_send(turn, entry, nonce, outcome, external_id=f"x{entry}", reason="why", try_at_ms=self.clock.ms)
        if before in ("s", "d", "r"):
            assert self.letter(turn.contact, entry) == before, "a success is final"


def test_the_promises_hold_in_every_state(valkey: Valkey) -> None:
    Processes.valkey = valkey
    machine = Processes.TestCase
    machine.settings = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    machine().runTest()
