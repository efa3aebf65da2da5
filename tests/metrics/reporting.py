"""What the reports say to people, beside the recount: numbers, steps, the heat map, lines and tables."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from domain.metrics import Filters, ReportName
from domain.periods import Period
from domain.reports import Report, Table
from handlers.reports import build_report, filterable
from store import Store
from tests.metrics.comparing import drop_zeros, is_near
from tests.metrics.recount import KNOWS, Counted, percentile
from tests.metrics.timelines import Fact

Value = int | float | None
Measure = Callable[[Counted], Value]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
RESOLUTION_EDGES = (5 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY)
RESPONSE_EDGES = (30_000, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR)


def total(what: str, **of: str) -> Measure:
    """How often, of what has these values; None where the filters ask for what is not known."""

    def measure(counted: Counted) -> Value:
        found = [one for one in counted.found(what) if all(one.values[name] == value for name, value in of.items())]
        return len(found) if counted.knows(what) else None

    return measure


def unless_user(measure: Measure) -> Measure:
    """None where the filters ask for a user, who has nothing to do with it."""
    return lambda counted: None if "user" in counted.filters else measure(counted)


def unlike(what: str, name: str, value: str) -> Measure:
    return lambda counted: sum(one.values[name] != value for one in counted.found(what))


def share(what: str, at: float) -> Measure:
    return lambda counted: percentile(counted.durations(what), at)


def mean(what: str) -> Measure:
    def measure(counted: Counted) -> Value:
        durations = counted.durations(what)
        return sum(durations) / len(durations) if durations else None

    return measure


def contacts(what: str) -> Measure:
    return lambda counted: counted.contacts(what).get("", 0)


def fallback_share(counted: Counted) -> Value:
    fallbacks, answers = (
        total("answered", outcome="fallback")(counted),
        unlike("answered", "outcome", "failed")(counted),
    )
    return (fallbacks or 0) / answers if answers else None


#: Which number of which report; `~` in front where it may be 2 % off.
NUMBERS: dict[str, dict[str, Measure]] = {
    "conversations": {"opened": total("opened"), "closed": total("closed")},
    "resolutions": {
        "closed": total("closed"),
        "resolution_average": mean("closed"),
        "~resolution_median": share("closed", 0.5),
        "~resolution_p90": share("closed", 0.9),
        "~resolution_longest": share("closed", 1.0),
    },
    "responses": {
        name: measure
        for kind in ("first_response", "response")
        for name, measure in {
            kind: total(kind),
            f"{kind}_average": mean(kind),
            f"~{kind}_median": share(kind, 0.5),
            f"~{kind}_p90": share(kind, 0.9),
        }.items()
    },
    "messages": {
        "messages_in": unless_user(total("message", sender="contact")),
        "messages_out": unlike("message", "sender", "contact"),
    },
    "users": {
        "closed": unlike("closed", "user", ""),
        "assigned": unlike("assigned", "user", ""),
        "message": unlike("message", "user", ""),
    },
    "contacts": {
        "new": total("opened", age="new"),
        "returning": contacts("contact_opened"),
        "returning_conversations": total("opened", age="returning"),
        "unique_contacts_closed": contacts("contact_closed"),
    },
    "assignments": {"assigned": total("assigned"), "unassigned": unless_user(total("assigned", user=""))},
    "bot": {
        "answers": unlike("answered", "outcome", "failed"),
        "fallback_share": fallback_share,
        "failures": total("answered", outcome="failed"),
        "handed_off": total("handed_off"),
        "rb_markdone": total("closed", source="dialogflow"),
        "solved_by_bot": total("solved_by_bot"),
    },
}


def compare_reports(store: Store, facts: Sequence[Fact], period: Period, filters: Filters) -> None:
    """Fail where a report differs from the recount. All days must have been summed up."""
    zone = store.platform_settings().zone
    first, last = previous(period.first, period.last)
    for name in ReportName:
        limits = Filters(**{key: value for key, value in filters.given().items() if key in filterable(name)})
        found = store.summaries(name, period, zone, limits, most_days=period.length)
        before = store.summaries(name, Period(first, last), zone, limits, most_days=800)
        report = build_report(name, period, found.days, before.days, limits, {}, found.missing + before.missing)
        assert (report.missing, report.previous.first, report.previous.last) == (0, first, last)
        now = Counted(facts, period.first, period.last, zone, limits.given())
        earlier = Counted(facts, first, last, zone, limits.given())
        compare_numbers(report, now, earlier)
        compare_charts(report, now, earlier)
        compare_tables(report, now, earlier)


def previous(first: date, last: date) -> tuple[date, date]:
    """The stretch before one, as long; before a whole month the month before."""
    one_day = timedelta(days=1)
    if first.day == 1 and (last + one_day).day == 1 and (last - first).days < 31:
        return (first - one_day).replace(day=1), first - one_day
    return first - (last - first) - one_day, first - one_day


def compare_numbers(report: Report, now: Counted, earlier: Counted) -> None:
    expected = {key.lstrip("~"): (key.startswith("~"), measure) for key, measure in NUMBERS[report.name].items()}
    assert [number.key for number in report.numbers] == list(expected)
    for number in report.numbers:
        is_rough, measure = expected[number.key]
        for value, exact in ((number.value, measure(now)), (number.before, measure(earlier))):
            is_right = is_near(value, exact) if is_rough else value == exact
            assert is_right, (
                f"{report.name}, {now.first} to {now.last}, {now.filters}: {number.key} {value}, not {exact}"
            )


def compare_charts(report: Report, now: Counted, earlier: Counted) -> None:
    charts = {chart.key: {one.key: one.values for one in chart.series} for chart in report.charts}
    labels = {chart.key: chart.labels for chart in report.charts}
    steps = {"closed_steps": RESOLUTION_EDGES, "first_response_steps": RESPONSE_EDGES, "response_steps": RESPONSE_EDGES}
    for key in charts.keys() & steps.keys():
        for values, counted in ((charts[key]["now"], now), (charts[key]["previous"], earlier)):
            compare_steps(values, counted.durations(key.removesuffix("_steps")), steps[key])
    if "openings_by_hour" in charts and charts["openings_by_hour"]["monday"][0] is not None:
        rows = enumerate(charts["openings_by_hour"].values())
        heat = {(weekday, hour): count for weekday, row in rows for hour, count in enumerate(row) if count}
        assert heat == now.by_weekday_and_hour("opened")
    if "opened_and_closed" in charts and report.period.length in range(2, 101):
        for day, count in zip(labels["opened_and_closed"], charts["opened_and_closed"]["closed"], strict=True):
            at = date.fromisoformat(day)
            assert count == total("closed")(Counted(now.facts, at, at, now.zone, now.filters)), day
    if "opened_and_closed" in charts and report.period.length == 1:
        by_hour = charts["opened_and_closed"]["closed"]
        assert drop_zeros({str(hour): int(n or 0) for hour, n in enumerate(by_hour)}) == now.count("closed", "hour")


def compare_steps(values: Sequence[Value], durations: Sequence[int], edges: Sequence[int]) -> None:
    """Each step has what is below its edge and not below the one before, to the millisecond."""
    bounds = list(zip((0, *edges), (*edges, math.inf), strict=True))
    expected = [sum(low <= ms < high for ms in durations) for low, high in bounds]
    assert [value or 0 for value in values] == expected, f"{values}, not {expected}"


def compare_tables(report: Report, now: Counted, earlier: Counted) -> None:
    for table in report.tables:
        words = table.key.split("_by_")
        if len(words) == 2 and words[0] in KNOWS:
            counts = {row.key: (row.values[0], row.values[2]) for row in table.rows}
            both = now.count(*words), earlier.count(*words)
            assert counts == {key: (both[0].get(key, 0), both[1].get(key, 0)) for key in {*both[0], *both[1]}}, (
                table.key
            )
        elif table.key == "users":
            compare_users(table, now)
        elif table.key == "intents":
            rows = {row.label: row.values[0] for row in table.rows if row.values[0]}
            assert sum(int(value or 0) for value in rows.values()) == unlike("answered", "outcome", "failed")(now)


def compare_users(table: Table, now: Counted) -> None:
    def averages(what: str) -> Mapping[str, float]:
        counts, sums = now.count(what, "user"), now.sum_ms(what, "user")
        return {user: sums[user] / count for user, count in counts.items()}

    expected: dict[str, Mapping[str, Value]] = {
        "closed": now.count("closed", "user"),
        "contacts_closed": now.contacts("contact_closed_by", "user"),
        "assigned": now.count("assigned", "user"),
        "messages": now.count("message", "user"),
        "first_response": averages("first_response"),
        "response": averages("response"),
        "resolution": averages("closed"),
        "longest": now.longest("closed", "user"),
    }
    assert [column.key for column in table.columns] == list(expected)
    assert {row.key for row in table.rows} == {user for of in expected.values() for user in of if user}
    for row in table.rows:
        for (key, of), value in zip(expected.items(), row.values, strict=True):
            exact = of.get(row.key, 0 if key in ("closed", "contacts_closed", "assigned", "messages") else None)
            assert is_near(value, exact) if key == "longest" else value == exact, (row.key, key, value, exact)
