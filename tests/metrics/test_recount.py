"""Whatever happens, in whatever zone: the reports say what a slow recount of the timelines says."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from domain.metrics import Filters, ReportName
from domain.periods import Period
from tests.conftest import StoppedClock
from tests.metrics.comparing import compare, compare_days, whole_period
from tests.metrics.ground import USERS
from tests.metrics.reporting import compare_reports
from tests.metrics.timelines import Fact, recount
from tests.metrics.world import ACTS, CATEGORIES, World
from tests.servers import Valkey

#: A day or two before the clock of each zone changes, where it does.
BEGINS = {
    "Europe/Sofia": "2027-03-26T09:00",
    "America/New_York": "2027-11-05T22:10",
    "Australia/Lord_Howe": "2027-04-02T23:40",
    "Asia/Kolkata": "2027-06-01T05:20",
    "Asia/Kathmandu": "2027-06-01T18:00",
    "America/St_Johns": "2027-03-12T01:50",
    "Africa/Cairo": "2027-04-28T20:55",
    "America/Havana": "2027-11-05T21:00",
}
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 59), st.integers(0, 59)), min_size=120, max_size=220)
filters = st.builds(
    Filters,
    channel=st.sampled_from(["", "", "facebook", "viber"]),
    source=st.sampled_from(["", "", "", "user", "contact", "dialogflow", "api", "kept"]),
    user=st.sampled_from(["", "", "", *(user.id for user in USERS)]),
    category=st.sampled_from(["", "", *CATEGORIES]),
)
stretches = st.tuples(st.integers(0, 40), st.integers(0, 40), filters)


def facts_of(world: World) -> list[Fact]:
    return recount(world.histories(), is_deactivated=world.is_away, bot_back_on=world.bot_back_on)


def unmatched(world: World, facts: list[Fact], channel: str) -> dict[str, int]:
    """Of those who are still there. They write less than is kept."""
    left = [fact.values for fact in facts if fact.what == "unmatched" and fact.who >= len(world.gone)]
    return dict(Counter(values["text"] for values in left if channel in ("", values["channel"])))


@given(
    zone=st.sampled_from(sorted(BEGINS)),
    other_zone=st.sampled_from(sorted(BEGINS)),
    rules=st.tuples(st.booleans(), st.booleans()),
    steps=steps,
    stretches=st.lists(stretches, min_size=3, max_size=3),
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@pytest.mark.timeout(600)  # to make a failure small
def test_the_reports_say_what_a_recount_of_the_timelines_says(
    valkey: Valkey,
    zone: str,
    other_zone: str,
    rules: tuple[bool, bool],
    steps: list[tuple[str, int, int]],
    stretches: list[tuple[int, int, Filters]],
) -> None:
    begins = datetime.fromisoformat(BEGINS[zone]).replace(tzinfo=ZoneInfo(zone))
    world = World(valkey, StoppedClock(int(begins.timestamp() * 1000)), zone, *rules)
    for act, a, b in steps:
        getattr(world, act)(a, b)
    facts, store = facts_of(world), world.store
    for channel in ("", "facebook", "viber"):
        assert {one.text: one.count for one in store.unmatched_messages(channel=channel)} == unmatched(
            world, facts, channel
        )
    whole = whole_period(facts, store)
    for report in ReportName:
        found = store.summaries(report, whole, ZoneInfo(zone), Filters())
        compare_days(found, facts, report, ZoneInfo(zone))
    for changed in (zone, other_zone):
        store.change_setting("time_zone", changed)
        world.sums(0, 0)
        whole = whole_period(facts, store)
        compare(store, facts, whole, Filters())
        for start, length, limits in stretches:
            first = whole.first + timedelta(days=start % whole.length)
            period = Period(first, first + timedelta(days=length))
            compare(store, facts, period, Filters())
            compare(store, facts, period, limits)
            compare_reports(store, facts, period, limits)
