"""`flask --app app export`: the files of the pages, whole or not at all."""

import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from app import create_commands
from domain.metrics import ReportName
from settings import SETTINGS
from store import Store
from tests.conftest import StoppedClock
from tests.servers import ROOT, Valkey, wait_for
from tests.web.reports.week import HOSTILE_CATEGORY, Week, make_week
from web.reports.sheets import CONVERSATION_COLUMNS, MARK, REPORT_COLUMNS

#: The command, which stands still when it has written something.
HALTING = """
import time
from pathlib import Path
from web.reports import export, making

def halt(store, wanted):
    yield from making.write_lines([("half a file",)])
    Path("half").touch()
    time.sleep(60)

export.conversations_file = halt
from app import create_commands
create_commands().cli.main(["export", "conversations-list", "--output", "out.csv"])
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey: Valkey) -> Path:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", valkey.url)
    return tmp_path


@pytest.fixture
def week(store: Store, clock: StoppedClock) -> Week:
    return make_week(store, clock)


def ran(*words: str) -> Result:
    return create_commands().test_cli_runner().invoke(args=("export", *words))


def lines(text: str) -> list[dict[str, str]]:
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline=""), strict=True))


def lines_of(path: Path) -> list[dict[str, str]]:
    return lines(path.read_bytes().decode())


@pytest.mark.usefixtures("week")
def test_the_list_is_written_to_a_file_named_after_what_is_in_it(folder: Path) -> None:
    result = ran("conversations-list", "--preset", "last_30_days")
    [path] = folder.iterdir()
    assert result.exit_code == 0 and path.name.startswith("markdone-conversations-closed-20")
    assert f"14 rows written to {path.name}" in result.output
    found = lines_of(path)
    assert len(found) == 14 and tuple(found[0]) == CONVERSATION_COLUMNS


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("name", ReportName)
def test_every_report_is_written_to_standard_output(folder: Path, name: str) -> None:
    result = ran(str(name), "--preset", "last_30_days", "--output", "-")
    assert result.exit_code == 0 and list(folder.iterdir()) == []
    found = lines(result.stdout_bytes.decode())
    assert tuple(found[0]) == REPORT_COLUMNS and f"{len(found)} rows written\n" in result.stderr


def test_filters_leave_what_fits_and_a_user_may_be_named_by_email(week: Week) -> None:
    def count(*words: str) -> int:
        result = ran("conversations-list", "--preset", "last_30_days", "--output", "-", *words)
        return len(lines(result.stdout_bytes.decode()))

    assert count("--category", HOSTILE_CATEGORY) == 7
    assert count("--channel", "viber", "--what", "opened") == 14
    assert count("--user", week.bob.email) == count("--user", week.bob.id) == 3
    assert count("--source", "dialogflow") == 7


@pytest.mark.usefixtures("week")
def test_a_file_that_is_there_is_overwritten_only_by_force(folder: Path) -> None:
    kept = folder / "kept.csv"
    kept.write_text("mine")
    result = ran("users", "--output", "kept.csv")
    assert result.exit_code == 1 and "--force" in result.output
    assert kept.read_text() == "mine" and list(folder.iterdir()) == [kept]
    assert ran("users", "--output", "kept.csv", "--force").exit_code == 0
    assert lines_of(kept) and list(folder.iterdir()) == [kept]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("secrets",), "secrets"),
        (("users", "--category", "x"), "cannot be limited by category"),
        (("users", "--what", "opened"), "--what goes with"),
        (("users", "--from", "yesterday"), "Dates are written like"),
        (("users", "--from", "2026-11-01", "--preset", "today"), "one or the other"),
        (("conversations-list", "--user", "nobody@example.com"), "no user has"),
        (("conversations-list", "--what", "responded", "--user", "u1"), "First responses"),
        (("users", "--output", "nowhere/at/all.csv"), "No such file"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(folder: Path, words: tuple[str, ...], complaint: str) -> None:
    result = ran(*words)
    assert result.exit_code != 0 and complaint in result.output and "Traceback" not in result.output
    assert list(folder.iterdir()) == []


def test_a_store_that_is_away_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere/at/all")
    result = ran("conversations-list")
    assert result.exit_code == 1 and "Is the platform running? No file was written." in result.output
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_stopped_half_way_leaves_no_file_under_the_name(folder: Path, blow: signal.Signals) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen([sys.executable, "-c", HALTING], cwd=folder, env=environ, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: (folder / "half").exists(), "it is half-way", seconds=60)
        assert any(path.suffix == ".part" for path in folder.iterdir())
        started.send_signal(blow)
        started.wait(20)
    finally:
        started.kill()
        started.communicate()
    assert not (folder / "out.csv").exists()
    if blow is signal.SIGINT:
        assert [path.name for path in folder.iterdir()] == ["half"]
