"""What the store promises, looked at after each step; the model is what its clients were told."""

from collections import Counter

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from domain.identities import Identity, contact_id
from domain.models import Letter, OpenConversation, Snapshot, Source
from store.reading import conversation_of
from tests.conftest import StoppedClock, make_store
from tests.servers import Valkey

WHO = [Identity("facebook", "1", "s"), Identity("viber", "shop", "p+/=")]
CLIENTS = 3
#: What an entry may become from one step to the next. Everything that is not listed never changes.
MAY_BECOME = {
    "p": "gsdrf",  # an earlier attempt's echo, or what its receipt said
    "g": "psdrfu",
    "u": "sdrf",
    "f": "sdr",  # only if an attempt failed, not if the platform said so later
    "s": "drf",
    "d": "r",
}


class Promises(RuleBasedStateMachine):
    """Several clients of one server, who have done nothing yet."""

    valkey: Valkey

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
        self.closed: dict[tuple[str, int], Source] = {}
        self.effects: set[tuple[str, int]] = set()
        self.letters: dict[tuple[str, int], str] = {}
        self.until_ms: dict[str, tuple[int, int]] = {}

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
            from_inbox = [entry for entry in entries if entry.data.get("via") == "page_inbox"]
            assert len(messages) + len(from_inbox) == len(native_ids), "each native id is one entry"
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
            assert (redis.zscore(f"{prefix}:with_bot", contact) is not None) == (is_open and not needs)
            unassigned = is_open and still_open[0].assignee is None
            assert (redis.zscore(f"{prefix}:unassigned", contact) is not None) == unassigned
            own = Counter(conversation_of(entry, conversations) for entry in messages)
            assert {one.number: one.incoming for one in conversations if one.incoming} == dict(own), (
                "each counts its own"
            )
            self.check_one_way(contact)

    def check_one_way(self, contact: str) -> None:
        for number, (letter, _) in enumerate(self.timeline(contact)):
            before = self.letters.get((contact, number), letter)
            assert letter == before or letter in MAY_BECOME.get(before, ""), f"{before} became {letter}"
            self.letters[contact, number] = letter
        now, before_ms = self.watermarks(contact), self.until_ms.get(contact, (0, 0))
        assert now[0] >= before_ms[0] and now[1] >= before_ms[1], "a watermark never goes back"
        self.until_ms[contact] = now

    def timeline(self, contact: str) -> list[tuple[str, str]]:
        """The letter and the platform's id of each entry."""
        return [(entry.letter, entry.external_id) for entry, _ in self.stores[0].timeline(contact, 0, 10_000).entries]

    def watermarks(self, contact: str) -> tuple[int, int]:
        page = self.stores[0].timeline(contact, 0, 1)
        return page.delivered_until_ms, page.read_until_ms

    def read(self, contact: str) -> Snapshot:
        return self.stores[0].snapshot(contact)

    def letter(self, contact: str, number: int) -> str:
        return self.stores[0].timeline(contact, number, 1).entries[0][0].letter

    def note_closed(self, contact: str, number: int, source: Source) -> None:
        assert (contact, number) not in self.closed, "closed twice"
        self.closed[contact, number] = source
        found = self.stores[0].conversation(contact, number)
        assert not isinstance(found, OpenConversation) and found.closed_source is source
