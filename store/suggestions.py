"""Contacts that may be one and the same person: pairs with the same phone or email, found bit by bit by the workers.

There is no list of equal phones and emails over the partitions. The search terms have them in order, each partition
its own: a walk over all of them side by side comes by those that two contacts have.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Any

from domain.identities import is_contact_id
from domain.models import Contact
from store.base import check_contact
from store.listing import Listing

#: One worker looks, once a minute; less than that, so that the claim is over when the next look is due.
CLAIM_S = 55
#: So many terms of each partition are read at once.
STEP = 500
MOST_KEPT = 100
MOST_DISMISSED = 10_000
#: Of contacts that all have the same phone or email, so many are compared.
MOST_ALIKE = 10
#: A term ends with a zero byte; this stands behind all that begin so.
_END, _BEHIND = "\0", "\1"
_CHUNK = 20

Pair = tuple[str, str]


class Suggestions(Listing):
    """Merge suggestions over all contacts; for those of one contact see store/merging.py."""

    def claim_suggestions(self) -> bool:
        """Take this minute's look; False when somebody has it. Raises StoreError."""
        key = self.keys.suggestions_claim
        return bool(self.connection.command(lambda client: client.set(key, "1", nx=True, ex=CLAIM_S)))

    def suggestions_place(self) -> str:
        """Return where the walk over the terms goes on; empty: at the beginning. Raises StoreError."""
        return self.connection.command(lambda client: client.get(self.keys.suggestions_place)) or ""

    def set_suggestions_place(self, place: str) -> None:
        """Remember where the walk goes on. Raises StoreError."""
        self.connection.command(lambda client: client.set(self.keys.suggestions_place, place))

    def alike(self, place: str) -> tuple[list[list[str]], str]:
        """Read a bounded stretch of the terms; return groups of contacts with the same phone or email, and where the
        next stretch begins, nothing at the end.

        Among them may be somebody who is called what the others have for a phone. Raises StoreError.
        """
        low = f"[{place}" if place else "-"

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.terms(partition), low, "+", bylex=True, offset=0, num=STEP)
            return pipeline.execute()

        answers: list[list[str]] = self.connection.command(read)
        members = [member for answer in answers for member in answer]
        ends = [answer[-1].partition(_END)[0] for answer in answers if len(answer) == STEP]
        if not ends:
            return _groups(members), ""
        # Beyond the first of these ends, not every partition has told all that it has.
        end = min(ends)
        if place == f"{end}{_END}":  # more contacts have this one term than are read at once
            return _groups(member for member in members if member.startswith(place)), f"{end}{_BEHIND}"
        return _groups(member for member in members if member < end + _END), f"{end}{_END}"

    def suggest(self, groups: Sequence[list[str]]) -> int:
        """Keep pairs of those who are alike, as long as there is room; return how many are kept.

        Those of before that are not right any more go. Raises StoreError.
        """
        key, dismissed_key = self.keys.suggestions, self.keys.dismissed_suggestions
        known, dismissed = self.connection.command(
            lambda client: (client.zrange(key, 0, -1), set(client.zrange(dismissed_key, 0, -1)))
        )
        right = {_member(*pair) for pair in self._right(map(_read_pair, known))}
        gone = [member for member in known if member not in right]
        room, now_ms = MOST_KEPT - len(right), self.now_ms()
        added: dict[str, int] = {}
        for start in range(0, len(groups), _CHUNK):
            if len(added) >= room:
                break
            some = groups[start : start + _CHUNK]
            found = self._known(contact for group in some for contact in group)
            for group in some:
                pairs = _pairs([found[contact] for contact in group if contact in found], dismissed)
                added |= {member: now_ms for member in pairs if member not in right}
        added = dict(list(added.items())[:room])

        def write(client: Any) -> None:
            if gone:
                client.zrem(key, *gone)
            if added:
                client.zadd(key, added)

        self.connection.command(write)
        return len(right) + len(added)

    def suggestions(self, limit: int) -> tuple[list[tuple[Contact, Contact]], bool]:
        """Return up to `limit` pairs as they are now, found last first, each the one known longer first; and whether
        there are more. Raises StoreError.
        """
        key = self.keys.suggestions
        members: list[str] = self.connection.command(lambda client: client.zrange(key, 0, -1, desc=True))
        found: list[tuple[Contact, Contact]] = []
        for start in range(0, len(members), _CHUNK):
            found += self._right(map(_read_pair, members[start : start + _CHUNK])).values()
            if len(found) > limit:
                break
        return found[:limit], len(found) > limit

    def dismiss_suggestion(self, one: str, other: str) -> None:
        """Do not suggest these two again: they are not the same person. Raises StoreError."""
        for contact in (one, other):
            check_contact(contact)
        member, now_ms, dismissed = _member(one, other), self.now_ms(), self.keys.dismissed_suggestions

        def write(client: Any) -> None:
            pipeline = client.pipeline()
            pipeline.zadd(dismissed, {member: now_ms})
            pipeline.zremrangebyrank(dismissed, 0, -MOST_DISMISSED - 1)
            pipeline.zrem(self.keys.suggestions, member)
            pipeline.execute()

        self.connection.command(write)

    def forget_dismissed(self) -> None:
        """Forget pairs that were dismissed, of which one does not exist any more. Raises StoreError."""
        key = self.keys.dismissed_suggestions
        members: list[str] = self.connection.command(lambda client: client.zrange(key, 0, -1))
        gone = [
            member for start in range(0, len(members), STEP) for member in self._gone(members[start : start + STEP])
        ]
        if gone:
            self.connection.command(lambda client: client.zrem(key, *gone))

    def _gone(self, members: list[str]) -> list[str]:
        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for member in members:
                for contact in _read_pair(member):
                    pipeline.exists(self.keys.contact(contact))
            return pipeline.execute()

        there = self.connection.command(read)
        return [member for place, member in enumerate(members) if not all(there[2 * place : 2 * place + 2])]

    def _right(self, pairs: Iterable[Pair]) -> dict[Pair, tuple[Contact, Contact]]:
        """Of pairs, those that may be one person and were not dismissed."""
        wanted = list(pairs)
        if not wanted:
            return {}
        key = self.keys.dismissed_suggestions
        names = [_member(*pair) for pair in wanted]
        dismissed = self.connection.command(lambda client: client.zmscore(key, names))
        left = [pair for pair, at in zip(wanted, dismissed, strict=True) if at is None]
        known = self._known(contact for pair in left for contact in pair)
        right = {}
        for pair in left:
            one, other = known.get(pair[0]), known.get(pair[1])
            if one and other and _may_be_one(one, other):
                right[pair] = (one, other) if one.created_at_ms <= other.created_at_ms else (other, one)
        return right

    def _known(self, contacts: Iterable[str]) -> dict[str, Contact]:
        return {found[0].id: found[0] for found in self._contacts(list(dict.fromkeys(contacts))) if found}


