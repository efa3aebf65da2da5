"""Whatever automations there are and whatever happens around them: they end, and each step is done once."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.actions import Action, CountRun, KeepRuns
from domain.answers import Answer, BotFailure, Commands, Question
from domain.arrivals import Record
from domain.automation_runs import Outcome, RunRecord
from domain.automations import MOST_CASCADE
from domain.errors import HookError
from domain.identities import MERGES_ID
from domain.models import ClosedConversation, Entry, Letter, OpenConversation, Snapshot
from store import Committed
from store.connection import Call
from store.reading import conversation_of
from tests.conftest import StoppedClock, make_store
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome
from tests.servers import Valkey
from tests.signing_in import log_in
from tests.turns.automation_lives import DEEDS, TEXTS, definitions, do, edited, made
from tests.turns.automations.automation_stage import AutomationStage
from tests.turns.stage import done

IDS = (SUSAN_ID, PETAR_ID)
MOST = 5
HISTORY_KEPT = 50
FINAL = {Outcome.DONE, Outcome.STOPPED, Outcome.FAILED, Outcome.ENDED}
#: Which line each kind of step leaves, when it was done; the others leave none.
LINES = {
    "open_conversation": "opened",
    "close_conversation": "closed",
    "send_message": "message",
    "assign": "assigned",
    "unassign": "unassigned",
    "add_tags": "tags_changed",
    "remove_tags": "tags_changed",
    "set_field": "profile_changed",
    "bot_on": "bot_on",
    "bot_off": "bot_off",
    "comment": "comment",
    "notify": "notified",
}
people = st.sampled_from([SUSAN, PETAR])
ids = st.sampled_from(IDS)
deeds = st.sampled_from(sorted(DEEDS))


class Lives(RuleBasedStateMachine):
    """Susan and Petar, up to five automations, and one worker whose steps others come between."""

    valkey: Valkey

    @initialize(given=st.lists(definitions(), min_size=3, max_size=MOST))
    def begin(self, given: list[dict[str, Any]]) -> None:
        self.valkey.client().flushall()
        self.store = make_store(self.valkey)
        self.clock = StoppedClock(self.store.now_ms())
        self.store.now_ms = self.clock
        self.user = log_in(self.store).user
        self.stage = AutomationStage(self.store, self.clock)
        self.worker = make_store(self.valkey)
        self.worker.now_ms = self.clock
        self.run_script = self.worker.connection.run
        self.worker.connection.run = self.run_between  # type: ignore[method-assign]
        self.write_commit = self.worker.commit
        self.worker.commit = self.commit  # type: ignore[method-assign]
        self.begun: Counter[str] = Counter()
        self.runner = self.stage.runner(self.worker)
        self.stage.hooks.on_call = self.take_call
        self.stage.bot.on_ask = lambda _: self.come_between()
        self.stage.bot.answers = {
            "bye": done("Bye!"),
            "human": Answer(response_id="r1", intent="human", commands=Commands(bot_status=False, notify="me")),
            "what?": Answer(response_id="r2", is_fallback=True, replies=("Sorry?",)),
            "broken": Answer(response_id="r3", failure=BotFailure.TIMED_OUT),
        }
        self.meanwhile: list[tuple[str, str]] = []
        self.written: list[str] = []
        self.commits = 0
        self.automations_made = 0
        for definition in given:
            self.somebody_adds_an_automation(definition)

    # -- What happens

    @rule(who=people, text=st.sampled_from(TEXTS), count=st.integers(1, 2))
    def the_contact_writes(self, who: Any, text: str, count: int) -> None:
        for _ in range(count):
            self.write(message(text, who=who))

    @rule(who=people, text=st.sampled_from(TEXTS), minutes_away=st.sampled_from([0, 0, 1.5, 70]))
    def the_contact_writes_and_is_served(self, who: Any, text: str, minutes_away: float) -> None:
        """minutes_away: until a worker is there."""
        self.write(message(text, who=who))
        self.time_passes(minutes_away)
        self.all_is_done_that_can_be()

    @rule(who=people, opens=st.booleans(), is_subscribed=st.booleans())
    def the_contact_comes_to_the_door(self, who: Any, opens: bool, is_subscribed: bool) -> None:
        token = f"t{len(self.written)}" if who is PETAR else ""
        self.store.receive([welcome(who=who, opens=opens, token=token, is_subscribed=is_subscribed)])

    @rule(contact=ids, deed=deeds)
    def somebody_acts(self, contact: str, deed: str) -> None:
        if self.is_known(contact):
            do(self.store, contact, deed, self.user)

    @rule(minutes=st.sampled_from([0.01, 1, 2, 61]))
    def time_passes(self, minutes: float) -> None:
        self.clock.pass_s(minutes * 60)

    @rule(contact=ids)
    def a_turn(self, contact: str) -> None:
        self.runner.run(contact)

    @rule(contact=ids, deeds=st.lists(st.tuples(ids, deeds | st.just("write")), min_size=1, max_size=3))
    def a_turn_between_whose_steps_others_come(self, contact: str, deeds: list[tuple[str, str]]) -> None:
        self.meanwhile = list(deeds)
        self.runner.run(contact)
        self.meanwhile = []

    @rule(primary=ids, secondary=ids)
    def somebody_merges(self, primary: str, secondary: str) -> None:
        if primary != secondary and self.is_known(primary) and self.is_known(secondary):
            self.store.request_merge(primary, secondary, by=ALICE)
            self.runner.run(MERGES_ID)

    @rule(definition=definitions())
    def somebody_adds_an_automation(self, definition: dict[str, Any]) -> None:
        if self.automations_made == MOST:
            return
        self.automations_made += 1
        one = made(definition, self.automations_made, self.clock.ms)
        self.change(lambda items: (*items, one))

    @rule(number=st.integers(1, MOST), is_on=st.booleans())
    def somebody_switches_one(self, number: int, is_on: bool) -> None:
        self.stage.switch(f"a{number}", is_on=is_on)
        self.tell_all()

    @rule(number=st.integers(1, MOST), kept=st.integers(0, 3), definition=definitions())
    def somebody_changes_the_steps_of_one(self, number: int, kept: int, definition: dict[str, Any]) -> None:
        self.stage.change(f"a{number}", lambda item: edited(item, kept, definition))
        self.tell_all()

    @rule(number=st.integers(1, MOST))
    def somebody_deletes_one(self, number: int) -> None:
        self.stage.take_away(f"a{number}")
        self.tell_all()

    @rule()
    def all_is_done_that_can_be(self) -> None:
        self.work(until_ms=self.clock.ms)

    # -- What holds all the time

    @invariant()
    def conversations_are_as_they_must_be(self) -> None:
        if not hasattr(self, "automations_made"):
            return
        for contact in filter(self.is_known, IDS):
            snapshot, conversations = self.store.snapshot(contact), self.store.conversations(contact)
            numbers = [one.number for one in conversations]
            assert numbers == list(range(snapshot.contact.conversations, 0, -1)), "numbers have no gaps"
            still_open = [one for one in conversations if isinstance(one, OpenConversation)]
            assert len(still_open) <= 1 and all(one.number == numbers[0] for one in still_open)
            assert not (still_open and (snapshot.contact.merged_into or snapshot.contact.is_blocked))
            entries = [entry for entry, _ in self.store.timeline(contact, 0, 100_000).entries]
            own = Counter(conversation_of(entry, conversations) for entry in entries if entry.letter is Letter.MESSAGE)
            moved = own.pop(None, 0)
            assert {one.number: one.incoming for one in conversations if one.incoming} == dict(own)
            assert not moved or snapshot.contact.merged_into
            told = Counter((str(entry.data["kind"]), entry.data.get("conversation")) for entry in entries)
            assert all(told["opened", one.number] == 1 for one in conversations), "each is opened once"
            closed = {one.number for one in conversations if isinstance(one, ClosedConversation)}
            assert {number for (kind, number) in told if kind == "closed"} == closed
            assert all(told["closed", number] == 1 for number in closed), "each is closed once"
            self.check_due(contact, snapshot)

    def check_due(self, contact: str, snapshot: Snapshot) -> None:
        keys = self.store.keys
        due = self.valkey.client().zscore(keys.due(keys.partition(contact)), contact)
        wakes = snapshot.contact.wake_at_ms
        runs = [run.at_ms for run in snapshot.contact.run_state.runs]
        assert not runs or 0 < wakes <= max(min(runs), self.clock.ms), "a run is woken"
        if snapshot.undecided or snapshot.head or wakes:
            assert due is not None, "left behind"
            assert not wakes or due <= max(wakes, self.clock.ms)
        else:
            assert due is None, "due for nothing"

    # -- What holds in the end

    def teardown(self) -> None:
        """Every run comes to its end, and what is told of them is what happened."""
        if not hasattr(self, "automations_made"):
            return
        self.work(until_ms=None)
        self.conversations_are_as_they_must_be()
        lines: Counter[tuple[str, str, str, int | None]] = Counter()
        for contact in filter(self.is_known, IDS):
            snapshot = self.store.snapshot(contact)
            assert snapshot.undecided is snapshot.head is None and snapshot.contact.run_state.runs == ()
            assert snapshot.contact.wake_at_ms == 0
            lines += Counter(_by_automations(contact, self.store.timeline(contact, 0, 100_000).entries))
        roots = {self.store.resolve(contact) for contact in filter(self.is_known, IDS)}
        shown = [
            one.entry.text
            for root in roots
            for one in self.store.history(root, limit=100_000).entries
            if one.entry.letter is Letter.MESSAGE or (one.entry.letter is Letter.NOTED and one.entry.text)
        ]
        assert Counter(shown) == Counter(self.written), "each message once, none is lost"
        asked = Counter(_place_of(question) for question in self.stage.bot.asked)
        assert set(asked.values()) <= {1}, "the bot is asked once about each"
        self.check_histories(lines)

    def check_histories(self, lines: Counter[tuple[str, str, str, int | None]]) -> None:
        numbers = self.store.automation_numbers()
        calls = Counter(self.stage.hooks.deliveries)
        assert set(calls.values()) <= {1, 2, 3}
        # Of one that is deleted nothing is told any more.
        for automation in (item.id for item in self.store.automations(is_fresh=True).items):
            records = self.store.run_history(automation, 10_000)
            if len(records) >= HISTORY_KEPT or automation not in numbers:
                continue
            over = [record for record in records if record.outcome in FINAL]
            guarded = [record for record in records if record.outcome is Outcome.GUARDED]
            assert len({record.run for record in over}) == len(over) == numbers[automation].triggered
            assert len(guarded) == numbers[automation].guarded
            failed = [record for record in over if record.outcome is Outcome.FAILED]
            assert len(failed) == numbers[automation].errors
            for record in over:
                ids = [step for step, _, _ in record.done]
                assert len(set(ids)) == len(ids), "each step is done once"
                for step, result, _ in record.done:
                    if step.startswith("call_url") and result == "done":
                        assert 1 <= calls[f"{record.run}-{step}"] <= 3
            told = Counter(line for record in over for line in _steps_done(automation, record))
            here = Counter({line: count for line, count in lines.items() if line[1] == automation})
            assert told == here, "what is told of the steps is what the timelines show"

    # -- The worker, and who comes between its steps

    def work(self, until_ms: int | None) -> None:
        """Take turns until nobody is due, or only later; fail where that does not end."""
        self.begun = Counter()
        most = self.most_runs()
        while (due_ms := self.store.next_due_ms()) is not None and (until_ms is None or due_ms <= until_ms):
            self.clock.ms = max(self.clock.ms, due_ms)
            for contact in self.store.due_contacts(self.store.keys.each(), 10):
                before = self.commits
                self.runner.run(contact)
                assert self.commits > before or not self.is_due_now(contact), "due for nothing"
                assert self.begun["from outside"] <= most, "automations begin without an end"
                others = MOST_CASCADE * (self.begun["from outside"] + len(IDS))
                assert self.begun["by others"] <= others, "automations set each other off without an end"

    def most_runs(self) -> int:
        """How many runs there can be that no automation has led to, when nothing more comes from outside.

        Each automation runs once for each undecided entry, for what that opens, and for the bot's not answering it; and
        for two silences of each conversation that is open now, or opens for such an entry.
        """
        undecided = [
            self.store.timeline(contact, self.store.snapshot(contact).contact.cursor, 100_000).entries
            for contact in filter(self.is_known, IDS)
        ]
        return MOST * sum(5 * len(entries) + 2 for entries in undecided)

    def commit(self, snapshot: Snapshot, actions: Sequence[Action], **options: Any) -> Committed:
        committed = self.write_commit(snapshot, actions, **options)
        is_start = any(isinstance(one, CountRun) and one.counts_as == "triggered" for one in actions)
        if committed.is_done and is_start:
            state = next(one.state for one in actions if isinstance(one, KeepRuns))
            self.begun["by others" if len(state.runs[-1].chain) > 1 else "from outside"] += 1
        return committed

    def run_between(self, call: Call) -> Any:
        if call.script.name == "commit":
            self.commits += 1
            self.come_between()
        return self.run_script(call)

    def come_between(self) -> None:
        """The next of those who come between, all at once with the rest that is about nobody we know."""
        while self.meanwhile:
            contact, deed = self.meanwhile.pop(0)
            if deed == "write":
                self.write(message("hello", who=SUSAN if contact == SUSAN_ID else PETAR))
                return
            if self.is_known(contact):
                do(self.store, contact, deed, self.user)
                return

    def take_call(self) -> int:
        self.come_between()
        path = self.stage.hooks.urls[-1].rpartition("/")[2]
        if path == "ok" or (
            path == "later" and self.stage.hooks.deliveries.count(self.stage.hooks.deliveries[-1]) == 3
        ):
            return 200
        raise HookError("status", path == "never", "It does not take it.")

    def write(self, record: Record) -> None:
        text = f"{record.data['text']}"
        assert self.store.receive([record])[0].is_new
        self.written.append(text)

    def change(self, change: Any) -> None:
        self.store.change_automations(change)
        self.tell_all()

    def tell_all(self) -> None:
        """Nobody goes by what was so two seconds ago."""
        self.store.automations(is_fresh=True)
        self.worker.automations(is_fresh=True)

    def is_known(self, contact: str) -> bool:
        return bool(self.valkey.client().exists(self.store.keys.contact(contact)))

    def is_due_now(self, contact: str) -> bool:
        return contact in self.store.due_contacts(self.store.keys.each(), 10)


def _by_automations(contact: str, entries: Any) -> list[tuple[str, str, str, int | None]]:
    """Contact, automation, kind, and for openings and closes the number, of each line that an automation wrote."""
    kinds = set(LINES.values())
    found = []
    for entry, _ in entries:
        by = entry.data.get("by") or {}
        if entry.data["kind"] in kinds and "email" not in by and by.get("id", "").startswith("a"):
            found.append((contact, by["id"], str(entry.data["kind"]), _number_of(entry)))
    return found


def _number_of(entry: Entry) -> int | None:
    return int(entry.data["conversation"]) if entry.data["kind"] in ("opened", "closed") else None


def _steps_done(automation: str, record: RunRecord) -> list[tuple[str, str, str, int | None]]:
    found = []
    for step, result, words in record.done:
        line = LINES.get(step.partition("-")[0])
        if line and result == "done":
            number = int(words.partition("#")[2]) if line in ("opened", "closed") else None
            found.append((record.contact, automation, line, number))
    return found


def _place_of(question: Question) -> tuple[str, str]:
    markdone: Any = question.payload["markdone"]
    return markdone["contact"], markdone["entry"]


def test_automations_keep_what_is_promised_in_every_state(valkey: Valkey) -> None:
    Lives.valkey = valkey
    machine = Lives.TestCase
    machine.settings = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Where automations do not end, looking for a shorter example would take minutes.
        phases=(Phase.explicit, Phase.generate),
    )
    machine().runTest()
