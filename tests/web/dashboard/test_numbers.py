"""The Dashboard's numbers are those of the reports, in the platform's own days."""

import re
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from domain.identities import contact_id
from domain.metrics import Filters, ReportName
from domain.periods import Preset, day_of, period_of
from store import Store
from tests.conftest import StoppedClock
from tests.web.dashboard.reading import PATH, items, said, widget
from tests.web.inbox.plays import answer, arrive, close, somebody
from tests.web.signed_in import Visitor
from turns.roll_ups import sum_up
from web.context import KEY, Context
from web.reports.reading import read_report
from web.reports.words import value_words

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
BESIDE = re.compile(r"(\d+) before (\d+)")
ZONE = "Asia/Kathmandu"  # 5 h 45 min ahead: its days begin at 18:15 UTC


@pytest.fixture
def now(app: Flask, store: Store, clock: StoppedClock) -> StoppedClock:
    """Noon of some day in Kathmandu, for the store of the application too."""
    clock.ms = int(datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC).timestamp() * 1000)
    context = cast(Context, app.extensions[KEY])
    context.store.now_ms = clock
    for one in (store, context.store):
        one.change_setting("time_zone", ZONE)
    return clock


def live(store: Store, clock: StoppedClock, visitor: Visitor) -> list[tuple[int, int]]:
    """Let conversations open and most of them close on many days; return when each did (0: not yet)."""
    end, happened = clock.ms, []
    for i in range(70):
        # Up to 69 days ago, some shortly before and some shortly after midnight in Kathmandu.
        opened = end - i * DAY_MS - (i * 7 % 24) * HOUR_MS
        clock.ms = opened
        who = somebody(i)
        arrive(store, who)
        took_ms = min((i % 5 + 1) * HOUR_MS, end - opened)
        if i % 7 == 6 or took_ms <= 0:
            happened.append((opened, 0))
            continue
        clock.ms = opened + took_ms // 2
        answer(store, contact_id(who), "Yes?", visitor.user)
        clock.ms = opened + took_ms
        close(store, contact_id(who))
        happened.append((opened, clock.ms))
    clock.ms = end
    return happened


def test_they_are_what_one_counts_by_hand(manager: Visitor, store: Store, now: StoppedClock) -> None:
    happened = live(store, now, manager)
    assert sum_up(store)
    today = day_of(now.ms, ZoneInfo(ZONE))

    def count(which: int, preset: Preset, *, before: bool) -> int:
        period = period_of(preset, today)
        days = set((period.previous if before else period).days())
        return sum(bool(one[which]) and day_of(one[which], ZoneInfo(ZONE)) in days for one in happened)

    page = manager.get(PATH)
    shown = items(page, "counts", "counts")
    presets = (Preset.TODAY, Preset.YESTERDAY, Preset.LAST_14_DAYS, Preset.LAST_30_DAYS)
    for line, preset in zip(shown, presets, strict=True):
        wanted = [(count(which, preset, before=False), count(which, preset, before=True)) for which in (0, 1)]
        assert [(int(now), int(before)) for now, before in BESIDE.findall(line)] == wanted, line
    assert "summed up" not in said(widget(page, "counts"))


def test_today_is_there_even_if_nothing_is_summed_up_yet_and_that_is_said(
    manager: Visitor, store: Store, now: StoppedClock
) -> None:
    live(store, now, manager)
    page = manager.get(PATH)
    assert BESIDE.findall(items(page, "counts", "counts")[0])[0][0] == "1"
    assert re.search(r"\d+ days are still being summed up", said(widget(page, "counts")))


def test_times_are_those_of_the_reports(manager: Visitor, store: Store, now: StoppedClock) -> None:
    live(store, now, manager)
    assert sum_up(store)
    shown = said(widget(manager.get(PATH), "times"))
    period = period_of(Preset.LAST_7_DAYS, day_of(now.ms, ZoneInfo(ZONE)))
    for name, keys in (
        (ReportName.RESOLUTIONS, ("resolution_average", "resolution_median")),
        (ReportName.RESPONSES, ("first_response_average", "first_response_median")),
    ):
        numbers = {number.key: number for number in read_report(store, name, period, Filters()).numbers}
        for key in keys:
            number = numbers[key]
            assert number.value and number.before
            for value in (number.value, number.before):
                assert " ".join(value_words(value, number.unit).split()) in shown, key


def test_every_period_leads_to_its_report(manager: Visitor) -> None:
    page = manager.get(PATH)
    for preset in ("today", "yesterday", "last_14_days", "last_30_days"):
        path = f"/reports/conversations?preset={preset}"
        assert f'href="{path}"' in page.text and manager.get(path).status_code == 200
    for path in ("/reports/resolutions?preset=last_7_days", "/reports/responses?preset=last_7_days", "/reports/users"):
        assert f'href="{path}"' in page.text and manager.get(path).status_code == 200


def test_the_drawing_is_told_in_words_too(manager: Visitor, store: Store, now: StoppedClock) -> None:
    live(store, now, manager)
    assert sum_up(store)
    shown = widget(manager.get(PATH), "counts")
    assert 'role="img" aria-label="Opened and closed on each of the last 30 days: ' in shown
    assert "style=" not in shown and shown.count("<title>") > 30


def test_a_month_of_thirty_days_is_compared_with_the_whole_month_before(
    app: Flask, manager: Visitor, store: Store, now: StoppedClock
) -> None:
    now.ms = int(datetime(2026, 11, 30, 12, 0, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
    end = now.ms
    now.ms = int(datetime(2026, 10, 1, 12, 0, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
    store.forget_sums(now.ms)
    arrive(store, somebody(1))
    now.ms = end
    assert sum_up(store)
    assert items(manager.get(PATH), "counts", "counts")[3].startswith("Last 30 days 0 before 1")
