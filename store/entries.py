"""How entries, contacts and conversations are written in Redis and read back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from domain.identities import Identity
from domain.models import (
    ClosedConversation,
    Contact,
    Entry,
    LastWord,
    Letter,
    OpenConversation,
    Opening,
    Snapshot,
    Source,
)
from store.automation_words import decode_state

#: A line that automations look at before the cursor passes it; for everybody else a line like any other.
FIRED = "a"

#: `|` and `}` part an entry's suffix; everything else that a platform's id may hold stays readable.
_SAFE = "!#$&'()*+,-./:;<=>?@[]^_`~"


def encode_json(data: Mapping[str, Any]) -> str:
    """Return compact JSON without lone surrogates; values that are None are left out."""
    return msgspec.json.encode({key: value for key, value in data.items() if value is not None}).decode()


def encode_id(external_id: str) -> str:
    """Return a platform's id as it stands in an entry's suffix."""
    return quote(external_id, safe=_SAFE)


def decode_entry(number: int, stored: str) -> Entry:
    """Read one stored entry."""
    end = stored.rindex("}") + 1
    data = msgspec.json.decode(stored[1:end])
    if end == len(stored):
        return Entry(number, Letter.LINE if stored[0] == FIRED else Letter(stored[0]), data)
    nonces, at, external_id, reason = stored[end:].split("|", 3)
    return Entry(
        number,
        Letter(stored[0]),
        data,
        int(at or 0),
        unquote(external_id),
        reason,
        tuple(nonces.split(",")) if nonces else (),
    )


def decode_contact(contact: str, flat: list[str]) -> Contact:
    """Read a contact from the pairs of its hash."""
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    closed_entry = fields.get("closed_entry")
    subscribed = fields.get("subscribed")
    return Contact(
        id=contact,
        identity=Identity.parse(fields["identity"]),
        version=int(fields.get("version", 0)),
        cursor=int(fields.get("cursor", 0)),
        conversations=int(fields.get("conversations", 0)),
        language=fields.get("language", ""),
        country=fields.get("country", ""),
        created_at_ms=int(fields.get("created_at", 0)),
        bot_off=fields.get("bot_off", ""),
        closed_entry=int(closed_entry) if closed_entry else None,
        closed_number=int(fields.get("closed_number", 0)),
        closed_from=int(fields.get("closed_from", 0)),
        closed_end=int(fields.get("closed_end", 0)),
        is_subscribed=None if subscribed is None else subscribed == "1",
        is_blocked="blocked" in fields,
        delivered_until_ms=int(fields.get("delivered_until", 0)),
        read_until_ms=int(fields.get("read_until", 0)),
        try_at_ms=int(fields.get("try_at", 0)),
        wait=fields.get("wait", ""),
        attempts=int(fields.get("attempts", 0)),
        unsure=int(fields.get("unsure", 0)),
        has_next_assignee="next_assignee_id" in fields,
        last_assignee=fields.get("last_assignee_id", ""),
        **(_edited(fields) if EDITED & fields.keys() else {"name": fields.get("name", "")}),
        platform_name=fields.get("name", ""),
        **(_automated(fields) if AUTOMATED & fields.keys() else {}),
    )


#: What only users and merges write; most contacts have none of it.
EDITED = frozenset(
    ("edited_name", "phone", "email", "tags", "fields", "terms", "identities", "parts", "merged_into", "via")
)


def _edited(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": fields.get("edited_name") or fields.get("name", ""),
        "phone": fields.get("phone", ""),
        "email": fields.get("email", ""),
        "tags": tuple(msgspec.json.decode(fields.get("tags", "[]"))),
        "fields": msgspec.json.decode(fields.get("fields", "{}")),
        "terms": tuple(fields["terms"].split("\n")) if "terms" in fields else (),
        "other_identities": tuple(map(Identity.parse, msgspec.json.decode(fields.get("identities", "[]")))),
        "parts": tuple(msgspec.json.decode(fields.get("parts", "[]"))),
        "merged_into": fields.get("merged_into", ""),
        "merged_from": int(fields.get("merged_from", 0)),
        "reply_identity": Identity.parse(fields["via"]) if "via" in fields else None,
    }


#: What only automations write; most contacts have none of it.
AUTOMATED = frozenset(("wake_at", "openings", "automations"))


def _automated(fields: Mapping[str, str]) -> dict[str, Any]:
    openings = (one.split(":") for one in fields.get("openings", "").split(",") if one)
    return {
        "wake_at_ms": int(fields.get("wake_at", 0)),
        "openings": tuple(Opening(int(entry), int(number), Source(source)) for entry, number, source in openings),
        **({"run_state": decode_state(fields["automations"])} if "automations" in fields else {}),
    }


def decode_open(flat: list[str]) -> OpenConversation | None:
    """Read the open conversation from the pairs of its hash; None when there is none."""
    if not flat:
        return None
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    waiting = fields.get("waiting_since")
    last_word = fields.get("last_word")
    responded, took = fields.get("first_response_at"), fields.get("first_response_ms")
    return OpenConversation(
        number=int(fields["number"]),
        first_entry=int(fields["from"]),
        opened_at_ms=int(fields["opened_at"]),
        source=Source(fields["source"]),
        channel=fields["channel"],
        by=_json(fields.get("by")),
        incoming=int(fields.get("incoming", 0)),
        outgoing=int(fields.get("outgoing", 0)),
        last_at_ms=int(fields.get("last_at", 0)),
        waiting_since_ms=int(waiting) if waiting else None,
        needs=fields.get("needs", ""),
        paused=fields.get("paused", ""),
        assignee=_json(fields.get("assignee")),
        first_response_at_ms=int(responded) if responded else None,
        first_response_ms=int(took) if took else None,
        last_word=_last_word(last_word) if last_word else None,
    )


def decode_closed(record: str) -> ClosedConversation:
    """Read the record of a closed conversation."""
    fields = msgspec.json.decode(record)
    return ClosedConversation(
        number=fields["number"],
        first_entry=fields["from"],
        opened_at_ms=fields["opened_at"],
        source=Source(fields["source"]),
        channel=fields["channel"],
        closed_at_ms=fields["closed_at"],
        closed_source=Source(fields["closed_source"]),
        resolution_ms=fields["resolution_ms"],
        by=fields.get("by"),
        closed_by=fields.get("closed_by"),
        note=fields.get("note"),
        incoming=fields["incoming"],
        outgoing=fields["outgoing"],
        assignee=fields.get("assignee"),
        first_response_at_ms=fields.get("first_response_at"),
        first_response_ms=fields.get("first_response_ms"),
        moved_from=fields.get("moved_from"),
    )


def decode_snapshot(contact: str, parts: list[Any]) -> Snapshot:
    """Read what the scripts return as a snapshot."""
    fields, open_fields, cursor, undecided, head, head_entry, end = parts
    return Snapshot(
        contact=decode_contact(contact, fields),
        open=decode_open(open_fields),
        undecided=decode_entry(cursor, undecided) if undecided else None,
        head=decode_entry(int(head), head_entry) if head else None,
        end=end,
    )


def _last_word(text: str) -> LastWord:
    entry, at, incoming, chain = text.split("|")
    return LastWord(int(entry), int(at), int(incoming), tuple(chain.split(",")) if chain else ())


def _json(text: str | None) -> dict[str, Any] | None:
    return msgspec.json.decode(text) if text else None
