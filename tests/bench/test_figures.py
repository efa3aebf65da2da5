"""The table at the end of a run."""

from pathlib import Path

import pytest

from bench.__main__ import MEASUREMENTS, main
from bench.figures import Figure, table
from tests.source import ROOT


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("a", 0.8, "", at_least=0.8), "met"),
        (Figure("a", 0.79, "", at_least=0.8), "short"),
        (Figure("a", 20.0, "µs", at_most=20), "met"),
        (Figure("a", 20.1, "µs", at_most=20), "short"),
        (Figure("a", 1.0, "ms"), ""),
    ],
)
def test_a_figure_says_whether_it_meets_its_target(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_the_table_shows_each_figure_with_its_target() -> None:
    lines = table([Figure("speed", 1234.5, "/s"), Figure("size", 1201.0, "bytes", at_most=1200)]).splitlines()
    assert lines[0].split() == ["figure", "measured", "target"]
    assert lines[2].split() == ["speed", "1,234", "/s"]
    assert lines[3].split() == ["size", "1,201", "bytes", "at", "most", "1,200", "short"]


def test_an_unknown_measurement_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in MEASUREMENTS)


def test_each_measurement_is_explained() -> None:
    explained = (ROOT / Path("docs/performance.md")).read_text()
    assert [name for name in MEASUREMENTS if f"`{name}`" not in explained] == []
