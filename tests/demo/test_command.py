"""`flask --app app demo`: what it says first, what it refuses, and where its contacts are."""

from pathlib import Path

import pytest
from click.testing import Result

from app import create_commands
from demo.commands import choose_channels
from domain.metrics import Filters, ReportName
from domain.periods import Preset, day_of, period_of
from domain.users import Role
from settings import SETTINGS
from store import Store
from tests.people import write
from tests.servers import Valkey
from tests.web.signed_in import add_user

FEW = ("--conversations", "12", "--days", "10")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey: Valkey) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", valkey.url)


def ran(*words: str, says: str = "") -> Result:
    return create_commands().test_cli_runner().invoke(args=("demo", *words), input=says)


def contacts_of(store: Store) -> list[str]:
    return [str(contact.identity) for contact, _ in store.contacts(1000).items]


def test_it_says_what_it_adds_and_where_and_asks(store: Store) -> None:
    add_user(store, Role.OWNER)
    result = ran(*FEW, says="n\n")
    assert result.exit_code == 1 and contacts_of(store) == []
    assert (
        f"12 conversations of 10 days, on facebook:demo and viber:demo, and a team of 8 to the store at {store.place}"
        in result.output
    )
    assert "cannot be undone" in result.output


def test_it_fills_the_store_and_says_where_to_look(store: Store) -> None:
    add_user(store, Role.OWNER)
    result = ran(*FEW, says="y\n")
    assert result.exit_code == 0, result.output
    assert "12 conversations are there" in result.output and "http://127.0.0.1:8000/reports" in result.output
    assert contacts_of(store) and all(one.split(":")[1] == "demo" for one in contacts_of(store))
    today = day_of(store.now_ms(), store.platform_settings().zone)
    found = store.summaries(
        ReportName.CONVERSATIONS, period_of(Preset.LAST_14_DAYS, today), store.platform_settings().zone, Filters()
    )
    assert found.missing == 0 and sum(day.total("opened") for day in found.days.values()) == 12


def test_run_again_it_adds_nothing(store: Store) -> None:
    add_user(store, Role.OWNER)
    assert ran(*FEW, "--yes").exit_code == 0
    before = contacts_of(store)
    result = ran(*FEW, "--yes")
    assert result.exit_code == 0 and "only what is missing is added" in result.output
    assert contacts_of(store) == before
    assert ran("--conversations", "5", "--days", "3", "--yes").exit_code == 0, "another play beside it"
    assert len(contacts_of(store)) > len(before)


def test_it_refuses_where_real_people_write_unless_told(store: Store) -> None:
    add_user(store, Role.OWNER)
    write(store)
    result = ran(*FEW, "--yes")
    assert result.exit_code == 1 and "has contacts of its own (1)" in result.output
    assert "--yes-add-to-real-contacts" in result.output
    assert len(contacts_of(store)) == 1
    assert ran(*FEW, "--yes", "--yes-add-to-real-contacts").exit_code == 0
    assert len(contacts_of(store)) > 1


def test_it_does_not_void_the_link_of_the_first_owner(store: Store) -> None:
    token = store.make_first_link()
    result = ran(*FEW, "--yes")
    assert result.exit_code == 1 and "nobody can log in yet" in result.output
    assert store.find_link(token).user is None and contacts_of(store) == []


def test_a_password_in_the_address_of_the_store_is_not_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch, valkey: Valkey
) -> None:
    assert valkey.url.startswith("unix://")
    store.connection.command(
        lambda client: client.execute_command("ACL", "SETUSER", "who", "on", ">s3cret", "~*", "&*", "+@all")
    )
    monkeypatch.setenv("REDIS_URL", valkey.url.replace("unix://", "unix://who:s3cret@"))
    add_user(store, Role.OWNER)
    result = ran(*FEW, says="n\n")
    assert "cannot be undone" in result.output and "s3cret" not in result.output


def test_a_store_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere/at/all")
    result = ran(*FEW, "--yes")
    assert result.exit_code == 1 and "Is the platform running?" in result.output


@pytest.mark.parametrize(
    ("own", "of_run", "chosen"),
    [
        ((), ("viber:bakery", "facebook:3344"), ("facebook:3344", "viber:bakery")),
        (("facebook:1",), ("facebook:1", "viber:bakery"), ("facebook:demo", "viber:demo")),
        ((), (), ("facebook:demo", "viber:demo")),
        ((), ("viber:bakery",), ("facebook:demo", "viber:demo")),
        (("viber:demo",), (), ("facebook:demo-play", "viber:demo-play")),
    ],
)
def test_contacts_are_on_the_sandbox_or_on_accounts_that_are_not_connected(
    own: tuple[str, ...], of_run: tuple[str, ...], chosen: tuple[str, str]
) -> None:
    assert choose_channels(own, of_run) == chosen
