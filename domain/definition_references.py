"""What the lines of a definition may be: words from a list, and names of what the platform has.

Each check returns the line as it is kept, or None for one that cannot be, which is noted then.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.definition_spots import Spot, shown
from domain.errors import BadPayload
from domain.setting_lists import is_field_id
from domain.tags import read_tag

CHANNEL_KINDS = ("facebook", "viber")
PROFILE_FIELDS = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class Known:
    """What definitions may refer to.

    users, fields: ids. channels: `kind:account`. categories: names of active ones. hosts: `host` or `host:port`, which
    may be called by http as well.
    """

    users: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a value is read by. known None: whether there is such a user, field and so on is not asked."""

    known: Known | None
    options: Mapping[str, str] | None = None


def check_line(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take any line."""
    return line


def check_tag(spot: Spot, line: str, rules: Rules) -> str | None:
    """Return a tag as it is kept."""
    try:
        return read_tag(line)
    except BadPayload:
        spot.complain(f"{shown(line)} is no tag: it has 1 to 40 characters and no comma.")
        return None


def check_choice(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take one of the options."""
    return _one_of(spot, line, rules.options or ())


def _one_of(spot: Spot, line: str, words: Collection[str]) -> str | None:
    if line not in words:
        spot.complain(f"{shown(line)} is none of: {', '.join(words)}.")
        return None
    return line


def check_channel(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take a kind of channel, or one page or bot."""
    kind, colon, account = line.partition(":")
    if kind not in CHANNEL_KINDS or (colon and not account):
        spot.complain(f"{shown(line)} is no channel: write facebook, viber, or one of them as viber:shop.")
        return None
    return _referring(
        spot, line, rules.known.channels if rules.known and account else None, "no channel {} is connected."
    )


def check_category(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take a closing category's name."""
    return _referring(spot, line, rules.known.categories if rules.known else None, "there is no closing category {}.")


def check_user(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take a user's id."""
    return _referring(
        spot, line, rules.known.users if rules.known else None, "there is no user with the id {}; choose anew."
    )


def check_field(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take a field of the profile, or a custom field's id."""
    if line in PROFILE_FIELDS:
        return line
    if not is_field_id(line):
        spot.complain(f"{shown(line)} is no field: write name, phone, email or the id of a custom field.")
        return None
    return custom_field(spot, line, rules)


def custom_field(spot: Spot, line: str, rules: Rules) -> str | None:
    """Return the id of a custom field if there is one; None otherwise, which is noted then."""
    return _referring(
        spot, line, rules.known.fields if rules.known else None, "there is no custom field with the id {}."
    )


def _referring(spot: Spot, line: str, there_are: frozenset[str] | None, complaint: str) -> str | None:
    if there_are is not None and line not in there_are:
        spot.complain(complaint.format(shown(line)))
        return None
    return line


def check_url(spot: Spot, line: str, rules: Rules) -> str | None:
    """Take an address that may be called."""
    try:
        parts = urlsplit(line)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or line.split() != [line] or "\\" in line or not line.isprintable():
        spot.complain("write a whole address, for example https://example.com/hook.")
    elif parts.username is not None or parts.password is not None:
        spot.complain("leave name and password out of the address.")
    elif parts.scheme == "https" or (parts.scheme == "http" and _is_http_fine(host, port, rules.known)):
        return line
    else:
        spot.complain("it has to begin with https://.")
    return None


def _is_http_fine(host: str, port: int | None, known: Known | None) -> bool:
    return known is None or host in known.hosts or f"{host}:{port or 80}" in known.hosts
