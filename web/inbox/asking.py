"""What the address of an inbox page says: which list, filtered how, in which order, searched for what."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request

from domain.errors import BadPayload
from domain.inbox import InboxQuery, Sort, View
from domain.users import User
from store import Position

MAX_TEXT_CHARS = 200
_PLACE = re.compile(r"(?:([a-z2-7]{24})-)?([0-9]{1,12})")
VIEWS = {
    View.NEEDS_PERSON: ("wait", "Needs a person"),
    View.MINE: ("person", "Mine"),
    View.UNASSIGNED: ("nobody", "Unassigned"),
    View.WITH_BOT: ("bot", "With the bot"),
    View.ALL: ("all", "All"),
}
SORTS = {
    Sort.NEWEST: "Latest activity first",
    Sort.OLDEST: "Oldest activity first",
    Sort.LONGEST: "Longest waiting first",
    Sort.SHORTEST: "Shortest waiting first",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of the list, as it stands in every address of the inbox. text: searched for; empty for a view."""

    view: View = View.NEEDS_PERSON
    is_open: bool = True
    channel: str = ""
    tag: str = ""
    sort: Sort | None = None
    text: str = ""

    @property
    def order(self) -> Sort:
        """The order asked for, or the one that a view has by itself."""
        if self.sort in self.sorts:
            return self.sort
        return Sort.LONGEST if self._is_waiting else Sort.NEWEST

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The orders that this list can have."""
        return (Sort.LONGEST, Sort.SHORTEST) if self._is_waiting else (Sort.NEWEST, Sort.OLDEST)

    @property
    def title(self) -> str:
        if self.text:
            return "Search"
        return VIEWS[self.view][1] if self.is_open else f"{VIEWS[self.shown_view][1]}, closed"

    @property
    def shown_view(self) -> View:
        """Closed conversations are mine or all."""
        return self.view if self.is_open or self.view is View.MINE else View.ALL

    @property
    def is_filtered(self) -> bool:
        return bool(self.channel or self.tag)

    @property
    def _is_waiting(self) -> bool:
        return self.is_open and self.view is View.NEEDS_PERSON

    def query(self, user: User) -> InboxQuery:
        """Return it as the store wants it."""
        return InboxQuery(
            user=user,
            view=self.shown_view,
            is_open=self.is_open,
            channel=self.channel,
            tag=self.tag,
            sort=self.order,
        )

    def url(self, path: str = "/", *, at: int | str | None = None, **changes: Any) -> str:
        """Return an address with this state, changed; what is as usual is left out. at: an entry to be shown."""
        asked = replace(self, **changes)
        said = {
            "view": asked.view if asked.view is not View.NEEDS_PERSON else "",
            "closed": "" if asked.is_open else "1",
            "channel": asked.channel,
            "tag": asked.tag,
            "sort": asked.sort or "",
            "q": asked.text,
            "at": "" if at is None else str(at),
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"{path}?{words}" if words else path


def read_asked() -> Asked:
    """Read the address; what it does not say, or says wrongly, is as usual."""
    args = request.args
    return Asked(
        view=_one_of(View, args.get("view", "")) or View.NEEDS_PERSON,
        is_open=not args.get("closed"),
        channel=args.get("channel", "")[:MAX_TEXT_CHARS],
        tag=args.get("tag", "")[:MAX_TEXT_CHARS],
        sort=_one_of(Sort, args.get("sort", "")),
        text=args.get("q", "").strip()[:MAX_TEXT_CHARS],
    )


def read_position() -> Position | None:
    """Read where the last page ended. Raises BadPayload."""
    text = request.args.get("after", "")
    if not text:
        return None
    score, _, member = text.partition(".")
    if not (score.isascii() and score.isdigit() and len(score) < 20 and member):
        raise BadPayload("This address is not one of ours; go back to the inbox.")
    return Position(int(score), member)


def write_position(position: Position) -> str:
    """Return where a page ended, for an address."""
    return f"{position.score}.{position.member}"


def read_place() -> tuple[str, int] | None:
    """Read which entry to show: of which part of the contact (empty: its own), and its number. Raises BadPayload."""
    text = request.args.get("at", "")
    if not text:
        return None
    if not (found := _PLACE.fullmatch(text)):
        raise BadPayload("This address is not one of ours; go back to the inbox.")
    return found[1] or "", int(found[2])


def read_number(name: str) -> int | None:
    """Read a whole number from the address or a form; None where there is none. Raises BadPayload."""
    text = request.values.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise BadPayload(f"{name} is a whole number.")
    return int(text)


def _one_of(kind: Any, text: str) -> Any:
    return kind(text) if text in set(kind) else None
