"""`flask --app app user …`: for whoever runs the machine."""

import re
from pathlib import Path

import pytest
from click.testing import Result

from app import create_commands
from domain.users import Role
from settings import SETTINGS
from store import Purpose, Store
from tests.servers import Valkey
from tests.web.signed_in import add_user


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey: Valkey) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", valkey.url)


def ran(*words: str) -> Result:
    return create_commands().test_cli_runner().invoke(args=("user", *words))


def token_in(result: Result, address: str = "http://127.0.0.1:8000") -> str:
    found = re.fullmatch(re.escape(address) + r"/link\?token=(\S+)\n", result.output)
    assert result.exit_code == 0 and found, result.output
    return found[1]


def test_add_prints_an_invitation(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://desk.example.com")
    result = ran("add", "Susan@example.com", "--role", "manager", "--name", "Susan")
    link = store.find_link(token_in(result, "https://desk.example.com"))
    assert link.user == store.find_user("susan@example.com") and link.purpose is Purpose.INVITE
    assert link.user and (link.user.role, link.user.name) == (Role.MANAGER, "Susan")
    assert "by" not in store.audit(1)[0] and store.audit(1)[0]["what"] == "user.invited"


def test_link_prints_one_for_a_new_password(store: Store) -> None:
    alice = add_user(store)
    link = store.find_link(token_in(ran("link", "ALICE@example.com")))
    assert link.user == alice and link.purpose is Purpose.RESET


def test_the_first_link_is_printed_only_while_nobody_can_log_in(store: Store) -> None:
    assert store.find_link(token_in(ran("first-link"))).purpose is Purpose.FIRST
    add_user(store)
    result = ran("first-link")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("add", "alice@example.com", "--role", "agent"), "already"),
        (("add", "no address", "--role", "agent"), "not an email address"),
        (("add", "new@example.com", "--role", "emperor"), "emperor"),
        (("add", "new@example.com"), "--role"),
        (("add", "new@example.com", "--role", "agent", "--name", "x" * 81), "at most 80"),
        (("link", "nobody@example.com"), "no user has"),
    ],
)
def test_what_cannot_be_done_is_said(store: Store, words: tuple[str, ...], complaint: str) -> None:
    add_user(store)
    result = ran(*words)
    assert result.exit_code != 0 and complaint in result.output and len(store.users()) == 1


def test_a_store_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere/at/all")
    result = ran("link", "alice@example.com")
    assert result.exit_code == 1 and "Is the platform running?" in result.output
