"""Summaries of days say what adding up by hand says, however the days are cut and put together again."""

import copy
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.durations import BUCKETS, read_bucket, step_of
from domain.metrics import METRICS, NEEDS, Filters, Keep, Need, ReportName, knows
from domain.summaries import LONGEST_GAP, Summary, count_contacts, join, sum_up, summarize

#: A busy machine is no mistake of ours.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
VALUES: dict[str, list[str]] = {
    "channel": ["facebook", "viber"],
    "source": ["contact", "user"],
    "user": ["", "u1", "u2"],
    "category": ["", "Sold", "Sold | gone"],
    "bucket": ["0", "17", "262", "262+", "639", "700"],
    "gap": ["", "0", "1", "5", "400", "401", "9999"],
    "age": ["new", "returning"],
    "hour": ["0", "23"],
    "sender": ["contact", "user"],
    "by": ["", "u1"],
    "reason": ["notify", "assigned"],
    "outcome": ["matched", "fallback"],
    "intent": ["", "order", "a|b"],
}
Line = tuple[str, dict[str, str], int]
Lines = list[Line]


def a_line(metric: str) -> st.SearchStrategy[Line]:
    """A metric, the values of its dimensions and a count."""
    values = st.fixed_dictionaries({dimension: st.sampled_from(VALUES[dimension]) for dimension in METRICS[metric]})
    return st.tuples(st.just(metric), values, st.integers(1, 1000))


def some_days(most: int) -> st.SearchStrategy[tuple[ReportName, list[Lines]]]:
    """A report, and days that mostly hold what it needs."""

    def of_report(report: ReportName) -> st.SearchStrategy[tuple[ReportName, list[Lines]]]:
        metrics = st.sampled_from([*sorted({need.metric for need in NEEDS[report]}), "answered", "contact_closed"])
        lines = st.lists(metrics.flatmap(a_line), min_size=5, max_size=40)
        return st.tuples(st.just(report), st.lists(lines, min_size=1, max_size=most))

    return st.sampled_from(list(ReportName)).flatmap(of_report)


filters = st.builds(
    Filters,
    channel=st.sampled_from(["", "viber", "other"]),
    source=st.sampled_from(["", "", "user"]),
    user=st.sampled_from(["", "", "u1"]),
    category=st.sampled_from(["", "", "Sold | gone"]),
)


def counters(day: Lines) -> dict[str, int]:
    """What a day's counters hold."""
    found: dict[str, int] = {}
    for metric, values, count in day:
        name = "|".join((metric, *(values[dimension] for dimension in METRICS[metric])))
        found[name] = found.get(name, 0) + count
    return found


def plain(summary: Summary) -> dict[str, Any]:
    """Comparable; lists without what is zero."""
    lists = {
        name: {key: {place: count for place, count in enumerate(counts) if count} for key, counts in one.items()}
        for name, one in (("buckets", summary.buckets), ("gaps", summary.gaps))
    }
    return {"counts": summary.counts, "longest": summary.longest, **lists}


def chosen(day: Lines, need: Need, given: Filters) -> list[tuple[str, dict[str, str], int]]:
    """The lines that a need is about, each with the values that it is told apart by."""
    limits = {name: value for name, value in vars_of(given).items() if value}
    if not all(name in METRICS[need.metric] for name in limits):
        return []
    return [
        ("|".join(values[name] for name in need.by), values, count)
        for metric, values, count in day
        if metric == need.metric and all(values[name] == value for name, value in limits.items())
    ]


def vars_of(given: Filters) -> dict[str, str]:
    return {name: getattr(given, name) for name in ("channel", "source", "user", "category")}


