"""Reports by the API: the numbers of the pages, for programs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from domain.metrics import ReportName
from domain.periods import Preset
from handlers.reports import filterable
from store import Store
from tests.conftest import StoppedClock, settings_for
from tests.people import message
from tests.web.api_caller import Caller
from tests.web.reports.week import DAY_MS, HOSTILE_CATEGORY, Week, make_week
from web import api_reports
from web.reports.reading import today_of


@pytest.fixture
def api(client: FlaskClient) -> Caller:
    return Caller(client)


@pytest.fixture
def week(store: Store, clock: StoppedClock) -> Week:
    return make_week(store, clock)


def keys_in(body: Any) -> set[str]:
    if isinstance(body, dict):
        return {*body, *(key for value in body.values() for key in keys_in(value))}
    return {key for value in body for key in keys_in(value)} if isinstance(body, list) else set()


def test_the_reports_are_listed_with_what_each_can_be_limited_by(api: Caller) -> None:
    listed = api.get("/reports")
    assert {one["name"]: tuple(one["filters"]) for one in listed["items"]} == {
        name: filterable(name) for name in ReportName
    }
    assert listed["presets"] == list(Preset)


def test_nobody_reads_them_without_the_token(client: FlaskClient) -> None:
    for path in ("/api/v1/reports", "/api/v1/reports/users"):
        assert client.get(path).status_code == 401


def test_a_report_has_numbers_beside_those_of_the_previous_period(api: Caller, week: Week, store: Store) -> None:
    found = api.get("/reports/resolutions?preset=last_30_days")
    today = today_of(store)
    assert (found["report"], found["from"], found["to"]) == (
        *("resolutions", str(today - timedelta(days=29)), str(today)),
    )
    assert found["previous"] == {"from": str(today - timedelta(days=59)), "to": str(today - timedelta(days=30))}
    assert (found["time_zone"], found["filters"], found["complete"]) == ("UTC", {}, True)
    assert found["numbers"]["closed"] == {"value": 14, "previous": None, "unit": "count"}
    average = sum(range(2, 9)) * 60 / 14
    assert found["numbers"]["resolution_average_s"] == {
        "value": pytest.approx(average, abs=0.001),
        "previous": None,
        "unit": "seconds",
    }
    [table] = [one for one in found["tables"] if one["key"] == "resolution_time_by_category"]
    assert [column["key"] for column in table["columns"]] == ["count", "average_s"]
    [row] = [one for one in table["rows"] if one["key"] == HOSTILE_CATEGORY]
    assert row["values"] == {"count": 7, "average_s": pytest.approx(average * 2, abs=0.001)}


@pytest.mark.parametrize("name", ReportName)
def test_every_report_is_of_the_described_shape(api: Caller, week: Week, client: FlaskClient, name: ReportName) -> None:
    schemas = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    found = api.get(f"/reports/{name}?preset=last_30_days")
    assert set(found) == set(schemas["ReportBody"]["properties"])
    for chart in found["series"]:
        assert set(chart) == set(schemas["ReportChart"]["properties"])
        assert {len(values) for values in chart["series"].values()} == {len(chart["labels"])}
        assert all(key.endswith("_s") == (chart["unit"] == "seconds") for key in chart["series"])
    for table in found["tables"]:
        for row in table["rows"]:
            assert list(row["values"]) == [column["key"] for column in table["columns"]]
    for key, number in found["numbers"].items():
        assert key.endswith("_s") == (number["unit"] == "seconds")
        assert number["unit"] != "share" or number["value"] is None or 0 <= number["value"] <= 1
    assert not {key for key in keys_in(found) if key.endswith("_ms")}


def test_its_numbers_are_those_of_the_pages_file(api: Caller, week: Week) -> None:
    day = api.get("/reports/conversations?preset=today")
    assert day["series"][0]["axis"] == "hour" and len(day["series"][0]["labels"]) == 24
    opened = api.get("/reports/conversations?preset=last_14_days")
    [chart] = [one for one in opened["series"] if one["key"] == "opened_and_closed"]
    assert sum(chart["series"]["opened"]) == opened["numbers"]["opened"]["value"] == 21


def test_what_filters_cannot_tell_is_null(api: Caller, week: Week) -> None:
    found = api.get("/reports/conversations", category=HOSTILE_CATEGORY)
    assert found["filters"] == {"category": HOSTILE_CATEGORY}
    assert found["numbers"]["opened"]["value"] is None and found["numbers"]["closed"]["value"] == 7
    assert set(found["series"][0]["series"]["opened"]) == {None}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"preset": "soon"}, "There is no period 'soon'"),
        ({"from": "22.11.2026"}, "Dates are written like"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "ends before it begins"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "at most 400 days"),
        ({"category": "x"}, "cannot be limited by category"),
        ({"chanel": "viber"}, "nothing else"),
        ({"channel": "x" * 300}, "at most 200"),
    ],
)
def test_what_cannot_be_asked_is_400_and_says_why(api: Caller, query: dict[str, str], words: str) -> None:
    error = api.get("/reports/users", 400, **query)["error"]
    assert error["code"] == "bad_request" and words in error["message"]
    assert api.get("/reports/users?channel=viber&channel=facebook", 400)["error"]["code"] == "bad_request"


@pytest.mark.parametrize("name", ["secrets", "users.csv", "%0A", "Users"])
def test_an_unknown_report_is_404(api: Caller, name: str) -> None:
    assert api.get(f"/reports/{name}", 404)["error"]["code"] == "not_found"


def test_a_store_that_is_away_is_503() -> None:
    away = Caller(create_app(settings_for("unix:///nonexistent/socket")).test_client())
    assert away.get("/reports/users", 503)["error"]["code"] == "unavailable"


def test_what_is_not_summed_up_in_time_is_said_not_to_be_complete(
    api: Caller, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = clock.ms
    clock.ms -= 30 * DAY_MS
    store.forget_sums(clock.ms)
    store.receive([message()])
    clock.ms = now_ms
    monkeypatch.setattr(api_reports, "PATIENCE_S", 0.1)
    assert api.get("/reports/conversations?preset=last_30_days")["complete"] is False
    zone = store.platform_settings().zone
    for day in store.days_to_sum_up(zone):
        store.sum_up_day(day, zone)
    found = api.get("/reports/conversations?preset=last_90_days")
    assert found["complete"] is True and found["numbers"]["opened"]["value"] == 1


def test_one_caller_at_a_time_waits_for_what_is_not_summed_up(
    api: Caller, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.ms -= 30 * DAY_MS
    store.forget_sums(clock.ms)
    store.receive([message()])
    clock.ms += 30 * DAY_MS
    monkeypatch.setattr(api_reports, "PATIENCE_S", 1000)
    assert api_reports._may_wait.acquire(blocking=False)
    try:
        assert api.get("/reports/conversations?preset=last_30_days")["complete"] is False
    finally:
        api_reports._may_wait.release()


def test_the_description_says_what_may_be_asked(client: FlaskClient) -> None:
    operation = client.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/reports/{report}"]["get"]
    assert [one["name"] for one in operation["parameters"]] == ["report", *api_reports.PARAMETERS]
    assert "from" in json.dumps(operation)
