"""What was said with a person over all parts: the contact's own timeline and those merged into it, by time."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from domain.errors import BadPayload, NotFound
from domain.models import Contact, Conversation, Entry, Letter
from store.base import check_contact
from store.entries import decode_closed, decode_contact, decode_entry, decode_open
from store.reading import Reading, conversation_of

_POSITION = re.compile(r"\d{1,12}(\.[a-z2-7]{24}-\d{1,12})*")
_MAY_MOVE = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME)


class HistoryEntry(NamedTuple):
    """One entry, with the contact on whose timeline it stands and the number of its conversation there.

    delivered_until_ms, read_until_ms: what the platform said of the identity that it went out on.
    """

    contact: str
    entry: Entry
    conversation: int | None
    delivered_until_ms: int
    read_until_ms: int


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A stretch of a history, in order. Positions are opaque.

    start, after: where it begins and where it ends; before: start, or None when nothing is before it. has_more:
    something is behind it.
    """

    entries: list[HistoryEntry]
    start: str
    before: str | None
    after: str
    has_more: bool


@dataclass
class Part:
    """One timeline. read: the entries that were read and not used yet, from the entry `low` up to before `high`."""

    contact: Contact
    base: int
    end: int
    conversations: list[Conversation]
    delivered_until_ms: int
    read_until_ms: int
    read: list[Entry] = field(default_factory=list)
    low: int = 0
    high: int = 0

    def shows(self, entry: Entry) -> bool:
        """What went to another contact undecided is shown there."""
        contact = self.contact
        has_moved = contact.merged_into and entry.number >= contact.merged_from and entry.letter in _MAY_MOVE
        return not has_moved or "token" in entry.data


