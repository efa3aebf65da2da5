"""Letting the past happen: scripts run with a clock that is set, and no worker takes a contact's turn in between.

A message makes its contact due, and some worker may be looking. So each script is followed, in the same step, by taking
the contact's turn at the real time and out of what is due: wherever we are stopped, no worker ever gets to see what we
have not decided or settled yet. What the scripts write carries the time that was set, as if they had run then.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from domain.errors import StoreError
from domain.models import Snapshot
from store.base import StoreBase, status_of
from store.connection import Call, Connection
from store.entries import decode_snapshot
from store.reading import Reading
from store.scripts import load_scripts
from store.turns import Turn

#: Of a time that is nearer than that the scripts would respect the lease, as they do of one that is now.
SETTLED_MS = 120_000
#: For so long the workers leave alone what a look of theirs would close, delete or sum up too early.
HELD_OFF_S = 60


class Reenacting(StoreBase):
    """What is played once, and where."""

    def begin_play(self, name: str, words: str) -> str:
        """Return what was said when the play with this name began, which is now, if it did not before.

        Raises StoreError.
        """

        def begin(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hsetnx(self.keys.plays, name, words)
            pipeline.hget(self.keys.plays, name)
            return pipeline.execute()

        return str(self.connection.command(begin)[1])

    def find_play(self, name: str) -> str:
        """Return what was said when a play began; empty when it did not. Raises StoreError."""
        return self.connection.command(lambda client: client.hget(self.keys.plays, name)) or ""

    def count_contacts_off(self, one: str, other: str) -> int:
        """Return how many contacts are on neither of two channels (`kind:account`). Raises StoreError."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                labels = [self.keys.label(partition, f"channel:{channel}") for channel in (one, other)]
                pipeline.zcard(self.keys.contacts(partition))
                pipeline.zcard(labels[0])
                pipeline.zcard(labels[1])
                pipeline.zintercard(2, labels)
            return pipeline.execute()

        found = self.connection.command(read)
        return int(sum(found[::4]) - sum(found[1::4]) - sum(found[2::4]) + sum(found[3::4]))

    def hold_off_workers(self) -> None:
        """Keep the workers for HELD_OFF_S from closing what is idle, deleting what is old and summing up.

        Raises StoreError.
        """

        def claim(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key in (self.keys.auto_close, self.keys.retention, self.keys.roll_up):
                pipeline.set(key, "1", ex=HELD_OFF_S)
            return pipeline.execute()

        self.connection.command(claim)

    @property
    def place(self) -> str:
        """Where the server is, without what it is opened with."""
        words = self.connection.client.connection_pool.connection_kwargs
        return str(words["path"]) if "path" in words else f"{words['host']}:{words['port']}"


class Past:
    """Turns the store of one thread into one in which it is `at_ms`; that store is good for nothing else any more.

    The time must be further back than SETTLED_MS. The store's methods work as they do, for one contact at a time.
    """

    def __init__(self, store: Reading) -> None:
        """Raises StoreError."""
        self.at_ms = 0
        self._real_ms = store.now_ms
        self._store = store
        self._connection = store.connection
        self._taken: tuple[Turn, Snapshot] | None = None
        self._captured: list[Call] | None = None
        self._is_sure = True  # that what was sent last has been done
        store.connection.command(_load_scripts)
        store.start()
        store.now_ms = lambda: self.at_ms
        store.connection = _Held(store.connection, self._hold)

    def begin(self, at_ms: int) -> None:
        """Be ready for another contact, or after a StoreError for the same one: what failed may have been done.

        Raises StoreError.
        """
        self.at_ms, self._taken = at_ms, None
        if self._is_sure:
            return
        # What was sent before is done, or never will be, by then: the server reads from its connections in turn, and we
        # wait for many answers.
        self._connection.command(_load_scripts)
        self._is_sure = True

    def take(self, contact: str) -> tuple[Turn, Snapshot] | None:
        """Return the contact's turn with what it showed, if anything is to be done: ours since the last script.

        None: nothing is, or a worker is at it. Raises NotFound, StoreError.
        """
        if self._taken is None or self._taken[0].contact != contact:
            self._taken = None
            seen = self._store.snapshot(contact)  # takes the turn as well, if it is due
            if (seen.undecided or seen.head) and not self.is_held:
                self._forget_lease(contact)
                self._run([], contact)
        return self._taken

    def let_go(self) -> None:
        """Leave to the workers what is left to do for the last script's contact, if anything is. Raises StoreError."""
        if self._taken is None:
            return
        turn, self._taken = self._taken[0], None
        keys = self._store.keys.of_contact(turn.contact, 0)
        self._connection.run(Call("release_turn", keys, (turn.contact, self._real_ms(), turn.fence)))

    @property
    def is_held(self) -> bool:
        """Whether the turn of the last script's contact is ours: something is left to do."""
        return self._taken is not None

    def at_once(self, *methods: Callable[[], object]) -> None:
        """Run the scripts of several methods of the store as one step; what those return is lost. Raises StoreError."""
        self._captured = []
        for method in methods:
            with suppress(_Captured):
                method()
        calls, self._captured = self._captured, None
        self._hold(calls)

    def _forget_lease(self, contact: str) -> None:
        """A contact is due when a worker's lease ends. A lease without that is ours, from before we were stopped."""
        keys = self._store.keys

        def forget(client: Any) -> None:
            if client.zscore(keys.due(keys.partition(contact)), contact) is None:
                client.hdel(keys.contact(contact), "lease")

        self._connection.command(forget)

    def _hold(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts about one contact and take its turn, in one step, where there is more to do."""
        if self._captured is not None:
            self._captured += calls
            raise _Captured
        return self._run(calls, str(calls[-1].args[0]))

    def _run(self, calls: Sequence[Call], contact: str) -> list[Any]:
        keys, now_ms = self._store.keys, self._real_ms()
        due = keys.due(keys.partition(contact))
        take = Call("take_turn", keys.of_contact(contact, 0), (contact, now_ms))

        def run(client: Any) -> Any:
            pipeline = client.pipeline(transaction=True)
            for call in calls:
                _add(pipeline, call)
            pipeline.zscore(due, contact)
            if not calls:
                pipeline.zadd(due, {contact: now_ms})
            _add(pipeline, take)
            pipeline.zrem(due, contact)
            return pipeline.execute()

        self._is_sure = False
        found: list[Any] = self._connection.command(run)
        self._is_sure = True
        answers, due_ms, taken = found[: len(calls)], found[len(calls)], found[-2]
        if status_of(taken, ("ok", "busy", "idle")) == "ok":
            self._taken = Turn(contact, taken[1]), decode_snapshot(contact, taken[2])
            return answers
        if due_ms is not None:  # somebody else is at it, or will be
            self._connection.command(lambda client: client.zadd(due, {contact: due_ms}, nx=True))
        if any(call.script.name in _ENDS_TURNS for call in calls):
            self._taken = None
        return answers


#: After these a turn that was ours is over, unless it could be taken anew.
_ENDS_TURNS = ("receive", "commit", "settle_send", "release_turn", "merge_primary", "merge_secondary")


class _Captured(Exception):
    """A script was not run but kept, to be run with others."""


class _Held(Connection):
    """A connection whose scripts are all followed by taking the turn."""

    def __init__(self, connection: Connection, hold: Callable[[Sequence[Call]], list[Any]]) -> None:
        self.client = connection.client
        self._spare_until = 0.0
        self._hold = hold

    def run(self, call: Call) -> list[Any]:
        answer: list[Any] = self._hold([call])[0]
        return answer

    def run_all(self, calls: Sequence[Call]) -> list[list[Any] | StoreError]:
        return list(self._hold(calls))


def _add(pipeline: Any, call: Call) -> None:
    pipeline.execute_command("EVALSHA", call.script.sha, len(call.keys), *call.keys, *call.args)


def _load_scripts(client: Any) -> None:
    for script in load_scripts().values():
        client.script_load(script.body)
