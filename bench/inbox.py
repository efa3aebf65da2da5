"""How long the server takes for a page of the inbox, a search or a conversation: beside a small store, a large one.

Both stores are asked in turns within one process, so that whatever else the machine does meets both. A page is the
whole WSGI application called by somebody who is signed in; the store's part of it is told apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from bench import crowd, people
from bench.crowd import Crowd
from bench.events import connect
from bench.figures import Figure
from bench.pages import MOST_MS, MOST_RATIO, Ask, Visit, compared, in_turns
from bench.processes import Processes
from domain.inbox import InboxQuery, Sort, View
from domain.users import User
from store import Position, Store

CONTACTS = 100_000
FEW = 1_000
ROUNDS = 60
ROWS = 40
LAST_ENTRIES = 50
#: The number of a contact who has a phone and an email address in every crowd.
REACHABLE = 7


@dataclass(frozen=True, slots=True)
class Place:
    """One store with what is in it, and the application on it."""

    store: Store
    crowd: Crowd
    visit: Visit


def measure(
    say: Callable[[str], None], *, contacts: int = CONTACTS, few: int = FEW, rounds: int = ROUNDS
) -> list[Figure]:
    """Return of each case the median and the 95th percentile in ms, and the ratio of medians: many to few contacts."""
    with Processes() as one, Processes() as other:
        small, large = _place(one, few, say), _place(other, contacts, say)
        times = in_turns(_cases(small), _cases(large), rounds)
    return [figure for name, spent in times.items() for figure in _figures(name, *spent)]


def _place(processes: Processes, contacts: int, say: Callable[[str], None]) -> Place:
    processes.start_store()
    store = connect(processes)
    filled = crowd.fill(store, contacts, say)
    return Place(store, filled, Visit(processes, store, filled.users[0]))


def _cases(at: Place) -> dict[str, Ask]:
    """Return what is asked, by its name; `store` alone and as a page."""
    user, store, typical = at.crowd.users[0], at.store, at.crowd.typical
    middle = at.crowd.ids[len(at.crowd.ids) // 2]
    snapshot = store.snapshot(middle)
    assert snapshot.open
    deep = Position(snapshot.open.last_at_ms, middle)
    lists: dict[str, dict[str, Any]] = {
        **{f"view {view}": {"view": view, "sort": _sort(view)} for view in View},
        "a page deep inside": {"view": View.ALL, "after": deep},
        "closed": {"view": View.ALL, "is_open": False},
        "frequent tag": {"view": View.ALL, "tag": people.FREQUENT_TAG},
        "rare tag": {"view": View.ALL, "tag": people.RARE_TAG},
        "frequent channel": {"view": View.ALL, "channel": people.FREQUENT_CHANNEL},
        "rare channel": {"view": View.ALL, "channel": people.RARE_CHANNEL},
        "tag of the frequent channel": {
            "view": View.ALL,
            "channel": people.FREQUENT_CHANNEL,
            "tag": people.FREQUENT_TAG,
        },
    }
    searches = {
        "frequent name": "ana",
        "rare name": people.RARE_NAME,
        "phone": people.phone_of(REACHABLE),
        "email": people.email_of(REACHABLE),
        "tag": people.FREQUENT_TAG,
        "conversation id": f"{middle}-1",
        "nothing": "zzzzz",
    }
    cases: dict[str, Ask] = {}
    for name, wanted in lists.items():
        cases[f"store, {name}"] = _list(store, user, wanted)
        cases[f"page, {name}"] = at.visit.page(_address(wanted))
    for name, text in searches.items():
        cases[f"store, search {name}"] = partial(store.search, text, ROWS, people.CHANNELS)
        cases[f"page, search {name}"] = at.visit.page(f"/?{urlencode({'q': text})}")
    restricted = at.crowd.users[-1]
    cases["store, all of a restricted agent"] = _list(store, restricted, {"view": View.ALL})
    cases["store, counts"] = lambda: store.inbox_counts(user)
    cases["store, conversation"] = partial(_read_conversation, store, typical)
    cases["page, conversation"] = at.visit.page(f"/conversations/{typical}")
    return cases


def _read_conversation(store: Store, contact: str) -> None:
    store.snapshot(contact)
    store.timeline(contact, -LAST_ENTRIES, LAST_ENTRIES)


def _sort(view: View) -> Sort:
    return Sort.LONGEST if view is View.NEEDS_PERSON else Sort.NEWEST


def _list(store: Store, user: User, wanted: dict[str, Any]) -> Ask:
    after = wanted.get("after")
    query = InboxQuery(user=user, **{name: value for name, value in wanted.items() if name != "after"})
    return lambda: store.inbox(query, ROWS, after)


def _address(wanted: dict[str, Any]) -> str:
    """Return the page's address, as web/inbox/asking.py reads it."""
    after: Position | None = wanted.get("after")
    said = {
        "view": wanted["view"],
        "closed": "" if wanted.get("is_open", True) else "1",
        "channel": wanted.get("channel", ""),
        "tag": wanted.get("tag", ""),
        "after": f"{after.score}.{after.member}" if after else "",
    }
    words = urlencode({name: value for name, value in said.items() if value})
    return f"{'/inbox/list' if after else '/'}?{words}"


def _figures(name: str, few: list[float], many: list[float]) -> list[Figure]:
    most_ms, most_ratio = (MOST_MS, MOST_RATIO) if name.startswith("page") else (None, None)
    return compared("inbox", name, few, many, to="to few contacts", most_ms=most_ms, most_ratio=most_ratio)
