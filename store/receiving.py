"""What arrives: recorded once, in one round trip, however often and from however many processes it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.arrivals import Arrival, Record, RecordReceipt, SettleByEcho
from domain.errors import StoreError
from domain.events import ReceiptStatus
from domain.identities import contact_id
from domain.models import Letter
from domain.texts import clean
from store.base import digest, flag, status_of
from store.connection import Call
from store.deleting import Deleting
from store.entries import encode_id, encode_json

HOUR_MS = 3_600_000
#: An event is known by its own hour if it is at most a day old; platforms repeat for less than that.
SEEN_HOURS = 24
SEEN_KEPT_S = 72 * 3600
#: A platform's clock may be a little ahead of ours.
AHEAD_MS = 300_000
#: Longer names would cost the compact form of a contact's hash.
NAME_CHARS = 60
#: So many merges are followed, one into the next.
MOST_MERGES = 100
RECEIPT_LETTERS = {
    ReceiptStatus.DELIVERED: Letter.DELIVERED,
    ReceiptStatus.READ: Letter.READ,
    ReceiptStatus.FAILED: Letter.FAILED,
}
_WORDS = ("ok", "duplicate", "merged", "already", "unknown", "early")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one arrival."""

    contact: str
    is_new: bool  # False: it had been delivered before, or changes nothing
    entry: int | None = None
    opened: int = 0  # number of the conversation that it opened


class Receiving(Deleting):
    """The store's ear."""

    def receive(self, arrivals: Sequence[Arrival]) -> list[Received]:
        """Record arrivals in order. Raises StoreError if any could not be; all may then be given again."""
        calls = [self._arrival_call(arrival) for arrival in arrivals]
        answers = self._answers(calls)
        found = [self._received(call, answer) for call, answer in zip(calls, answers, strict=True)]
        left = {i: str(answer[1]) for i, answer in enumerate(answers) if answer[0] == "merged"}
        return self._follow(arrivals, found, left) if left else found

    def _follow(self, arrivals: Sequence[Arrival], found: list[Received], left: dict[int, str]) -> list[Received]:
        """Give what is for contacts that were merged to whom they were merged into, in order, one round for each merge.

        left: to whom the arrivals with these numbers are to be given next; empty: to their own contact.
        """
        for _ in range(MOST_MERGES):
            calls = [self._arrival_call(arrivals[i], primary) for i, primary in left.items()]
            further: dict[int, str] = {}
            for (i, primary), call, answer in zip(left.items(), calls, self._answers(calls), strict=True):
                arrival = arrivals[i]
                if answer[0] == "merged":
                    further[i] = str(answer[1])
                elif answer[0] == "unknown" and primary and isinstance(arrival, Record):
                    # Whoever they were merged into is deleted, and so are they: who writes now is somebody new.
                    self.delete_orphan(contact_id(arrival.identity))
                    further[i] = ""
                else:
                    found[i] = self._received(call, answer)
            if not further:
                return found
            left = further
        raise StoreError("a contact was merged too often")

    def _answers(self, calls: list[Call]) -> list[list[Any]]:
        if len(calls) == 1:
            return [self.connection.run(calls[0])]
        answers: list[list[Any]] = []
        for answer in self.connection.run_all(calls) if calls else ():
            if isinstance(answer, StoreError):
                raise answer
            answers.append(answer)
        return answers

    @staticmethod
    def _received(call: Call, answer: list[Any]) -> Received:
        word = status_of(answer, _WORDS)
        contact = str(call.args[0])
        if call.script.name != "receive":
            return Received(contact, word in ("ok", "early"))
        return Received(contact, True, answer[1], answer[2]) if word == "ok" else Received(contact, False)

    def _arrival_call(self, arrival: Arrival, primary: str = "") -> Call:
        """primary: to whom it goes, when that is not the contact whom the identity made."""
        match arrival:
            case Record():
                return self._record_call(arrival, primary)
            case SettleByEcho(tag=tag, external_id=external_id):
                early = self.keys.early(tag.contact)
                args = (tag.entry, tag.nonce, "sent", encode_id(external_id), "", 0, "")
                return self._call("settle_send", tag.contact, *args, extra_keys=[early])
            case RecordReceipt():
                contact = primary or contact_id(arrival.identity)
                letter, one = RECEIPT_LETTERS[arrival.status], encode_id(arrival.external_id)
                words = (letter, arrival.watermark_ms, one, arrival.reason)
                return self._call("record_receipt", contact, *words, extra_keys=[self.keys.early(contact)])

    def _record_call(self, record: Record, primary: str) -> Call:
        identity = str(record.identity)
        contact = primary or contact_id(identity)
        came_on = {"identity": identity} if primary else {}
        now_ms = self.now_ms()
        sent_at = record.sent_at_ms
        # Looked for under its own hour whatever its age: it may have been filed there when it was young.
        hour = (sent_at or 0) // HOUR_MS
        is_recent = sent_at is not None and now_ms - SEEN_HOURS * HOUR_MS <= sent_at <= now_ms + AHEAD_MS
        until = (hour + 1) * 3600 + SEEN_KEPT_S if is_recent else 0
        subscribed = "-" if record.is_subscribed is None else ("1" if record.is_subscribed else "0")
        return self._call(
            "receive",
            contact,
            digest(f"{record.identity.channel} {record.native_id}"),
            until,
            record.letter,
            encode_json({**record.data, **came_on, "at": now_ms, "sent_at": sent_at}),
            record.opens or "",
            record.identity.kind,
            identity,
            encode_id(record.external_id),
            subscribed,
            flag(primary),
            " ".join(self.automations().wanted),
            # What a platform says of somebody who was merged is not what this contact is called.
            *(() if primary else _profile_fields(record)),
            extra_keys=[
                self.keys.seen(contact, hour),
                self.keys.label(self.keys.partition(contact), f"channel:{record.identity.channel}"),
            ],
        )


def _profile_fields(record: Record) -> list[str]:
    profile = record.profile
    if profile is None:
        return []
    pairs = (("name", profile.name[:NAME_CHARS]), ("language", profile.language[:20]), ("country", profile.country[:4]))
    return [part for name, value in pairs if value for part in (name, clean(value))]
