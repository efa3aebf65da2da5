"""How much there is to do: who waits longest for a person, and what each user has of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import StoreError
from domain.models import Contact, Entry, Letter, OpenConversation
from store.base import status_of
from store.connection import Call
from store.entries import decode_contact, decode_entry, decode_open
from store.listing import Listing

#: Of each user, those who wait are counted among so many conversations of each partition.
MOST_COUNTED = 50
#: The contact's latest message is among so many last entries of the timeline, or is not shown.
LAST_ENTRIES = 50
_BY_CONTACT = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME)


@dataclass(frozen=True, slots=True)
class UserLoad:
    """What a user has. waiting: how many of the open ones wait for a person; at least so many where is_least."""

    open: int = 0
    waiting: int = 0
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Workload:
    """Over all partitions, each as it was at one moment. unassigned: what nobody has.

    longest: contacts with since when they wait (ms), the longest first.
    """

    open: int
    waiting: int
    unassigned: UserLoad
    of_users: dict[str, UserLoad]
    longest: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class WaitingContact:
    """Somebody who waits for a person. message: what the contact wrote or did last, if it is not too far back."""

    contact: Contact
    conversation: OpenConversation
    since_ms: int
    message: Entry | None


class Dashboard(Listing):
    """What the Dashboard reads beside the reports."""

    def workload(self, users: Sequence[str], longest: int) -> Workload:
        """Return how much there is to do. users: ids of everybody who may have something. Raises StoreError."""
        ids = " ".join(users)
        calls = [self._workload_call(partition, longest, ids) for partition in self.keys.each()]
        total, unassigned, waiting = 0, 0, 0
        heads: list[tuple[int, str]] = []
        counted = [[0, 0, 0] for _ in users]
        for answer in self.connection.run_all(calls):
            if isinstance(answer, StoreError):
                raise answer
            status_of(answer, ("ok",))
            total, unassigned, waiting = total + answer[1], unassigned + answer[2], waiting + answer[3]
            heads += zip(map(int, answer[4][1::2]), answer[4][::2], strict=True)
            for place, number in enumerate(answer[5]):
                counted[place // 3][place % 3] += number
        loads = {
            user: UserLoad(count[0], count[2], count[1] < count[0]) for user, count in zip(users, counted, strict=True)
        }
        # Whatever of it users have, nobody has not; if some of theirs was not counted, that is at most so many.
        theirs = sum(load.waiting for load in loads.values())
        is_least = any(load.is_least for load in loads.values())
        nobodys = UserLoad(unassigned, 0 if is_least else min(max(waiting - theirs, 0), unassigned), is_least)
        first = tuple((contact, since) for since, contact in sorted(heads)[:longest])
        return Workload(total, waiting, nobodys, loads, first)

    def waiting_contacts(self, longest: Sequence[tuple[str, int]]) -> list[WaitingContact]:
        """Return what is known of those who wait; whoever does not any more is left out. Raises StoreError."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact, _ in longest:
                pipeline.hgetall(self.keys.contact(contact))
                pipeline.hgetall(self.keys.open(contact))
                pipeline.lrange(self.keys.timeline(contact), -LAST_ENTRIES, -1)
            return pipeline.execute()

        answers = self._read(read, list(longest))
        found = []
        for (contact, since_ms), fields, opened, entries in zip(
            longest, answers[::3], answers[1::3], answers[2::3], strict=True
        ):
            conversation = decode_open(_flat(opened))
            if fields and conversation and conversation.needs and conversation.waiting_since_ms:
                known = decode_contact(contact, _flat(fields))
                found.append(WaitingContact(known, conversation, since_ms, _last_of_contact(entries)))
        return found

    def _workload_call(self, partition: int, longest: int, ids: str) -> Call:
        keys = self.keys
        names = [keys.inbox(partition), keys.unassigned(partition), keys.needs_person(partition), keys.mine(partition)]
        return Call("read_workload", names, (longest, MOST_COUNTED, ids))


def _last_of_contact(entries: list[str]) -> Entry | None:
    for place in range(len(entries) - 1, -1, -1):
        if entries[place][0] in _BY_CONTACT:
            return decode_entry(place, entries[place])
    return None


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
