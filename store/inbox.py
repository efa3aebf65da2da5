"""The inbox's lists: a page at a time over all partitions, whatever is filtered, in bounded time."""

import math
from typing import Any

from domain.errors import StoreError
from domain.inbox import InboxQuery, InboxRow, Sort, View
from domain.users import User
from store.base import flag, status_of
from store.connection import Call
from store.inbox_filters import InboxFilters
from store.inbox_rows import Candidate, own_members
from store.listing import Page, Position

#: How many conversations one page looks at in each partition, at most, to find those that carry its labels.
MOST_LOOKED_AT = 1_000
#: A label that no more contacts of a partition carry is read whole, instead of looking for it among all.
FEW = 100
#: Where each has to be looked at for the user's rights: so many in one go, so many times.
CHUNK = 250
MOST_ROUNDS = 8


class Inbox(InboxFilters):
    """Lists of conversations for users, with what they have not seen."""

    def inbox(self, query: InboxQuery, limit: int, after: Position | None = None) -> Page[InboxRow]:
        """Return up to `limit` conversations.

        With filters a page may hold fewer, or none at all, and yet have a next one. Raises StoreError.
        """
        is_judged = not query.user.sees_all or (query.view is View.MINE and not query.is_open)
        found: list[Candidate] = []
        for _ in range(MOST_ROUNDS):
            room = limit - len(found)
            chunk, following = self._chunk(query, CHUNK if is_judged else room + 1, after)
            fitting = self.fitting(query, chunk)
            found += fitting[:room]
            after = Position(*found[-1]) if len(fitting) > room else following
            if len(fitting) > room or after is None:
                break
        return Page(self.rows(query.user, found, query.is_open), after)

    def inbox_counts(self, user: User) -> dict[View, int]:
        """Return how many open conversations each view holds, those left out that would have to be counted one by one:
        what a restricted agent may see of the others' lists. Raises StoreError.
        """
        indexes = (self.keys.needs_person, self.keys.unassigned, self.keys.with_bot, self.keys.inbox)
        low, high = own_members(user.id)

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                for index in indexes:
                    pipeline.zcard(index(partition))
                pipeline.zlexcount(self.keys.mine(partition), low, high)
            return pipeline.execute()

        counts = self.connection.command(read)
        views = (View.NEEDS_PERSON, View.UNASSIGNED, View.WITH_BOT, View.ALL, View.MINE)
        by_view = {view: sum(counts[i :: len(views)]) for i, view in enumerate(views)}
        if user.sees_all:
            return by_view
        mine, unassigned = by_view[View.MINE], by_view[View.UNASSIGNED]
        return {View.MINE: mine, View.UNASSIGNED: unassigned, View.ALL: mine + unassigned}

    def _chunk(self, query: InboxQuery, size: int, after: Position | None) -> tuple[list[Candidate], Position | None]:
        """Return up to `size` candidates in order, and where the next ones begin.

        Each partition is asked for a little more than its share. What lies beyond the end of a partition's answer is
        left for the next time: that partition may have something before it.
        """
        descending = query.sort not in (Sort.OLDEST, Sort.LONGEST)
        mean = size // self.keys.partitions
        # With labels each one more costs many looks, so that asking again now and then is cheaper.
        share = mean + math.isqrt(mean) + 3 if query.tag or query.channel else mean + 2 * math.isqrt(mean) + 4
        place = ("", "") if after is None else (after.score, after.member)
        user = query.user.id if query.view is View.MINE and query.is_open else ""
        words = (flag(descending), *place, share, MOST_LOOKED_AT, FEW if query.is_open else 0, user)
        calls = [Call("read_inbox", self._names(query, partition), words) for partition in self.keys.each()]
        found: list[Candidate] = []
        cut: list[Candidate] = []
        for answer in self.connection.run_all(calls):
            if isinstance(answer, StoreError):
                raise answer
            status_of(answer, ("ok",))
            _, has_more, score, member, flat = answer
            found += zip(flat[::2], flat[1::2], strict=True)
            cut += [(score, member)] * has_more
        if not cut:
            found.sort(reverse=descending)
            return found[:size], Position(*found[size - 1]) if len(found) > size else None
        end = max(cut) if descending else min(cut)
        found = sorted((one for one in found if (one >= end if descending else one <= end)), reverse=descending)
        return found[:size], Position(*(found[size - 1] if len(found) >= size else end))

    def _names(self, query: InboxQuery, partition: int) -> list[str]:
        """Return the names of the keys that a partition's part of the list is read from."""
        lists = {
            View.NEEDS_PERSON: self.keys.needs_person,
            View.UNASSIGNED: self.keys.unassigned,
            View.WITH_BOT: self.keys.with_bot,
            View.ALL: self.keys.inbox,
            View.MINE: self.keys.inbox,
        }
        # The tag first: it lets fewer through, and what it does not is not looked for under the channel.
        labels = [f"tag:{query.tag}"] * bool(query.tag) + [f"channel:{query.channel}"] * bool(query.channel)
        name = lists[query.view] if query.is_open else self.keys.closed_index
        return [name(partition), self.keys.mine(partition), *(self.keys.label(partition, label) for label in labels)]
