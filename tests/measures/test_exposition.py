"""What Prometheus reads."""

from pathlib import Path

import pytest

from measures.catalogue import DIALOGFLOW_SECONDS, LOOKED_UP, MEASURED
from measures.exposition import expose
from measures.numbers import Numbers
from tests.measures.scraped import Scraped


def show(numbers: Numbers) -> Scraped:
    return Scraped(expose(numbers.read_all(), dict.fromkeys(LOOKED_UP[2:], 4.5)).decode())


def test_every_metric_is_there_from_the_start_with_a_help_text() -> None:
    found = show(Numbers())
    assert found.names == {metric.name for metric in (*MEASURED, *LOOKED_UP)}
    assert all(f"# HELP {name}" in found.text for name in found.names)
    assert found.of("markdone_webhooks_total", channel="viber", outcome="duplicate") == 0
    assert found["markdone_store_up"] == 4.5


def test_a_duration_is_in_the_bucket_that_it_fits_and_in_all_larger_ones() -> None:
    numbers = Numbers()
    for seconds in (0.001, 0.0025, 0.3, 99.0):
        numbers.observe(DIALOGFLOW_SECONDS, seconds)
    found = show(numbers)
    by_end = {
        end: found.of("markdone_dialogflow_seconds_bucket", le=end) for end in ("0.0025", "0.25", "0.5", "10.0", "+Inf")
    }
    assert by_end == {"0.0025": 2, "0.25": 2, "0.5": 3, "10.0": 3, "+Inf": 4}
    assert found["markdone_dialogflow_seconds_count"] == 4
    assert found["markdone_dialogflow_seconds_sum"] == pytest.approx(99.3035)


def test_what_runs_is_named() -> None:
    (labels,) = show(Numbers()).labels("markdone_build_info")
    assert dict(labels).keys() == {"release", "python"} and "unknown" not in dict(labels).values()


def test_the_list_of_changes_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("measures.exposition.CHANGELOG", tmp_path / "CHANGELOG.md")
    assert 'release="unknown"' in show(Numbers()).text