@untimed
@given(some_days(1), filters)
def test_a_summary_says_what_adding_up_says(found_in: tuple[ReportName, list[Lines]], given: Filters) -> None:
    report, [day] = found_in
    summary = summarize(counters(day), report, given)
    for need in NEEDS[report]:
        found = chosen(day, need, given)
        match need.keep:
            case Keep.COUNT:
                exact: dict[str, int] = {}
                for key, _, count in found:
                    exact[key] = exact.get(key, 0) + count
                if need.by:
                    assert summary.by(need.metric, *need.by) == exact
                else:
                    assert summary.total(need.metric) == exact.get("", 0)
            case Keep.STEPS:
                steps: dict[int, int] = {}
                for _, values, count in found:
                    step = step_of(values["bucket"])
                    steps[step] = steps.get(step, 0) + count
                assert summary.steps(need.metric) == steps
            case Keep.LONGEST:
                longest = {key: max(read_bucket(v["bucket"]) for k, v, _ in found if k == key) for key, _, _ in found}
                assert summary.longest_by(need.metric, *need.by) == longest
            case Keep.BUCKETS:
                buckets = [0] * BUCKETS
                for _, values, count in found:
                    buckets[min(read_bucket(values["bucket"]), BUCKETS - 1)] += count
                assert list(summary.durations(need.metric)) == buckets
            case Keep.GAPS:
                for key in {key for key, _, _ in found}:
                    gaps = summary.gaps["|".join((need.key, *([key] if need.by else [])))]
                    known = [(values["gap"], count) for name, values, count in found if name == key]
                    assert list(gaps) == [
                        sum(count for gap, count in known if not gap or int(gap) >= least)
                        for least in range(LONGEST_GAP + 1)
                    ]


@untimed
@given(some_days(1), filters)
def test_a_summary_holds_nothing_else(found_in: tuple[ReportName, list[Lines]], given: Filters) -> None:
    report, [day] = found_in
    summary = plain(summarize(counters(day), report, given))
    wanted: dict[str, set[str]] = {"counts": set(), "longest": set(), "buckets": set(), "gaps": set()}
    for need in NEEDS[report]:
        for key, values, _ in chosen(day, need, given):
            place = "counts" if need.keep in (Keep.COUNT, Keep.STEPS) else str(need.keep)
            step = [str(step_of(values["bucket"]))] if need.keep is Keep.STEPS else []
            wanted[place].add("|".join((need.key, *([key] if need.by else []), *step)))
    assert {place: set(held) for place, held in summary.items()} == wanted


@untimed
@given(some_days(4), filters)
def test_days_that_are_summed_up_are_one_day_without_gaps(
    found_in: tuple[ReportName, list[Lines]], given: Filters
) -> None:
    report, days = found_in
    parts = [summarize(counters(day), report, given) for day in days]
    before = copy.deepcopy(parts)
    whole = summarize(counters([line for day in days for line in day]), report, given)
    assert plain(sum_up(parts)) == {**plain(whole), "gaps": {}}
    assert parts == before, "the days stay what they are"


@untimed
@given(some_days(4), filters)
def test_parts_of_a_day_are_joined_to_the_whole_day(found_in: tuple[ReportName, list[Lines]], given: Filters) -> None:
    report, parts = found_in
    summaries = [summarize(counters(part), report, given) for part in parts]
    before = copy.deepcopy(summaries)
    whole = summarize(counters([line for part in parts for line in part]), report, given)
    assert plain(join(*summaries)) == plain(whole)
    assert summaries == before, "the parts stay what they are"


@untimed
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=60), st.integers(0, 40), st.integers(1, 40))
def test_each_contact_of_a_period_counts_once(events: list[tuple[int, int]], first: int, length: int) -> None:
    begin = date(2026, 9, 15)
    days: dict[date, Lines] = {begin + timedelta(days=first + number): [] for number in range(length)}
    last: dict[int, int] = {}
    exact: set[int] = set()
    for number, contact in sorted(events):
        day = begin + timedelta(days=number)
        if day in days:
            gap = str(number - last[contact]) if contact in last else ""
            days[day].append(("contact_closed", {"channel": "viber", "gap": gap}, 1))
            exact.add(contact)
        last[contact] = number
    summaries = {day: summarize(counters(found), ReportName.CONTACTS, Filters()) for day, found in days.items()}
    assert count_contacts(summaries, "contact_closed") == ({"": len(exact)} if exact else {})


