"""The conversations behind a number of a report: a list to be sorted, of which a file has all."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from domain.errors import BadPayload
from domain.metrics import Filters, ReportName
from domain.models import ClosedConversation
from domain.reports import Unit
from domain.users import Role
from store import Found, Wanted, What
from web.access import guard
from web.context import context
from web.inbox.words import by_whom, name_of
from web.reports.choices import LABELS, choices, limits
from web.reports.making import count_wanted, parse_wanted
from web.reports.reading import MAX_FILTER_CHARS, today_of
from web.reports.samples import MOST_FOUND, SORTS, Sample, begins_with_latest, in_order, read_sample
from web.reports.words import period_words, value_words

report_lists = Blueprint("report_lists", __name__, url_prefix="/reports")
guard(report_lists, Role.MANAGER)

PAGE_ROWS = 50
TITLES = {
    What.OPENED: "Conversations opened",
    What.CLOSED: "Conversations closed",
    What.RESPONDED: "Conversations with a first response",
}
KINDS = {What.OPENED: "Opened", What.CLOSED: "Closed", What.RESPONDED: "First response"}
HEADS = {
    "opened": "Opened",
    "closed": "Closed",
    "resolution_time": "Resolution Time",
    "first_response_time": "First response",
    "messages": "Messages",
}
_PATH = "/reports/list"


@dataclass(frozen=True, slots=True)
class AskedList:
    """A list as it was asked for. after: the place where it begins; empty at the beginning."""

    wanted: Wanted
    sort: str
    page: int
    after: str

    def address(self, path: str = _PATH, **more: str) -> str:
        """Where this list is, with something changed."""
        period = self.wanted.period
        words = {"what": str(self.wanted.what), "from": str(period.first), "to": str(period.last)}
        words |= {**self.wanted.filters.given(), **more}
        return f"{path}?{urlencode({name: value for name, value in words.items() if value})}"

    def sorted_by(self, name: str) -> str:
        """The same in the order of a column, the greatest first, or the other way round."""
        sort = name if self.sort == f"-{name}" else f"-{name}"
        return self.address(sort=sort, after=self.after)

    def turned_to(self, page: int) -> str:
        """Another page of it."""
        return self.address(sort=self.sort, after=self.after, page=str(page))


@report_lists.get("/list")
def show() -> Response | str:
    """Show what can be read fast, and lead to the rest; what cannot be asked for is said above the form."""
    try:
        asked, dropped = _read_asked()
        return _page(asked, dropped=dropped, sample=read_sample(context().store, asked.wanted, asked.after))
    except BadPayload as error:
        asked, _ = _read_asked({})
        return make_response(_page(asked, problem=str(error)), 400)


def _read_asked(words: dict[str, str] | None = None) -> tuple[AskedList, list[str]]:
    """What is asked for, and what of it cannot be: who gave the first response is not kept."""
    words = {key: value.strip() for key, value in request.args.items()} if words is None else words
    dropped = []
    if words.get("what") == What.RESPONDED:
        dropped = [key for key in ("source", "user") if words.get(key)]
        words = {key: value for key, value in words.items() if key not in dropped}
    store = context().store
    wanted = parse_wanted(words, store.platform_settings().zone, today_of(store))
    sort = words.get("sort") or ("-closed" if wanted.what is What.CLOSED else "-opened")
    if sort.removeprefix("-") not in SORTS:
        raise BadPayload(f"sort is one of {', '.join(SORTS)}, each with - before it for the greatest first.")
    page = words.get("page") or "1"
    if not (page.isascii() and page.isdecimal() and len(page) < 5 and int(page)):
        raise BadPayload("There is no such page of the list.")
    return AskedList(wanted, sort, int(page), words.get("after", "")), dropped


def _page(
    asked: AskedList, *, sample: Sample | None = None, dropped: list[str] | None = None, problem: str = ""
) -> str:
    store, wanted = context().store, asked.wanted
    filters = wanted.filters
    offered = choices(store, ReportName.CONVERSATIONS, filters, None)
    return render_template(
        "reports/list.html",
        asked=asked,
        problem=problem,
        written={key: request.args.get(key, "")[:MAX_FILTER_CHARS] for key in ("from", "to")} if problem else {},
        dropped=[LABELS[key].lower() for key in dropped or ()],
        titles=TITLES,
        kinds=KINDS,
        offered=offered,
        filter_labels=LABELS,
        limits=limits(filters, offered),
        zone=wanted.zone.key,
        period_words=period_words(wanted.period),
        number_words=lambda number: value_words(number, Unit.COUNT),
        report=_report_address(wanted),
        **(_shown(asked, sample) if sample else {}),
    )


def _shown(asked: AskedList, sample: Sample) -> dict[str, Any]:
    counted = count_wanted(context().store, asked.wanted)
    pages = max(-(-len(sample.found) // PAGE_ROWS), 1)
    page = min(asked.page, pages)
    rows = in_order(sample.found, asked.sort)[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    is_all = not sample.next and not asked.after
    return {
        "sample": sample,
        "is_all": is_all,
        "is_latest": begins_with_latest(context().store, asked.wanted),
        "most": MOST_FOUND,
        "counted": counted,
        "gone": max(counted - len(sample.found), 0) if is_all and counted is not None else 0,
        "more_than_counted": is_all and counted is not None and counted < len(sample.found),
        "rows": [_row(one) for one in rows],
        "pages": pages,
        "page": page,
        "heads": [(name, label, asked.sorted_by(name), _order(asked.sort, name)) for name, label in HEADS.items()],
        "file": asked.address("/reports/list.csv"),
        "about": len(sample.found) if is_all else counted or 0,
        "further": asked.address(sort=asked.sort, after=sample.next) if sample.next else "",
    }


def _row(found: Found) -> dict[str, Any]:
    one = found.conversation
    closed = one if isinstance(one, ClosedConversation) else None
    return {
        "number": one.number,
        "url": f"/conversations/{found.contact}?at={one.first_entry}",
        "person": found.person,
        "name": found.name,
        "channel": one.channel,
        "opened_at_ms": one.opened_at_ms,
        "opened_by": by_whom({"by": one.by, "source": one.source}),
        "closed_at_ms": closed.closed_at_ms if closed else None,
        "closed_by": by_whom({"by": closed.closed_by, "source": closed.closed_source}) if closed else "",
        "category": ((closed.note if closed else None) or {}).get("category", ""),
        "resolution_ms": closed.resolution_ms if closed else None,
        "response_ms": one.first_response_ms,
        "incoming": one.incoming,
        "outgoing": one.outgoing,
        "assignee": name_of(one.assignee),
    }


def _order(sort: str, name: str) -> str:
    return {name: "ascending", f"-{name}": "descending"}.get(sort, "")


def _report_address(wanted: Wanted) -> str:
    """The report that the list stands behind, as far as one can tell."""
    name = ReportName.RESPONSES if wanted.what is What.RESPONDED else ReportName.CONVERSATIONS
    dates = {"from": str(wanted.period.first), "to": str(wanted.period.last)}
    filters = replace(wanted.filters, category="") if name is ReportName.RESPONSES else wanted.filters
    return f"/reports/{name}?{urlencode({**dates, **(filters or Filters()).given()})}"
