"""Merges: asked for on one timeline of their own, carried out in two steps that may each be repeated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.actions import ChangeProfile
from domain.errors import BadPayload, NotFound
from domain.identities import MERGES, MERGES_ID
from domain.models import Contact, Entry, Letter, Snapshot
from store.automation_words import encode_state
from store.automations import AutomationsKept
from store.base import check_contact, digest, status_of
from store.entries import decode_entry, decode_snapshot, encode_json
from store.reading import Reading
from store.receiving import MOST_MERGES
from store.searching import Searching

#: KEYS[17] is the first that the scripts find by its number.
FIRST_KEY = 17
#: An outcome stands behind what was asked for before it was decided; looked for so many entries at a time.
STEP = 50
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class MergeState:
    """How far a merge is. outcome: one of handlers.merges.MergeOutcome, empty while it is under way.

    primary: who has it all in the end; secondary: who became a part of them. Contacts' ids.
    """

    is_done: bool
    outcome: str = ""
    primary: str = ""
    secondary: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step came to: ok, again (it was done before), conflict, elsewhere, merged or unknown.

    snapshot: the contact afterwards, or as it is now. moved: undecided entries that go to the primary.
    """

    status: str
    snapshot: Snapshot | None = None
    moved: tuple[Entry, ...] = ()