class Histories(Reading):
    """Reads over all parts of a contact. One without parts costs no more than its timeline alone."""

    def history(self, contact: str, before: str | None = None, limit: int = 50) -> HistoryPage:
        """Return the newest `limit` entries before a position; None: the newest there are.

        Raises BadPayload for what is not a position, StoreError.
        """
        parts = self._parts_of(contact)
        stops = read_position(before, parts) if before is not None else {}
        for part in parts:
            part.low = part.high = min(max(stops.get(part.contact.id, part.end), part.base), part.end)
        stop = {part.contact.id: part.high for part in parts}
        found: list[tuple[Part, Entry]] = []
        while len(found) < limit:
            self._fill(parts, limit, lambda part, size: (max(part.low - size, part.base), part.low))
            # Of what came at the same moment the earlier part's is first, whichever way one reads.
            unread = [part for part in reversed(parts) if part.read]
            latest = max(unread, key=lambda part: moment_of(part.read[-1]), default=None)
            if latest is None:
                break
            found.append((latest, latest.read.pop()))
            latest.high = found[-1][1].number
        start = {part.contact.id: part.high if part.read else part.low for part in parts}
        has_older = any(start[part.contact.id] > part.base for part in parts)
        has_more = any(stop[part.contact.id] < part.end for part in parts)
        found.reverse()
        position = _position(contact, start)
        return HistoryPage(
            numbered(found, parts), position, position if has_older else None, _position(contact, stop), has_more
        )

    def history_since(self, contact: str, mark: str, limit: int = 200) -> HistoryPage:
        """Return up to `limit` entries from a position on. Of what was merged in since then only what is new.

        Raises BadPayload for what is not a position, StoreError.
        """
        parts = self._parts_of(contact)
        return self._read_on(contact, parts, read_position(mark, parts), limit)

    def _read_on(self, contact: str, parts: list[Part], starts: Mapping[str, int], limit: int) -> HistoryPage:
        for part in parts:
            part.low = part.high = min(max(starts.get(part.contact.id, part.end), part.base), part.end)
        start = {part.contact.id: part.low for part in parts}
        found: list[tuple[Part, Entry]] = []
        while len(found) < limit:
            self._fill(parts, limit, lambda part, size: (part.high, min(part.high + size, part.end)))
            first = min((part for part in parts if part.read), key=lambda part: moment_of(part.read[0]), default=None)
            if first is None:
                break
            found.append((first, first.read.pop(0)))
        stop = {part.contact.id: part.read[0].number if part.read else part.high for part in parts}
        has_older = any(start[part.contact.id] > part.base for part in parts)
        has_more = any(stop[part.contact.id] < part.end for part in parts)
        position = _position(contact, start)
        return HistoryPage(
            numbered(found, parts), position, position if has_older else None, _position(contact, stop), has_more
        )

    def history_position(self, contact: str, part: str, number: int) -> str:
        """Return the position of an entry of one of the parts: history_since() begins with it.

        part: the contact on whose timeline it stands. Raises NotFound when that is none of them, StoreError.
        """
        parts = self._parts_of(contact)
        named = next((one for one in parts if one.contact.id == part), None)
        if named is None:
            raise NotFound("there is no such entry")
        own = min(max(number, named.base), named.end)
        at_ms = self._at_of(named, own)
        found = {one.contact.id: self._first_at(one, at_ms) for one in parts if one is not named}
        return _position(contact, {named.contact.id: own, **found})

    def all_conversations(self, contact: str) -> list[tuple[str, Conversation]]:
        """Return the conversations of all parts, each with its contact's id, latest first. Raises StoreError."""
        found = [(part.contact.id, one) for part in self._parts_of(contact) for one in part.conversations]
        return sorted(found, key=lambda pair: (pair[1].opened_at_ms, pair[1].number), reverse=True)

    # -- Reading the parts

    def _parts_of(self, contact: str) -> list[Part]:
        """The contact itself first; then what is merged into it: who was deleted meanwhile may be elsewhere by now."""
        check_contact(contact)
        parts = self._read_parts([contact])
        if not parts:
            return []
        others = self._read_parts(parts[0].contact.parts) if parts[0].contact.parts else []
        into = {part.contact.id: part.contact.merged_into for part in others}
        return parts + [part for part in others if _leads_to(contact, part.contact.id, into)]

    def _read_parts(self, contacts: Iterable[str]) -> list[Part]:
        wanted = list(contacts)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in wanted:
                pipeline.hgetall(self.keys.contact(contact))
                pipeline.llen(self.keys.timeline(contact))
                pipeline.hgetall(self.keys.open(contact))
                pipeline.hvals(self.keys.closed(contact))
            return pipeline.execute()

        answers = self.connection.command(read)
        found = []
        for contact, fields, length, opened, closed in zip(
            wanted, answers[::4], answers[1::4], answers[2::4], answers[3::4], strict=True
        ):
            if "identity" not in fields:
                continue
            is_open = decode_open(_flat(opened))
            conversations: list[Conversation] = [decode_closed(record) for record in closed]
            conversations += [is_open] if is_open else []
            conversations.sort(key=lambda conversation: conversation.number, reverse=True)
            base = int(fields.get("base", 0))
            until = (int(fields.get("delivered_until", 0)), int(fields.get("read_until", 0)))
            found.append(Part(decode_contact(contact, _flat(fields)), base, base + length, conversations, *until))
        return found

    def _fill(self, parts: list[Part], size: int, stretch: Callable[[Part, int], tuple[int, int]]) -> None:
        """Read on in those parts of which nothing is left that was read and is shown."""
        while wanted := [(part, *stretch(part, size)) for part in parts if not part.read]:
            wanted = [(part, first, end) for part, first, end in wanted if first < end]
            if not wanted:
                return
            for (part, first, end), entries in zip(wanted, self._stretches(wanted), strict=True):
                part.read = [entry for entry in entries if part.shows(entry)]
                part.low, part.high = first, end

    def _stretches(self, wanted: list[tuple[Part, int, int]]) -> list[list[Entry]]:
        """Return of each of these timelines the entries from one number up to before another."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for part, first, end in wanted:
                # From 1 to 0 is nothing, from 0 to -1 would be everything.
                reach = (first - part.base, end - part.base - 1) if first < end else (1, 0)
                pipeline.lrange(self.keys.timeline(part.contact.id), *reach)
            return pipeline.execute()

        return [
            [decode_entry(first + i, entry) for i, entry in enumerate(stored)]
            for (_, first, _), stored in zip(wanted, self.connection.command(read), strict=True)
        ]

    def _at_of(self, part: Part, number: int) -> int:
        key, index = self.keys.timeline(part.contact.id), number - part.base
        stored = self.connection.command(lambda client: client.lindex(key, index))
        return moment_of(decode_entry(number, stored)) if stored else self.now_ms()

    def _first_at(self, part: Part, at_ms: int) -> int:
        """The first entry of that time or later; the halves are halved, since a timeline is in the order of time."""
        low, high = part.base, part.end
        while low < high:
            middle = (low + high) // 2
            if self._at_of(part, middle) < at_ms:
                low = middle + 1
            else:
                high = middle
        return low


def _leads_to(contact: str, part: str, into: Mapping[str, str]) -> bool:
    for _ in into:
        part = into.get(part, "")
        if part == contact:
            return True
    return False


def numbered(found: list[tuple[Part, Entry]], parts: list[Part]) -> list[HistoryEntry]:
    # What a platform says up to a time it says of one identity, and that is always kept with the contact it made.
    until = {str(part.contact.identity): (part.delivered_until_ms, part.read_until_ms) for part in parts}
    shown = []
    for part, entry in found:
        marks = until.get(str(part.contact.identity_of(entry)), (0, 0))
        shown.append(HistoryEntry(part.contact.id, entry, conversation_of(entry, part.conversations), *marks))
    return shown


def _position(contact: str, numbers: Mapping[str, int]) -> str:
    others = [f"{part}-{number}" for part, number in numbers.items() if part != contact]
    return ".".join([str(numbers.get(contact, 0)), *others])


def read_position(text: str, parts: list[Part]) -> dict[str, int]:
    if not _POSITION.fullmatch(text):
        raise BadPayload("That is not a position in this history.")
    own, *others = text.split(".")
    numbers = {part: int(number) for part, number in (other.split("-") for other in others)}
    return {**numbers, **({parts[0].contact.id: int(own)} if parts else {})}


def moment_of(entry: Entry) -> int:
    """When it came to its timeline (ms): what a merge moved there did so later than it was said."""
    return int(entry.data.get("moved_at") or entry.data.get("at", 0))


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
