"""The commands of `flask --app app …`: what they find beside a run, and what they say when something is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from app import create_commands
from domain.platform_settings import SIMPLE
from settings import SETTINGS
from store import Store
from tests.servers import ROOT, Valkey

SECRET = "a-token-that-nobody-may-read-here"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without .env and without a run, and an environment without settings."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run_folder(folder: Path, valkey: Valkey) -> Path:
    """A folder in which a run with the sandbox's channels works."""
    (folder / "data").mkdir()
    for name, content in (("pages", f"3344:{SECRET}"), ("bots", f"bakery:{SECRET}"), ("word", SECRET)):
        (folder / name).write_text(content)
    channels = {"FACEBOOK_PAGES": "pages", "VIBER_BOTS": "bots", "FACEBOOK_APP_SECRET": "word"}
    made = {f"{name}_FILE": str(folder / file) for name, file in {**channels, "FACEBOOK_VERIFY_TOKEN": "word"}.items()}
    made |= {"REDIS_URL": valkey.url, "PORT": "7410", "SANDBOX_PORT": "9"}
    (folder / "data" / "run.env").write_text("".join(f"{name}='{value}'\n" for name, value in made.items()))
    return folder


def ran(*words: str) -> Result:
    return create_commands().test_cli_runner().invoke(args=words)


def test_connect_says_each_bad_setting_in_a_line_and_shows_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIBER_BOTS", f"{SECRET}")
    monkeypatch.setenv("PORT", "eighty")
    result = ran("connect")
    assert result.exit_code == 1
    assert [line.removeprefix("Error: ").split(":")[0] for line in result.output.splitlines()] == ["VIBER_BOTS", "PORT"]
    assert SECRET not in result.output


@pytest.mark.usefixtures("run_folder")
def test_say_writes_to_the_port_of_the_run_and_the_environment_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "on port 9;" in ran("say", "facebook", "hello").output
    monkeypatch.setenv("SANDBOX_PORT", "11")
    assert "on port 11;" in ran("say", "facebook", "hello").output


def test_say_goes_by_where_the_run_listens_whatever_env_says_by_now(run_folder: Path) -> None:
    (run_folder / ".env").write_text("PORT=7000\nSANDBOX_PORT=13\n")
    assert "on port 9;" in ran("say", "facebook", "hello").output


def test_connect_looks_for_a_tunnel_to_the_port_of_the_run(run_folder: Path) -> None:
    (run_folder / ".env").write_text(f"VIBER_BOTS=florist:{SECRET}\n")
    assert "7410" in ran("connect").output


@pytest.mark.usefixtures("run_folder")
def test_a_setting_of_the_runs_own_channels_is_kept_and_taken_back(store: Store) -> None:
    for name, value in (("welcome_text:viber:bakery", "Good day"), ("welcome_opens:facebook:3344", "no")):
        assert ran("setting", name, value).exit_code == 0
    settings = store.platform_settings()
    assert settings.welcome_texts == {"viber:bakery": "Good day"}
    assert not settings.welcome_opens("facebook:3344")
    assert ran("setting", "welcome_text:viber:bakery", "").exit_code == 0


@pytest.mark.usefixtures("run_folder")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("welcome_text:viber:", "for example welcome_text:viber:shop"),
        ("sender_name:facebook:3344", "for example sender_name:viber:shop"),
        ("welcome_opens", "for example welcome_opens:facebook:1234567890 or welcome_opens:viber:shop"),
        ("welcome_opens:telegram:x", "for example welcome_opens:facebook:"),
        ("welcome_opens:facebook:3345", "connected: facebook:3344, viber:bakery"),
        ("sender_name:viber:bakry", "connected: facebook:3344, viber:bakery"),
        ("bot_back_on_at_close:viber:bakery", "there is no setting"),
        ("colour", "there is no setting"),
    ],
)
def test_a_name_that_means_nothing_is_refused_and_nothing_is_kept(store: Store, name: str, words: str) -> None:
    result = ran("setting", name, "no")
    assert result.exit_code != 0
    assert words in result.output
    assert SECRET not in result.output
    settings = store.platform_settings()
    assert not (settings.welcome_closed_channels or settings.welcome_texts or settings.sender_names)


@pytest.mark.usefixtures("run_folder")
@pytest.mark.parametrize("name", sorted(SIMPLE))
def test_every_simple_setting_can_be_set_here_and_says_what_it_may_be(store: Store, name: str) -> None:
    values = {
        "time_zone": "Europe/Sofia",
        "business_hours": "mon 09:00-12:00 13:00-18:00; closed 2026-12-25",
        "auto_close_after_h": "336",
        "retention_days": "1",
        "closing_note_mode": "both",
    }
    value = values.get(name, "no")
    assert ran("setting", name, value).exit_code == 0
    assert store.platform_settings(is_fresh=True).text_of(name) == value
    bad = "two\nlines" if name == "privacy_contact" else "337000"
    result = ran("setting", name, bad)
    assert result.exit_code != 0 and f"{name}: " in result.output
    assert store.platform_settings(is_fresh=True).text_of(name) == value
    assert name in ran("setting", "--help").output


@pytest.mark.usefixtures("run_folder")
def test_a_list_can_only_be_emptied_here(store: Store) -> None:
    assert "page of Settings" in ran("setting", "canned_replies", "[]").output
    store.change_setting("canned_replies", "not a list")
    assert ran("setting", "canned_replies", "").exit_code == 0
    assert store.connection.command(lambda client: client.hgetall(store.keys.settings)) == {}


@pytest.mark.usefixtures("run_folder")
def test_a_setting_of_a_bot_that_is_gone_can_be_taken_back(store: Store) -> None:
    store.change_setting("sender_name:viber:gone", "Old Shop")
    assert ran("setting", "sender_name:viber:gone", "").exit_code == 0


def test_without_a_run_a_setting_says_what_is_missing() -> None:
    result = ran("setting", "bot_back_on_at_close", "no")
    assert (result.exit_code, result.output) == (1, "Error: no run in ./data; set REDIS_URL or start make run\n")


def test_a_store_of_ones_own_needs_no_run(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", valkey.url)
    assert ran("setting", "bot_back_on_at_close", "no").exit_code == 0


def test_flask_run_says_how_to_serve_instead_of_serving_nothing() -> None:
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    words = [sys.executable, "-m", "flask", "--app", "app", "run", "--port", "0"]
    result = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "make run" in result.stderr and "gunicorn app:app" in result.stderr
    assert "Traceback" not in result.stderr
