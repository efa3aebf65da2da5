"""Making two contacts one: what the one takes over from the other, and how that is told before and after."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from domain.actions import ChangeProfile, NoteLine
from domain.identities import Identity
from domain.models import Contact, Entry, Letter, Snapshot
from domain.search_terms import contact_terms, fold, normalize_phone
from handlers.profiles import MOST_TAGS

_BLANKS = ("phone", "email", "language", "country")


class MergeOutcome(StrEnum):
    """What came of a merge that was asked for."""

    MERGED = "merged"
    SAME = "same"  # they are one contact already
    UNKNOWN = "unknown"  # one of them does not exist, or not any more
    SECONDARY_BLOCKED = "secondary_blocked"


_TEXTS = {
    MergeOutcome.MERGED: "The two are one contact now.",
    MergeOutcome.SAME: "The two are one contact already; there was nothing to do.",
    MergeOutcome.UNKNOWN: "One of the two contacts does not exist any more.",
    MergeOutcome.SECONDARY_BLOCKED: "The contact that would become a part of the other one is blocked. "
    "Unblock that contact first, or block both.",
}


@dataclass(frozen=True, slots=True)
class PreviewField:
    """One thing that is known of the secondary contact, and does not stand on the primary alike.

    name: name, phone, email, language, country or `fields.<id>`. kept: what the primary has in the end. other: what the
    secondary has. is_filled: it is taken from there, because the primary has nothing.
    """

    name: str
    kept: str
    other: str
    is_filled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a merge would do. refused: why it would not be done; then the rest says what would happen without that.

    closes: the number of the secondary's open conversation. undecided: how many of its messages go to the primary,
    where they are answered; opens: a conversation opens there for them.
    """

    refused: MergeOutcome | None
    identities: tuple[Identity, ...]
    tags: tuple[str, ...]
    added_tags: tuple[str, ...]
    left_out_tags: tuple[str, ...]
    fields: tuple[PreviewField, ...]
    closes: int | None
    undecided: int
    opens: bool


def preview(primary: Snapshot, secondary: Snapshot, *, undecided: int = 0) -> Preview:
    """Tell what would happen. undecided: messages of the secondary that nobody has decided yet."""
    one, other = primary.contact, secondary.contact
    merged = _merged(one, other)
    return Preview(
        refused=MergeOutcome.SAME if one.id == other.id else refusal(one, other),
        identities=merged.identities,
        tags=merged.tags,
        added_tags=merged.tags[len(one.tags) :],
        left_out_tags=tuple(tag for tag in other.tags if tag not in merged.tags),
        fields=tuple(_preview_fields(one, other, merged)),
        closes=secondary.open.number if secondary.open else None,
        undecided=undecided,
        opens=bool(undecided) and primary.open is None and not one.is_blocked,
    )


def outcome_text(outcome: str) -> str:
    """Return a sentence for people; also for the empty word, as long as nothing has come of it."""
    return _TEXTS[MergeOutcome(outcome)] if outcome else "The merge is under way and will be done in a moment."


def refusal(primary: Contact, secondary: Contact) -> MergeOutcome | None:
    """Return why the two cannot be merged so: whoever is blocked does not get through as a part of somebody else."""
    is_way_in = secondary.is_blocked and not primary.is_blocked
    return MergeOutcome.SECONDARY_BLOCKED if is_way_in else None


def take_over(
    primary: Snapshot, secondary: Contact, moved: Sequence[Entry], *, by: dict[str, Any] | None
) -> ChangeProfile:
    """Return what changes on the primary: its own stays, blanks are filled, tags and identities come together."""
    contact = primary.contact
    merged = _merged(contact, secondary)
    values = {
        "parts": _json(merged.parts),
        "identities": _json([str(identity) for identity in merged.other_identities]),
        "tags": _json(merged.tags) if merged.tags != contact.tags else "",
        "fields": _json(merged.fields) if merged.fields != contact.fields else "",
        "terms": "\n".join(merged.terms),
        "via": str(secondary.identity_of(moved[-1])) if moved else "",
    }
    values |= {name: getattr(merged, name) for name in _BLANKS if not getattr(contact, name)}
    if not contact.name and secondary.name:
        # What the platform calls somebody may change by itself, what a user wrote does not.
        values["name" if secondary.name == secondary.platform_name else "edited_name"] = secondary.name
    if contact.is_subscribed is None and secondary.is_subscribed is not None:
        values["subscribed"] = "1" if secondary.is_subscribed else "0"
    number = primary.open.number if primary.open else 0
    told = {
        "from": secondary.id,
        "name": secondary.name or None,
        "identities": [str(identity) for identity in secondary.identities],
        "by": by,
    }
    return ChangeProfile(
        number=number,
        values={name: value for name, value in values.items() if value},
        tags_before=contact.tags,
        tags=merged.tags,
        terms=merged.terms,
        line=NoteLine(number=number, kind="merged", details=told),
    )


def moves(entry: Entry) -> bool:
    """Tell whether an undecided entry is decided by the primary: not Viber's welcome, whose call waits for it here."""
    return not entry.data.get("token")


def moved_entry(entry: Entry, secondary: Contact, *, is_blocked: bool) -> tuple[Letter, dict[str, Any]]:
    """Return an undecided entry as it stands on the primary's timeline. is_blocked: the primary, who gets no answer."""
    data = {**entry.data, "identity": str(secondary.identity_of(entry)), "moved_from": f"{secondary.id}.{entry.number}"}
    state = secondary.run_state
    if state.entry == entry.number:
        # Which automations had their chance is not forgotten on the way.
        data["passed"] = list(state.passed)
    return (Letter.NOTED if is_blocked else entry.letter), data


def suggestion_terms(contact: Contact) -> tuple[str, ...]:
    """Return the words under which others are found who may be the same person: the phone number and the email."""
    terms = (normalize_phone(contact.phone), fold(contact.email))
    return tuple(term for term in terms if term)


def _merged(primary: Contact, secondary: Contact) -> Contact:
    """The primary as it is afterwards."""
    tags = primary.tags + tuple(tag for tag in secondary.tags if tag not in primary.tags)
    merged = replace(
        primary,
        name=primary.name or secondary.name,
        tags=tags[: max(MOST_TAGS, len(primary.tags))],
        fields={**secondary.fields, **primary.fields},
        other_identities=tuple(dict.fromkeys((*primary.other_identities, *secondary.identities))),
        parts=tuple(dict.fromkeys((*primary.parts, secondary.id, *secondary.parts))),
        **{name: getattr(primary, name) or getattr(secondary, name) for name in _BLANKS},
    )
    return replace(merged, terms=contact_terms(merged.name, merged.phone, merged.email))


def _preview_fields(primary: Contact, secondary: Contact, merged: Contact) -> list[PreviewField]:
    pairs = [(name, getattr(primary, name), getattr(secondary, name)) for name in ("name", *_BLANKS)]
    pairs += [(f"fields.{name}", primary.fields.get(name, ""), value) for name, value in secondary.fields.items()]
    return [PreviewField(name, own or other, other, not own) for name, own, other in pairs if other and other != own]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