class Merging(Reading, Searching, AutomationsKept):
    """The store's matchmaker."""

    def request_merge(self, primary: str, secondary: str, *, by: dict[str, Any] | None, operation: str = "") -> int:
        """Ask for `secondary` to become a part of `primary`; return the number under which `merge_state` tells.

        by: a user's card, None for the API. operation: whoever asks again with the same one gets the same number.
        Raises BadPayload when both are the same, NotFound when one of them does not exist, StoreError.
        """
        return self.request_merge_once(primary, secondary, by=by, operation=operation)[0]

    def request_merge_once(
        self, primary: str, secondary: str, *, by: dict[str, Any] | None, operation: str
    ) -> tuple[int, bool]:
        """Do as request_merge(); return as well whether this is the first time with that operation."""
        if primary == secondary:
            raise BadPayload("A contact cannot be merged with itself.")
        for contact in (primary, secondary):
            self.snapshot(contact)
        known_by = digest(operation).hex() if operation else None
        entry = {"kind": "merge", "at": self.now_ms(), "primary": primary, "secondary": secondary, "by": by}
        mark = f'"operation":"{known_by}"' if known_by else ""
        words = (str(MERGES), encode_json({**entry, "operation": known_by}), mark)
        answer = self.connection.run(self._call("request_merge", MERGES_ID, *words))
        is_new = status_of(answer, ("ok", "repeated")) == "ok"
        return int(answer[1]), is_new

    def merge_state(self, entry: int) -> MergeState:
        """Return what came of the merge with this number. Raises NotFound when there is none, StoreError."""
        asked = self.timeline(MERGES_ID, entry, 1).entries
        if not asked or asked[0][0].number != entry or asked[0][0].data.get("kind") != "merge":
            raise NotFound("There is no such merge.")
        start = entry + 1
        while True:
            page = self.timeline(MERGES_ID, start, STEP)
            for found, _ in page.entries:
                if found.data.get("of") == entry:
                    data = found.data
                    return MergeState(True, data["outcome"], data.get("primary", ""), data.get("secondary", ""))
            start += STEP
            if start >= page.end:
                return MergeState(False)

    def wait_for_merge(self, entry: int, seconds: float = 2.0) -> MergeState:
        """Return what came of it, waiting a little for that. Raises NotFound, StoreError."""
        give_up_at = time.monotonic() + seconds
        while not (state := self.merge_state(entry)).is_done and time.monotonic() < give_up_at:
            time.sleep(LOOK_EVERY_S)
        return state

    def merge_chain(self, contact: str) -> list[str]:
        """Return the contact, whom it was merged into, whom that was merged into, and so on. Raises StoreError."""
        check_contact(contact)
        chain = [contact]
        while len(chain) <= MOST_MERGES:
            primary = self._merged_into(chain[-1])
            if not primary:
                break
            chain.append(primary)
        return chain

    def _merged_into(self, contact: str) -> str:
        key = self.keys.contact(contact)
        return self.connection.command(lambda client: client.hget(key, "merged_into")) or ""

    def resolve(self, contact: str) -> str:
        """Return who a contact is by now: itself, unless it was merged into another one. Raises StoreError."""
        return self.merge_chain(contact)[-1]

    def count_undecided(self, snapshot: Snapshot) -> int:
        """Return how many messages a merge would move from this contact to another one. Raises StoreError."""
        if snapshot.open is None:
            return 0
        first = max(snapshot.contact.cursor, snapshot.open.first_entry)
        page = self.timeline(snapshot.contact.id, first, max(snapshot.end - first, 1))
        return sum(entry.letter is Letter.MESSAGE for entry, _ in page.entries)

    def merge_suggestions(self, contact: Contact, terms: Sequence[str], limit: int = 10) -> list[Contact]:
        """Return contacts with the same phone number or email. terms: see handlers.merges. Raises StoreError."""
        found = dict.fromkeys(one for term in terms for one in self.with_term(term, limit + 1))
        others = [one for one in found if one != contact.id]
        known = [pair[0] for pair in self._contacts(others) if pair]
        return [one for one in known if not one.merged_into][:limit]

    # -- The two steps

    def merge_secondary(self, seen: Snapshot, primary: str, *, by: dict[str, Any] | None) -> Taken:
        """Make the contact a part of `primary`: close what is open, take it out of all lists. Raises StoreError.

        May be repeated, whatever `seen` says by then, and gives the same again. Status ok, conflict (it changed),
        elsewhere (it is a part of another one) or unknown.
        """
        contact = seen.contact
        places = _Places()
        partition = self.keys.partition(contact.id)
        for name in _labels(contact):
            places.add(self.keys.label(partition, name), contact.id)
        for term in contact.terms:
            places.add(self.keys.terms(partition), f"{term}\0{contact.id}")
        line = {"kind": "merged", "at": self.now_ms(), "into": primary, "by": by}
        who = encode_json(by) if by else ""
        wanted = " ".join(self.automations().wanted)
        words = (contact.version, "\n".join(contact.terms), primary, who, encode_json(line), wanted)
        call = self._call("merge_secondary", contact.id, *words, *places.words, extra_keys=places.keys)
        answer = self.connection.run(call)
        word = status_of(answer, ("ok", "conflict", "elsewhere", "unknown"))
        if word != "ok":
            return Taken(word)
        numbers, entries = answer[2][::2], answer[2][1::2]
        moved = tuple(decode_entry(int(number), entry) for number, entry in zip(numbers, entries, strict=True))
        return Taken(word, decode_snapshot(contact.id, answer[1]), moved)

    def merge_primary(
        self, seen: Snapshot, secondary: Contact, change: ChangeProfile, moved: Sequence[tuple[Letter, dict[str, Any]]]
    ) -> Taken:
        """Take over what is known of `secondary`, and its undecided messages. Raises StoreError.

        Status ok, again (it was done before), conflict (decide anew on `snapshot`), merged (the contact is itself a
        part of another one) or unknown.
        """
        contact = seen.contact
        places = _Places()
        partition = self.keys.partition(contact.id)
        terms_key = self.keys.terms(partition)
        leaves = [term for term in contact.terms if term not in change.terms]
        enters = [term for term in change.terms if term not in contact.terms]
        labels = [f"tag:{tag}" for tag in change.tags if tag not in change.tags_before]
        labels += [f"channel:{identity.channel}" for identity in secondary.identities]
        for term in (*leaves, *enters):
            places.add(terms_key, f"{term}\0{contact.id}")
        for name in dict.fromkeys(labels):
            places.add(self.keys.label(partition, name), contact.id)
        line = change.line.details if change.line else {}
        told = {"kind": "merged", "at": self.now_ms(), "conversation": change.number or None, **line}
        values = {**change.values, **_ran(contact, secondary)}
        moves = [(letter, {**data, "moved_at": told["at"]}) for letter, data in moved]
        channel = str(moved[0][1]["identity"]).partition(":")[0] if moved else ""
        call = self._call(
            "merge_primary",
            contact.id,
            contact.version,
            "\n".join(contact.terms),
            secondary.id,
            secondary.created_at_ms,
            encode_json(told),
            channel,
            len(values),
            len(leaves),
            len(places.words) // 2 - len(leaves),
            " ".join(self.automations().wanted),
            *(part for pair in values.items() for part in pair),
            *places.words,
            *(part for letter, data in moves for part in (letter, int(data["at"]), encode_json(data))),
            extra_keys=places.keys,
        )
        answer = self.connection.run(call)
        word = status_of(answer, ("ok", "again", "conflict", "merged", "unknown"))
        return Taken(word, decode_snapshot(contact.id, answer[1]) if word == "conflict" else None)


class _Places:
    """Members of sorted sets, whose keys the scripts know by number."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.words: list[str | int] = []

    def add(self, key: str, member: str) -> None:
        if key not in self.keys:
            self.keys.append(key)
        self.words += [FIRST_KEY + self.keys.index(key), member]


def _ran(contact: Contact, secondary: Contact) -> dict[str, str]:
    """What ran for one of the two ran for the person; in which conversation, counts on the own timeline only."""
    own = contact.run_state
    new = {automation: -1 for automation in secondary.run_state.ran if automation not in own.ran}
    return {"automations": encode_state(replace(own, ran={**new, **own.ran}))} if new else {}


def _labels(contact: Contact) -> list[str]:
    names = [f"tag:{tag}" for tag in contact.tags] + [f"channel:{identity.channel}" for identity in contact.identities]
    return list(dict.fromkeys(names))
