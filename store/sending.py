"""Sends: marked before the platform is called, settled after, so that a crash between the two is seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.models import Entry
from store.base import StoreBase, status_of
from store.entries import decode_entry, encode_id
from store.turns import Turn


class Settled(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    RETRY = "retry"  # at a given time
    WAITING = "waiting"  # the same, and earlier if the contact writes


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to send after an attempt was settled."""

    head: Entry | None
    is_released: bool  # nothing is left to do at all; the turn was given back


class Sending(StoreBase):
    """Status of outgoing messages."""

    def start_send(self, turn: Turn, entry: int, nonce: str, *, echo_wait_ms: int) -> int | None:
        """Mark the head of what is pending as being sent; None when it is not the head, or the turn is lost.

        Returns which attempt at this message it is, from 1.

        The lease is held anew: a call of at most 6 s may follow. Raises StoreError.
        """
        answer = self.connection.run(self._call("start_send", turn.contact, turn.fence, entry, nonce, echo_wait_ms))
        if status_of(answer, ("ok", "lost", "gone")) != "ok":
            return None
        attempts: int = answer[1]
        return attempts

    def settle_send(
        self,
        turn: Turn,
        entry: int,
        nonce: str,
        outcome: Settled,
        *,
        external_id: str = "",
        reason: str = "",
        try_at_ms: int = 0,
    ) -> Left | None:
        """Record what became of one attempt. May be repeated; a success is final. Raises StoreError.

        Returns what is left to send; None when that attempt was settled before.
        """
        args = (entry, nonce, outcome, encode_id(external_id), reason, try_at_ms, turn.fence)
        early = self.keys.early(turn.contact)
        answer = self.connection.run(self._call("settle_send", turn.contact, *args, extra_keys=[early]))
        if status_of(answer, ("ok", "already", "unknown")) != "ok":
            return None
        head = decode_entry(int(answer[1]), answer[2]) if answer[1] else None
        return Left(head, is_released=answer[3] == 1)

    def postpone_send(self, turn: Turn, try_at_ms: int) -> None:
        """Let the head of what is pending wait without an attempt. Raises StoreError."""
        answer = self.connection.run(self._call("postpone_send", turn.contact, turn.fence, try_at_ms))
        status_of(answer, ("ok", "lost"))

    def rest(self, channel: str, reason: str, seconds: float) -> None:
        """Let a whole page or bot rest: nobody sends there meanwhile. Raises StoreError."""
        since = datetime.fromtimestamp(self.now_ms() / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        value, lasts_ms = f"{reason}|{since}", max(int(seconds * 1000), 1)
        self.connection.command(lambda client: client.set(self.keys.pause(channel), value, px=lasts_ms))

    def rest_left_ms(self, channel: str) -> int:
        """Return for how long the page or bot still rests; 0 when it does not. Raises StoreError."""
        left = self.connection.command(lambda client: client.pttl(self.keys.pause(channel)))
        return max(int(left), 0)

    def rests(self, channels: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """Return for each page or bot why it rests and since when (RFC 3339); empty and None if it does not."""
        keys = [self.keys.pause(channel) for channel in channels]
        found = self.connection.command(lambda client: client.mget(keys)) if keys else []
        parted = [(stored or "").partition("|") for stored in found]
        return {channel: (reason, since or None) for channel, (reason, _, since) in zip(channels, parted, strict=True)}