def _groups(members: Iterable[str]) -> list[list[str]]:
    reachable = sorted(member for member in members if _is_reach(member.partition(_END)[0]))
    groups = groupby(reachable, key=lambda member: member.partition(_END)[0])
    named = [[member.rpartition(_END)[2] for member in group][:MOST_ALIKE] for _, group in groups]
    return [group for group in named if len(group) > 1]


def _pairs(group: Sequence[Contact], dismissed: set[str]) -> list[str]:
    """Each beside the one before it with the same phone, and the one with the same email.

    One of them may be there only because the others' phone is what they are called.
    """
    pairs = []
    for place, other in enumerate(group):
        for is_same in (_same_phone, _same_email):
            fitting = (one for one in reversed(group[:place]) if _may_be_one(one, other) and is_same(one, other))
            members = (_member(one.id, other.id) for one in fitting)
            pairs += list(islice((member for member in members if member not in dismissed), 1))
    return list(dict.fromkeys(pairs))


def _is_reach(term: str) -> bool:
    """Tell whether a term can be a phone or an email, and not a part of a name."""
    return "@" in term or term.removeprefix("+").isdecimal()


def _may_be_one(one: Contact, other: Contact) -> bool:
    is_own = not (one.merged_into or other.merged_into or one.is_blocked or other.is_blocked)
    return is_own and (_same_phone(one, other) or _same_email(one, other))


def _same_phone(one: Contact, other: Contact) -> bool:
    return bool(one.phone) and one.phone == other.phone


def _same_email(one: Contact, other: Contact) -> bool:
    return bool(one.email) and one.email == other.email


def _member(one: str, other: str) -> str:
    return f"{min(one, other)} {max(one, other)}"


def _read_pair(member: str) -> Pair:
    one, _, other = member.partition(" ")
    return (one, other) if is_contact_id(one) and is_contact_id(other) else ("", "")