def test_who_was_there_just_before_the_period_counts_in_it_and_who_was_there_on_its_first_day_only_there() -> None:
    first, length = date(2025, 11, 1), 400
    days = {first + timedelta(days=number): Summary() for number in range(length)}
    last = max(days)
    for gap, counted in (("", 5), ("400", 5), ("401", 5), ("9999", 5), ("399", 0), ("0", 0)):
        day: Lines = [("contact_closed", {"channel": "viber", "gap": gap}, 5)]
        days[last] = summarize(counters(day), ReportName.CONTACTS, Filters())
        assert count_contacts(days, "contact_closed") == {"": counted}, gap
    assert count_contacts({}, "contact_closed") == {}


def test_contacts_are_counted_for_each_user_and_another_metric_is_not_mixed_in() -> None:
    day: Lines = [
        ("contact_closed_by", {"channel": "viber", "user": "u1", "gap": ""}, 2),
        ("contact_closed_by", {"channel": "facebook", "user": "u1", "gap": "7"}, 1),
        ("contact_closed_by", {"channel": "viber", "user": "u2", "gap": "0"}, 4),
        ("contact_closed", {"channel": "viber", "gap": ""}, 9),
    ]
    users = {date(2026, 11, 22): summarize(counters(day), ReportName.USERS, Filters())}
    assert count_contacts(users, "contact_closed_by", "user") == {"u1": 3, "u2": 0}
    limited = {date(2026, 11, 22): summarize(counters(day), ReportName.USERS, Filters(channel="viber"))}
    assert count_contacts(limited, "contact_closed_by", "user") == {"u1": 2, "u2": 0}
    assert count_contacts(users, "contact_closed") == {}


@pytest.mark.parametrize(
    ("metric", "limits", "is_known"),
    [
        ("opened", {}, True),
        ("opened", {"channel": "viber", "source": "user", "user": "u1"}, True),
        ("opened", {"category": "Sold"}, False),
        ("closed", {"category": "Sold"}, True),
        ("message", {"source": "user"}, False),
        ("solved_by_bot", {"user": "u1"}, False),
        ("contact_closed", {"channel": "viber"}, True),
        ("contact_closed", {"user": "u1"}, False),
    ],
)
def test_a_metric_can_be_limited_by_what_it_knows(metric: str, limits: dict[str, str], is_known: bool) -> None:
    assert knows(metric, Filters(**limits)) == is_known


def test_a_filter_that_is_empty_limits_nothing() -> None:
    assert not Filters() and Filters(user="u1")
    assert Filters(user="u1").given() == {"user": "u1"}


def test_the_longest_of_several_days_is_that_of_any_of_them() -> None:
    days = [summarize({f"closed|viber|user|u1|{bucket}|": 1}, ReportName.USERS, Filters()) for bucket in (17, 300, 0)]
    assert sum_up(days).longest_by("closed", "user") == join(*days).longest_by("closed", "user") == {"u1": 300}


def test_where_nothing_was_counted_everything_is_zero() -> None:
    empty = sum_up([])
    assert empty.total("opened") == 0 and empty.by("opened", "channel") == {} and not any(empty.durations("closed"))
    assert summarize({"laughed|viber": 1}, ReportName.CONVERSATIONS, Filters()) == Summary()
    assert len(Summary().durations("closed")) == BUCKETS


def test_every_report_needs_only_what_is_counted() -> None:
    assert set(NEEDS) == set(ReportName)
    for need in (need for needs in NEEDS.values() for need in needs):
        assert set(need.by) <= set(METRICS[need.metric])
        assert need.keep in (Keep.COUNT, Keep.GAPS) or "bucket" in METRICS[need.metric]
        assert need.keep is not Keep.GAPS or METRICS[need.metric][-1] == "gap"
