"""Lets a play happen in a store: by what users, the API and the worker do, through the same scripts, with their times.

Nothing is sent: what is written is settled here, as if the platform had taken it. What a contact's timeline has already
is not done again, so that a play that was stopped goes on where it was.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from demo.backstage import Backstage
from demo.play import Merge, Story
from demo.steps import (
    AnyStep,
    ApiWrites,
    Assigns,
    BotDecides,
    Closes,
    Comes,
    Comments,
    Learns,
    PageInboxWrites,
    UserWrites,
    Writes,
)
from domain.actions import Action
from domain.arrivals import Record
from domain.errors import Conflict, NotFound
from domain.events import Profile, ReceiptStatus
from domain.identities import reference
from domain.models import Letter, Sender, Snapshot, Source
from domain.platform_settings import PlatformSettings
from domain.users import User
from handlers import merges, profiles, users
from handlers.auto_close import close_forgotten
from handlers.messages import AskBot, decide, decide_answer
from handlers.notices import with_notices
from store import Store

#: Of the channel that takes least.
MAX_TEXT_CHARS = 1_900
PICTURE = {"kind": "image", "url": "https://files.example.com/picture.jpg"}


class Stage(Backstage):
    """What a thread plays on; its store is used for nothing else."""

    def __init__(self, store: Store, team: Sequence[User], told: Sequence[User], rules: PlatformSettings) -> None:
        """told: who is told about what waits at the end. Raises StoreError."""
        super().__init__(store, team, told, rules)
        self._do: dict[type, Callable[[Any], None]] = {
            Writes: self._writes,
            Comes: self._comes,
            BotDecides: self._bot_decides,
            UserWrites: self._user_writes,
            ApiWrites: self._api_writes,
            PageInboxWrites: self._page_inbox_writes,
            Comments: self._comments,
            Assigns: self._assigns,
            Closes: self._closes,
            Learns: self._learns,
        }

    def perform(self, story: Story, now_ms: int, stopping: threading.Event) -> None:
        """Let happen what has happened to a contact by `now_ms`. Raises StoreError; then it may be repeated."""
        self._story, self._unread, self._seen, self._ends_ms = story, [], None, now_ms
        self._tells_from_ms = story.open_since_ms(now_ms) or float("inf")
        self._past.begin(now_ms)
        self._perform(story.steps(now_ms), stopping)
        self._past.let_go()

    def _perform(self, steps: Sequence[AnyStep], stopping: threading.Event) -> None:
        done_ms = self._go_on(steps)
        if self._seen and self._seen.contact.merged_into:
            return
        for step in steps:
            if step.at_ms <= done_ms:
                continue
            # Whatever came is decided as well: nobody else would do it.
            if stopping.is_set() and not isinstance(step, BotDecides):
                return
            self._step(step)
        self._deliver()

    def merge(self, merge: Merge) -> None:
        """Make a contact a part of another one, as a worker does; may be repeated. Raises StoreError."""
        self._past.begin(merge.at_ms)
        self._merge(merge)
        self._past.let_go()

    def _merge(self, merge: Merge) -> None:
        with suppress(NotFound):
            one, other = self._store.snapshot(merge.primary.id), self._store.snapshot(merge.secondary.id)
            if one.contact.merged_into or one.contact.is_blocked or other.contact.is_blocked:
                return
            by = self._cards[merge.user]
            taken = self._store.merge_secondary(other, one.contact.id, by=by)
            if taken.snapshot is None:
                return
            moved = [entry for entry in taken.moved if merges.moves(entry)]
            entries = [merges.moved_entry(entry, other.contact, is_blocked=False) for entry in moved]
            change = merges.take_over(one, taken.snapshot.contact, moved, by=by)
            self._store.merge_primary(one, taken.snapshot.contact, change, entries)

    def _go_on(self, steps: Sequence[AnyStep]) -> int:
        """Return until when it was played before, and finish the step at which that was stopped."""
        try:
            self._seen = self._store.snapshot(self._story.id)
        except NotFound:
            return 0
        done_ms = self._past.at_ms = self._look_back()
        with suppress(NotFound):
            last = next((step for step in steps if step.at_ms == done_ms), None)
            self._send(is_lost=isinstance(last, UserWrites) and last.is_lost)
        return done_ms

    def _step(self, step: AnyStep) -> None:
        self._past.at_ms = step.at_ms
        # Somebody else may have closed, merged or deleted what is played: then that is how it goes on.
        with suppress(Conflict, NotFound):
            self._do[type(step)](step)

    # -- What contacts do

    def _writes(self, step: Writes) -> None:
        data: dict[str, Any] = {"kind": "message", "ref": reference(self._native_id(step))}
        data |= {"text": step.text} if step.text else {"attachments": [{**PICTURE, "kind": step.attachment}]}
        self._arrive(step, Letter.MESSAGE, data, Source.CONTACT)

    def _comes(self, step: Comes) -> None:
        cause = "get_started" if self._story.identity.kind == "facebook" else "conversation_started"
        self._arrive(step, Letter.WELCOME_OPENING, {"kind": "welcome", "cause": cause}, Source.WELCOME_EVENT)

    def _page_inbox_writes(self, step: PageInboxWrites) -> None:
        data = {"kind": "message", "text": step.text, "sender": Sender.USER, "via": "page_inbox"}
        self._arrive(step, Letter.SENT, data, None)
        self._seen = self._store.snapshot(self._story.id)

    def _arrive(self, step: AnyStep, letter: Letter, data: dict[str, Any], opens: Source | None) -> None:
        identity, is_ours = self._story.identity, letter is Letter.SENT
        record = Record(
            identity=identity,
            native_id=self._native_id(step),
            sent_at_ms=step.at_ms - 400,
            letter=letter,
            data=data,
            opens=opens,
            external_id=self._native_id(step) if is_ours else "",
            is_subscribed=True if identity.kind == "viber" and letter is Letter.MESSAGE else None,
            profile=None if is_ours else Profile(name=self._story.name, language="en_GB"),
        )
        read = [] if is_ours else self._receipts(ReceiptStatus.READ)
        self._store.receive([*read, record])
        if taken := self._past.take(self._story.id):
            self._seen = taken[1]

    def _native_id(self, step: AnyStep) -> str:
        return f"m_{self._story.identity.contact_ref}.{step.at_ms}"

    # -- What the worker does

    def _bot_decides(self, step: BotDecides) -> None:
        taken = self._turn()
        if taken is None or taken[1].undecided is None:
            return
        turn, snapshot = taken
        entry = taken[1].undecided
        decision = decide(snapshot, entry, has_bot=True)
        if isinstance(decision, AskBot):
            decision = decide_answer(snapshot, decision, step.answer, max_text_chars=MAX_TEXT_CHARS)
        if step.at_ms >= self._tells_from_ms:
            decision = with_notices(snapshot, decision, self._told)
        committed = self._store.commit(
            snapshot,
            [*decision, *profiles.index(snapshot.contact)],
            turn=turn,
            decides=entry.number,
            keeps_lease=True,
            bot_back_on=self._rules.bot_back_on_at_close,
            keeps_assignee=self._rules.keeps_assignee,
        )
        self._seen = committed.snapshot or self._store.snapshot(self._story.id)
        self._send()

    # -- What users and programs do

    def _user_writes(self, step: UserWrites) -> None:
        self._write(step.text, Sender.USER, step.opens, self._cards[step.user], is_lost=step.is_lost)

    def _api_writes(self, step: ApiWrites) -> None:
        self._write(step.text, Sender.API, Source.API, None)

    def _write(
        self, text: str, sender: Sender, opens: Source | None, by: dict[str, Any] | None, *, is_lost: bool = False
    ) -> None:
        self._act(
            lambda snapshot: users.write(
                snapshot,
                text,
                sender=sender,
                opens=opens,
                max_text_chars=MAX_TEXT_CHARS,
                by=by,
                pauses_bot=self._rules.bot_pauses_on_reply,
            )
        )
        self._send(is_lost=is_lost)

    def _comments(self, step: Comments) -> None:
        told = [] if step.mentioned is None else [str(self._cards[step.mentioned]["id"])]
        self._act(lambda snapshot: users.comment(snapshot, step.text, by=self._cards[step.user], mentioned=told))

    def _assigns(self, step: Assigns) -> None:
        def assign(snapshot: Snapshot) -> list[Action]:
            number = snapshot.open.number if snapshot.open else 0
            to, by = None if step.to is None else self._cards[step.to], self._cards[step.user]
            return users.assign(snapshot, to, number=number, by=by, pauses_bot=self._rules.bot_pauses_on_assign)

        self._act(assign)

    def _closes(self, step: Closes) -> None:
        if step.source is Source.AUTO_CLOSE:
            self._seen = self._store.snapshot(self._story.id)
            self._act(lambda snapshot: close_forgotten(snapshot, idle_since_ms=step.at_ms - 1_000))
            return
        by = None if step.user is None else self._cards[step.user]
        self._act(
            lambda snapshot: users.close_conversation(
                snapshot, source=step.source, by=by, category=step.category, summary=step.summary
            )
        )

    def _learns(self, step: Learns) -> None:
        by = self._cards[step.user]
        known = {name: value for name, value in (("phone", step.phone), ("email", step.email)) if value}
        self._act(
            lambda snapshot: [
                *profiles.change_profile(snapshot, known, by=by),
                *profiles.change_tags(snapshot, add=step.tags, by=by),
            ]
        )
