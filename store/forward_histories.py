"""A person's history from its beginning on, or from behind one entry, in the one order of all its parts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.errors import NotFound
from domain.models import Entry
from store.entries import decode_entry
from store.histories import Histories, HistoryEntry, HistoryPage, Part, moment_of, numbered, read_position

#: Processes do not agree on the time to the millisecond: an entry may be out of its order by so many others.
SLACK = 20
#: Into so many pieces, less one, a timeline is divided when a moment is looked for.
PROBES = 16


class _Place(NamedTuple):
    """Where an entry stands in the order: of what came at the same moment the earlier part's is first."""

    at_ms: int
    part: int


class _Search(NamedTuple):
    """Before the entry `low` nothing is behind the place that is looked for; the entry `high` is, or there is none."""

    nth: int
    part: Part
    low: int
    high: int


class ForwardHistories(Histories):
    """Reads on. One contact without parts costs no more than its timeline alone."""

    def history_from(self, contact: str, position: str | None = None, limit: int = 50) -> HistoryPage:
        """Return the first `limit` entries, or those from a position on.

        Of what was merged in since the position was made, those that are later than what is before the position.
        Raises BadPayload for what is not a position, StoreError.
        """
        parts = self._parts_of(contact)
        starts = {part.contact.id: part.base for part in parts}
        if position is not None:
            starts = self._complete(parts, read_position(position, parts))
        return self._read_on(contact, parts, starts, limit)

    def history_behind(self, contact: str, part: str, number: int, limit: int = 50) -> HistoryPage:
        """Return up to `limit` entries that come after one of them.

        part: the contact on whose timeline that stands. Raises NotFound when it is none of the parts, StoreError.
        """
        parts = self._parts_of(contact)
        return self._read_on(contact, parts, self._behind(parts, part, number), limit)

    def own_entry_behind(self, contact: str, part: str, number: int) -> int:
        """Return the number of the contact's own first entry that comes after that one. Raises as history_behind."""
        return self._behind(self._parts_of(contact), part, number)[contact]

    def history_entry(self, contact: str, number: int) -> HistoryEntry:
        """Return one entry of the contact's own timeline. Raises NotFound, StoreError."""
        parts = self._parts_of(contact)
        found = self._stretches([(parts[0], number, number + 1)])[0] if parts and number >= parts[0].base else []
        if not found:
            raise NotFound("there is no such entry")
        return numbered([(parts[0], found[0])], parts)[0]

    def _behind(self, parts: list[Part], part: str, number: int) -> dict[str, int]:
        if part not in [one.contact.id for one in parts]:
            raise NotFound("there is no such entry")
        return self._complete(parts, {part: number + 1})

    def _complete(self, parts: list[Part], starts: Mapping[str, int]) -> dict[str, int]:
        """Return where to begin in all parts, given some: behind the last entry that stands before those."""
        known = [part for part in parts if part.contact.id in starts]
        if len(known) == len(parts):
            return dict(starts)
        ends = [min(max(starts[part.contact.id], part.base), part.end) for part in known]
        stretches = [(part, max(end - SLACK, part.base), end) for part, end in zip(known, ends, strict=True)]
        places = [
            _Place(moment_of(entry), parts.index(part))
            for part, entries in zip(known, self._stretches(stretches), strict=True)
            for entry in entries
            if part.shows(entry)
        ]
        last = max(places, default=_Place(-1, 0))
        searches = [_Search(nth, part, part.base, part.end) for nth, part in enumerate(parts) if part not in known]
        return {**starts, **self._first_behind(searches, last)}

    def _first_behind(self, searches: list[_Search], place: _Place) -> dict[str, int]:
        """Return of each part the first entry behind the place, in few round trips however long they are."""
        while any(one.high - one.low > SLACK for one in searches):
            searches = self._narrow(searches, place)
        windows = [(one.part, max(one.low - SLACK, one.part.base), one.high) for one in searches]
        return {
            one.part.contact.id: next((entry.number for entry in entries if _is_behind(entry, one, place)), one.high)
            for one, entries in zip(searches, self._stretches(windows), strict=True)
        }

    def _narrow(self, searches: list[_Search], place: _Place) -> list[_Search]:
        probes = [_probes(one) for one in searches]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for one, numbers in zip(searches, probes, strict=True):
                for number in numbers:
                    pipeline.lindex(self.keys.timeline(one.part.contact.id), number - one.part.base)
            return pipeline.execute()

        answers = iter(self.connection.command(read))
        narrowed = []
        for one, numbers in zip(searches, probes, strict=True):
            for number, stored in list(zip(numbers, answers, strict=False)):
                if not stored or _is_behind(decode_entry(number, stored), one, place):
                    one = one._replace(high=number)
                    break
                one = one._replace(low=number + 1)
            narrowed.append(one)
        return narrowed


def _probes(search: _Search) -> list[int]:
    size = search.high - search.low
    return [search.low + size * k // PROBES for k in range(1, PROBES)] if size > SLACK else []


def _is_behind(entry: Entry, search: _Search, place: _Place) -> bool:
    return _Place(moment_of(entry), search.nth) > place
