"""How long the server takes for reports and the Dashboard: beside few closed conversations, a million.

Both stores are asked in turns within one process; a page is the whole WSGI application called by an owner. All days are
summed up before, as the workers do, and every page is asked for a few times first, as its filters make what is kept.
"""

from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlencode

from bench import closed
from bench.events import connect
from bench.figures import Figure
from bench.pages import MOST_RATIO, Ask, Visit, compared, in_turns
from bench.processes import Processes
from domain.metrics import ReportName
from domain.periods import Period, Preset, day_of, period_of

CONVERSATIONS = 1_000_000
FEW = 10_000
ROUNDS = 40
MOST_MS = 200.0
#: With filters that nobody has asked for, a page makes some days at a time: so often it is asked for until it has all.
WARM_UP = 12
FIRST_LOOK = "conversations, 30 days, by a user whom nobody asked for"
PRESETS = (Preset.LAST_30_DAYS, Preset.LAST_90_DAYS)


def measure(
    say: Callable[[str], None], *, conversations: int = CONVERSATIONS, few: int = FEW, rounds: int = ROUNDS
) -> list[Figure]:
    """Return of each page the median and the 95th percentile in ms, and the ratio of medians: many to few."""
    with Processes() as one, Processes() as other:
        small, _ = _place(one, few, say)
        large, took_s = _place(other, conversations, say)
        times = in_turns(small, large, rounds, warm_up=WARM_UP)
    to = f"to {few:,} conversations"
    figures = [Figure(f"reports: all days of {conversations:,} conversations summed up", took_s, "s")]
    for name, spent in times.items():
        # What nobody asked for yet is made from all that was counted of a day; only later it is of one size.
        ratio = None if name == FIRST_LOOK else MOST_RATIO
        figures += compared("reports", name, *spent, to=to, most_ms=MOST_MS, most_ratio=ratio)
    return figures


def _place(processes: Processes, conversations: int, say: Callable[[str], None]) -> tuple[dict[str, Ask], float]:
    """Return what is asked, by its name, and how long it took to sum up all days."""
    processes.start_store()
    store = connect(processes)
    filled = closed.fill(store, conversations, say)
    took_s = closed.sum_up(store, say)
    visit = Visit(processes, store, filled.users[0])
    today = day_of(store.now_ms(), store.platform_settings().zone)
    pages = {name: visit.page(address) for name, address in _addresses(today, filled.users[3].id, filled.category)}
    unasked = iter([user.id for user in filled.users] * 100)
    pages[FIRST_LOOK] = _first_looks(visit, unasked)
    return pages, took_s


def _addresses(today: date, user: str, category: str) -> Iterator[tuple[str, str]]:
    yield "dashboard", "/dashboard"
    yield "dashboard, its widgets", "/dashboard/widgets"
    for preset in PRESETS:
        days = f"{period_of(preset, today).length} days"
        for report in ReportName:
            yield f"{report}, {days}", f"/reports/{report}?preset={preset}"
        filters = {
            ReportName.CONVERSATIONS: {"channel": "viber"},
            ReportName.RESPONSES: {"user": user},
            ReportName.RESOLUTIONS: {"category": category},
        }
        for report, given in filters.items():
            [name] = given
            yield f"{report}, {days}, by {name}", f"/reports/{report}?{urlencode({'preset': preset, **given})}"
        for what in ("opened", "closed", "responded"):
            yield f"list of {what}, {days}", _list(what, period_of(preset, today))
    yield "list of closed, 90 days, by category", _list("closed", period_of(PRESETS[1], today), category=category)


def _list(what: str, period: Period, **filters: str) -> str:
    words = {"what": what, "from": period.first.isoformat(), "to": period.last.isoformat(), **filters}
    return f"/reports/list?{urlencode(words)}"


def _first_looks(visit: Visit, users: Iterator[str]) -> Ask:
    """Each time another user, with other days: what it is made of has to be made first."""

    def ask() -> object:
        return visit.page(f"/reports/conversations?preset=last_30_days&user={next(users)}")()

    return ask
