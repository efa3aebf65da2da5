"""The conversations behind a number of a report, however many there are, in order of closing.

Closed ones are found by the index of what closed, from the period's first moment on: nothing closes before it opens.
Who opened or was answered in the period may still be open, or close while somebody reads. So the index is read up to a
moment shortly before the reading began, below which nothing is added any more; then each contact that has anything
open, or closed later, is looked at once, with all that it has.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.identities import conversation_id, parse_conversation_id
from domain.models import ClosedConversation, Conversation
from store.base import StoreBase
from store.entries import decode_closed, decode_open
from store.wanted_conversations import Found, Place, Step, Wanted, What

#: A process that was stopped for a moment may still write a time that is so long ago.
REST_MS = 120_000
#: So many are read of each partition in one go, and so many contacts of one partition.
OF_EACH, CONTACTS = 96, 500
#: So many merges are followed, one into the next.
MOST_MERGES = 10

Scored = tuple[int, str]


class ReportLists(StoreBase):
    """Reads what reports have counted."""

    def walk_conversations(self, wanted: Wanted, after: str = "") -> Iterator[Found]:
        """Yield all, as they are read, each with the name of its contact.

        In order of closing; those that are open, or closed a moment ago or meanwhile, come at the end. None comes
        twice, and none is left out that was there when it began. after: str() of a place, which is still good when
        days went by. Raises StoreError, BadPayload.
        """
        for step in self.conversation_steps(wanted, after):
            yield from self.with_names(step.found)

    def conversation_steps(self, wanted: Wanted, after: str = "") -> Iterator[Step]:
        """Yield the same in pieces, without persons and names; a piece may be empty. Raises StoreError, BadPayload."""
        reads_open = wanted.what is not What.CLOSED
        place: Place | None = Place.parse(after) if after else self._beginning(wanted)
        while place:
            if place.partition is not None:
                step = self._late_step(wanted, place)
            else:
                step = self._closed_step(wanted, place, place.horizon_ms if reads_open else wanted.stop_ms - 1)
                if step.next is None and reads_open:
                    step = step._replace(next=Place(place.horizon_ms, 0, 0, ""))
            yield step
            place = step.next

    def latest_first(self, wanted: Wanted, after: str = "") -> Iterator[Step]:
        """Yield what is open or closed a moment ago, by contact, and then what closed, the latest first.

        In pieces without persons and names. Raises StoreError, BadPayload.
        """
        reads_open = wanted.what is not What.CLOSED
        place: Place | None = Place.parse(after) if after else self._latest(wanted, reads_open=reads_open)
        while place:
            if place.partition is not None:
                step = self._late_step(wanted, place)
                if step.next is None:
                    step = step._replace(next=Place(place.horizon_ms, None, place.horizon_ms, "~"))
            else:
                step = self._closed_step(wanted, place, wanted.start_ms, backwards=True)
            yield step
            place = step.next

    def with_names(self, found: Iterable[Found]) -> list[Found]:
        """Return them with persons and names; those whose contact was deleted are left out. Raises StoreError."""
        some = list(found)
        known = self._persons({one.contact for one in some})
        named = ((one, known[one.contact]) for one in some if one.contact in known)
        return [one._replace(person=person, name=name) for one, (person, name) in named]

    def _beginning(self, wanted: Wanted) -> Place:
        return Place(self.now_ms() - REST_MS, None, wanted.start_ms, "")

    def _latest(self, wanted: Wanted, *, reads_open: bool) -> Place:
        horizon_ms = self.now_ms() - REST_MS
        return Place(horizon_ms, 0, 0, "") if reads_open else Place(0, None, wanted.stop_ms - 1, "~")

    # -- What closed, by the index

    def _closed_step(self, wanted: Wanted, after: Place, last_ms: int, *, backwards: bool = False) -> Step:
        """One piece of the index, from behind a place up to the moment `last_ms`."""
        way = -1 if backwards else 1

        def is_ahead(one: Scored, other: Scored) -> bool:
            return one < other if backwards else one > other

        answers = self._read_index(after.score, last_ms, backwards)
        # Where an answer was cut off, what lies behind its end could come before another one's.
        ends = sorted((answer[-1] for answer in answers if len(answer) == OF_EACH), reverse=backwards)
        ties = self._read_ties(after.score) if (last_ms - after.score) * way >= 0 else []
        some = sorted(
            (
                one
                for answer in (*answers, ties)
                for one in answer
                if is_ahead(one, (after.score, after.member)) and not (ends and is_ahead(one, ends[0]))
            ),
            reverse=backwards,
        )
        found = [
            Found(contact, conversation, Place(after.horizon_ms, None, *one))
            for one, contact, conversation in self._records(some)
            if wanted.fits(conversation)
        ]
        return Step(found, len(some), Place(after.horizon_ms, None, *ends[0]) if ends else None)

    def _read_index(self, from_ms: int, last_ms: int, backwards: bool) -> list[list[Scored]]:
        """What each partition has first behind a moment."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                key, options = self.keys.closed_index(partition), {"desc": backwards, "offset": 0, "num": OF_EACH}
                pipeline.zrange(key, f"({from_ms}", last_ms, byscore=True, withscores=True, **options)
            return pipeline.execute()

        return [_scored(answer) for answer in self.connection.command(read)]

    def _read_ties(self, at_ms: int) -> list[Scored]:
        """All that closed in one millisecond."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.closed_index(partition), at_ms, at_ms, byscore=True, withscores=True)
            return pipeline.execute()

        return [one for answer in self.connection.command(read) for one in _scored(answer)]

    def _records(self, some: list[Scored]) -> Iterator[tuple[Scored, str, ClosedConversation]]:
        named = [(one, pair) for one in some if (pair := parse_conversation_id(one[1]))]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for _, (contact, number) in named:
                pipeline.hget(self.keys.closed(contact), number)
            return pipeline.execute()

        for (one, (contact, _)), record in zip(named, self._ask_for(read, named), strict=True):
            if record:  # of a contact that was deleted meanwhile there is none
                yield one, contact, decode_closed(record)

    # -- What is open, or closed late

    def _late_step(self, wanted: Wanted, after: Place) -> Step:
        """What some contacts of one partition have open, or closed behind the horizon."""
        partition = after.partition or 0
        if partition >= self.keys.partitions:
            return Step([], 0, None)
        before = parse_conversation_id(after.member) or ("", 0)
        contacts = self._late_contacts(partition, after.horizon_ms)
        ahead = sorted(contact for contact in contacts if contact >= before[0])
        found = [
            Found(contact, one, Place(after.horizon_ms, partition, 0, conversation_id(contact, one.number)))
            for contact, one in self._late_conversations(ahead[:CONTACTS], after.horizon_ms)
            if (contact, one.number) > before and wanted.fits(one)
        ]
        following = Place(after.horizon_ms, partition + 1, 0, "")
        if len(ahead) > CONTACTS:
            following = Place(after.horizon_ms, partition, 0, conversation_id(ahead[CONTACTS], 0))
        return Step(found, len(ahead[:CONTACTS]), following)

    def _late_contacts(self, partition: int, horizon_ms: int) -> set[str]:
        """Who has anything open, or closed behind the horizon, at one moment."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=True)
            pipeline.zrange(self.keys.inbox(partition), 0, -1)
            pipeline.zrange(self.keys.closed_index(partition), f"({horizon_ms}", "+inf", byscore=True)
            return pipeline.execute()

        is_open, closed = self.connection.command(read)
        return {*is_open, *(pair[0] for member in closed if (pair := parse_conversation_id(member)))}

    def _late_conversations(self, contacts: list[str], horizon_ms: int) -> Iterator[tuple[str, Conversation]]:
        def read_open(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in contacts:
                pipeline.hgetall(self.keys.open(contact))
            return pipeline.execute()

        def read_closed(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in changed:
                pipeline.hvals(self.keys.closed(contact))
            return pipeline.execute()

        answers = self._ask_for(read_open, contacts)
        opened = [decode_open([part for pair in fields.items() for part in pair]) for fields in answers]
        # Where an old one is open nothing has closed since: only one is open at a time.
        changed = [
            contact
            for contact, one in zip(contacts, opened, strict=True)
            if one is None or one.opened_at_ms > horizon_ms
        ]
        closed = dict(zip(changed, self._ask_for(read_closed, changed), strict=True))
        for contact, one in zip(contacts, opened, strict=True):
            found: dict[int, Conversation] = {one.number: one} if one else {}
            for record in map(decode_closed, closed.get(contact, ())):
                if record.closed_at_ms > horizon_ms:
                    found[record.number] = record  # also in the place of what was open a moment ago
            for number in sorted(found):
                yield contact, found[number]

    # -- Who they are

    def _persons(self, contacts: set[str]) -> dict[str, tuple[str, str]]:
        """Who each contact is by now, and their name; without those who were deleted."""
        leads, found = {contact: contact for contact in contacts}, {}
        for _ in range(MOST_MERGES):
            known = self._read_names(sorted(set(leads.values())))
            further = {}
            for contact, person in leads.items():
                identity, merged_into, edited, name = known[person]
                if merged_into:
                    further[contact] = merged_into
                elif identity:
                    found[contact] = (person, edited or name or "")
            leads = further
        return found

    def _read_names(self, contacts: list[str]) -> dict[str, list[str | None]]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in contacts:
                pipeline.hmget(self.keys.contact(contact), "identity", "merged_into", "edited_name", "name")
            return pipeline.execute()

        return dict(zip(contacts, self._ask_for(read, contacts), strict=True))

    def _ask_for(self, read: Any, wanted: list[Any]) -> list[Any]:
        return list(self.connection.command(read)) if wanted else []


def _scored(answer: list[tuple[str, float]]) -> list[Scored]:
    return [(int(score), member) for member, score in answer]
