"""A small world in which everything happens that is counted: contacts, an agent, workers, users, merges, deletes.

Each act takes two numbers, from which it picks who and how; what makes no sense at the moment does nothing.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.actions import Action, Open
from domain.answers import Commands
from domain.arrivals import Record
from domain.errors import ChannelError, NotFound, Outcome
from domain.identities import MERGES_ID, contact_id
from domain.models import Letter, Sender, Snapshot, Source
from handlers import users
from handlers.fulfillment import Call, decide_call
from store import Deleted
from tests.metrics.agent import TEXTS
from tests.metrics.ground import IDS, USERS, WHO, Ground
from tests.metrics.timelines import closed_by_delete, id_of
from tests.people import message, welcome
from turns.auto_close import close_idle
from turns.roll_ups import sum_up

CATEGORIES = ("", "Sales", "Return | refund", "Σχόλια")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
PASSES_S = (1, 30, *(MINUTE_S * n for n in (5, 17, 60)), *(HOUR_S * n for n in (4, 11, 26)), 3 * DAY_S, 9 * DAY_S)


class World(Ground):
    """What happens."""

    # -- Contacts

    def writes(self, a: int, b: int) -> None:
        who, text = WHO[a % len(WHO)], TEXTS[b % len(TEXTS)]
        data: dict[str, Any] = {"kind": "message", "text": "" if text == "photo" else text}
        if text in ("", "photo"):
            data["attachments"] = [{"kind": "image" if text else "sticker"}]
        sent_at_ms = self.clock.ms - 50 if b % 4 else None
        is_subscribed = True if who.kind == "viber" else None
        self.receive(message(who=who, data=data, sent_at_ms=sent_at_ms, is_subscribed=is_subscribed))

    def delivered_again(self, a: int, b: int) -> None:
        young = [record for at_ms, record in self.records[-20:] if at_ms > self.clock.ms - 6 * DAY_S * 1000]
        if young:
            self.stores[b % 2].receive([young[a % len(young)]])

    def comes_to_the_door(self, a: int, b: int) -> None:
        who = WHO[a % len(WHO)]
        token = f"t{len(self.records)}" if who.kind == "viber" else ""
        self.receive(welcome(who=who, opens=b % 3 > 0, token=token))
        if token and b % 2:
            contact = self.store.resolve(contact_id(who))
            text, elsewhere = "Welcome!" if b % 4 == 1 else "", who if contact != contact_id(who) else None
            self.store.claim_welcome(contact, token, text, elsewhere)

    def comes_while_the_bot_is_off(self, a: int, b: int) -> None:
        for act, how in ((self.user_closes, 1), (self.switches_the_bot, 2), (self.comes_to_the_door, 2)):
            act(a, how)
        self.works(a, 1)
        self.writes(a, b)

    def is_done_before_it_writes(self, a: int, b: int) -> None:
        """The bot greets; then somebody else's call ends what a message has come for that nobody has decided."""
        self.user_closes(a, 1)
        self.comes_to_the_door(a, 2)
        self.works(a, 1)
        self.writes(a, b)
        self.fulfillment(a, 0)

    def page_inbox(self, a: int, b: int) -> None:
        who = WHO[a % 3]
        data = {"kind": "message", "text": "from the page", "sender": "user", "via": "page_inbox"}
        self.receive(message(who=who, letter=Letter.SENT, data=data, opens=None, external_id=f"e{len(self.records)}"))

    def receive(self, record: Record) -> None:
        self.records.append((self.clock.ms, record))
        self.stores[len(self.records) % 2].receive([record])

    # -- Workers

    def works(self, a: int, b: int) -> None:
        for contact in self.store.due_contacts(self.store.keys.each(), 20):
            self.runner(b % 8 > 0).run(contact)

    def works_while_a_user_acts(self, a: int, b: int) -> None:
        acts = (self.user_writes, self.user_closes, self.writes, self.block, self.merges, self.page_inbox)
        self.agent.meanwhile = lambda: acts[b % len(acts)](a, b)
        self.runner(True).run(IDS[a % len(IDS)])
        self.agent.meanwhile = None

    def sending_breaks(self, a: int, b: int) -> None:
        def refuse(text: str, tag: str) -> None:
            raise ChannelError(Outcome.PERMANENT, "window_closed")

        self.facebook.on_send = refuse if b % 2 else lambda text, tag: None

    def closes_what_is_forgotten(self, a: int, b: int) -> None:
        self.command("DEL", self.store.keys.auto_close)
        close_idle(self.stores[b % 2])

    # -- Users and the API

    def user_writes(self, a: int, b: int) -> None:
        text = "long " * 300 if b % 7 == 0 else "from a user"
        self.deed(
            a,
            lambda now: users.write(
                now,
                text,
                sender=Sender.USER,
                opens=Source.USER if b % 2 else None,
                max_text_chars=1000,
                by=self.somebody(b).card,
                pauses_bot=b % 3 > 0,
            ),
        )

    def api_writes(self, a: int, b: int) -> None:
        sender = Sender.AUTOMATION if b % 3 == 0 else Sender.API
        opens = Source(sender) if b % 2 else None
        self.deed(a, lambda now: users.write(now, "by rule", sender=sender, opens=opens, max_text_chars=1000))

    def comments(self, a: int, b: int) -> None:
        self.deed(a, lambda now: users.comment(now, "a note", by=self.somebody(b).card))

    def opens(self, a: int, b: int) -> None:
        source = (Source.USER, Source.API, Source.AUTOMATION)[b % 3]
        by = self.somebody(a).card if source is Source.USER else None
        if source is Source.AUTOMATION:
            self.deed(a, lambda now: [Open(source=source, channel=now.contact.answers_on.kind)])
        else:
            self.deed(a, lambda now: users.open_conversation(now, source=source, by=by))

    def user_closes(self, a: int, b: int) -> None:
        category, source = CATEGORIES[b % 4], Source.API if b % 5 == 0 else Source.USER
        by = self.somebody(b).card if source is Source.USER else None
        self.deed(a, lambda now: users.close_conversation(now, source=source, by=by, category=category, summary="x"))

    def two_close_at_once(self, a: int, b: int) -> None:
        snapshot = self.read(a)
        if snapshot is None or snapshot.open is None:
            return
        words = [
            (self.stores[i], users.close_conversation(snapshot, source=Source.USER, by=USERS[i].card)) for i in (0, 1)
        ]
        statuses = [self.commit(store, snapshot, actions) for store, actions in (words if b % 2 else words[::-1])]
        assert statuses == ["ok", "conflict"]

    def assigns(self, a: int, b: int) -> None:
        def decide(now: Snapshot) -> list[Action]:
            if now.open is None or self.is_away(id_of(now.open.assignee), self.clock.ms):
                return []
            user = None if b % 4 == 0 else self.somebody(b // 4).card
            by = self.somebody(a).card if b % 3 else None
            return users.assign(now, user, number=now.open.number, by=by, pauses_bot=b % 2 > 0)

        self.deed(a, decide)

    def switches_the_bot(self, a: int, b: int) -> None:
        by = self.somebody(a).card if b % 4 > 1 else None
        self.deed(a, lambda now: users.set_bot(now, is_on=b % 2 > 0, by=by))

    def block(self, a: int, b: int) -> None:
        by = self.somebody(a).card if b % 4 > 1 else None
        self.deed(a, lambda now: users.block(now, is_blocked=not now.contact.is_blocked, by=by))

    def sends_again(self, a: int, b: int) -> None:
        def decide(now: Snapshot) -> list[Action]:
            entries = [entry for entry, _ in self.store.timeline(now.contact.id, 0, 100_000).entries]
            failed = [entry for entry in entries if entry.letter is Letter.FAILED]
            return users.retry(now, failed[b % len(failed)], by=self.somebody(b).card) if failed else []

        self.deed(a, decide)

    def fulfillment(self, a: int, b: int) -> None:
        def decide(now: Snapshot) -> list[Action]:
            self.asked += 1
            commands = (
                Commands(mark_done=True),
                Commands(mark_done=False),
                Commands(notify="now"),
                Commands(bot_status=True),
            )
            number = now.open.number if now.open else now.contact.conversations
            call = Call(number=number, entry=None, response_id=f"f{self.asked}", commands=commands[b % 4])
            return list(decide_call(now, call).actions)

        self.deed(a, decide)

    def a_user_leaves(self, a: int, b: int) -> None:
        """The one who has a conversation, if anybody has; somebody always stays."""
        snapshot = self.read(a)
        user = id_of(snapshot.open.assignee if snapshot and snapshot.open else None) or USERS[b % len(USERS)].id
        there = [one.id for one in USERS if not self.is_away(one.id, self.clock.ms)]
        if user in there and len(there) > 1:
            self.clock.pass_s(1)
            self.store.change_user(user, lambda one: replace(one, is_active=False))
            self.away.setdefault(user, []).append([self.clock.ms])
            self.clock.pass_s(3)

    def a_user_comes_back(self, a: int, b: int) -> None:
        user = USERS[a % len(USERS)].id
        if self.is_away(user, self.clock.ms):
            self.clock.pass_s(1)
            self.store.change_user(user, lambda one: replace(one, is_active=True))
            self.away[user][-1].append(self.clock.ms)
            self.clock.pass_s(3)

    # -- Merges and deletes

    def merges(self, a: int, b: int) -> None:
        try:
            self.store.request_merge(IDS[a % len(IDS)], IDS[(a + 1 + b % 5) % len(IDS)], by=self.somebody(b).card)
        except NotFound:
            return
        if b % 4:
            self.runner(True).run(MERGES_ID)

    def merges_what_nobody_decided(self, a: int, b: int) -> None:
        """Two wait for a person when they become one."""
        two = (a, a + 1 + b % 5)
        for one in two if b % 2 else two[::-1]:
            self.writes(one, 0)
            self.fulfillment(one, 2)
            self.clock.pass_s(40)
        self.merges(a, b)
        if b % 3 == 0:
            self.fulfillment(a, 0)  # closes, and opens the next for both messages
        elif b % 3 == 1:
            self.api_writes(a, 0)
        self.clock.pass_s(100)
        self.user_writes(a, 2)

    def merges_half(self, a: int, b: int) -> None:
        """A worker dies between the two steps of the only merge that is under way; the next one goes on."""
        self.runner(True).run(MERGES_ID)
        one, other = self.read(a), self.read(a + 1 + b % 5)
        if one and other and one.contact.id != other.contact.id and not other.contact.is_blocked:
            self.store.request_merge(one.contact.id, other.contact.id, by=None)
            self.store.merge_secondary(other, one.contact.id, by=None)

    def deletes(self, a: int, b: int) -> None:
        contact = self.store.resolve(IDS[a % len(IDS)])
        if (snapshot := self.read(a)) is None:
            return
        by = self.somebody(b).card if b % 2 else None
        histories = [
            closed_by_delete(self.history(one), self.clock.ms, by)
            for one in (contact, *snapshot.contact.parts)
            if self.exists(one)
        ]
        if self.stores[b % 2].delete_contact(contact, by) is Deleted.DONE:
            self.gone += histories
            assert not any(self.exists(history.contact.id) for history in histories)

    # -- Time, and the worker's sums

    def rests(self, a: int, b: int) -> None:
        """What hypothesis puts in the place of every act that a failure does not need."""

    def time_passes(self, a: int, b: int) -> None:
        self.clock.pass_s(PASSES_S[b % len(PASSES_S)] + (a * 0.017 if a % 4 else 0))

    def midnight_comes(self, a: int, b: int) -> None:
        """Some minutes before the day ends, or after the next one began."""
        now = datetime.fromtimestamp(self.clock.ms / 1000, ZoneInfo(self.zone))
        ends = datetime.combine(now.date() + timedelta(days=1), time(), ZoneInfo(self.zone)).timestamp()
        self.clock.ms = max(self.clock.ms, int(ends * 1000) + (b % 4 - 2) * 17 * MINUTE_S * 1000)

    def sums(self, a: int, b: int) -> None:
        """The worker's look, once its claim of the last one is over."""
        self.command("DEL", self.store.keys.roll_up)
        sum_up(self.stores[b % 2])


ACTS = [
    act.__name__
    for act, weight in (
        (World.rests, 1),
        (World.writes, 14),
        (World.delivered_again, 1),
        (World.comes_to_the_door, 2),
        (World.comes_while_the_bot_is_off, 1),
        (World.is_done_before_it_writes, 1),
        (World.page_inbox, 2),
        (World.works, 16),
        (World.works_while_a_user_acts, 3),
        (World.sending_breaks, 1),
        (World.closes_what_is_forgotten, 2),
        (World.user_writes, 6),
        (World.api_writes, 2),
        (World.comments, 1),
        (World.opens, 3),
        (World.user_closes, 7),
        (World.two_close_at_once, 1),
        (World.assigns, 5),
        (World.switches_the_bot, 2),
        (World.block, 2),
        (World.sends_again, 1),
        (World.fulfillment, 3),
        (World.a_user_leaves, 2),
        (World.a_user_comes_back, 1),
        (World.merges, 2),
        (World.merges_what_nobody_decided, 2),
        (World.merges_half, 1),
        (World.deletes, 1),
        (World.time_passes, 16),
        (World.midnight_comes, 4),
        (World.sums, 3),
    )
    for _ in range(weight)
]
