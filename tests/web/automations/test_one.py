"""The page of one automation: what it does, its numbers, its history, and the dry run."""

import re
from dataclasses import replace
from typing import Any

import pytest

from domain.actions import CountRun
from domain.automation_runs import Outcome, RunRecord
from domain.definitions import read_definition
from store import Store
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID
from tests.web.automations.doings import KEPT, keep
from tests.web.inbox.plays import arrive, kinds, name, tag
from tests.web.signed_in import Visitor

ADDRESS = f"/automations/{KEPT}"


@pytest.fixture(autouse=True)
def kept(store: Store) -> None:
    keep(store)
    arrive(store, SUSAN)
    name(store, SUSAN_ID, "Susan <3")


def ran(store: Store, outcome: Outcome, *, contact: str = SUSAN_ID, counts_as: str = "", **more: Any) -> None:
    record = RunRecord(contact=contact, at_ms=store.now_ms(), outcome=outcome, number=1, **more)
    action = CountRun(automation=KEPT, counts_as=counts_as, record=record)
    assert store.commit(store.snapshot(contact), [action]).is_done


def outcomes(page: str) -> list[str]:
    return re.findall(r'<p><span class="badge[^"]*">([^<]+)</span>', page)


def test_it_says_what_it_does_and_how_often_it_ran(maria: Visitor, store: Store) -> None:
    ran(store, Outcome.DONE, counts_as="triggered", run="r1", done=(("s1", "done", ""),))
    page = maria.get(ADDRESS).text
    for words in (
        "A conversation is opened",
        "is outside business hours",
        "Send a message",
        "Triggered 1 time<",
        "No errors",
    ):
        assert words in page


def test_the_history_has_each_run_with_its_steps_and_the_reason_why_others_did_not_come_about(
    maria: Visitor, store: Store
) -> None:
    ran(store, Outcome.WAITING, run="r1")
    ran(store, Outcome.FAILED, run="r1", done=(("s1", "done", ""), ("old", "failed", "Nobody <is> available.")))
    ran(store, Outcome.NOT_MATCHED, reason="Time: it is within business hours.")
    page = maria.get(ADDRESS).text
    assert sorted(outcomes(page)) == ["A step failed", "Did not run"], "a run is there once, as it is now"
    for words in ("Send a message: done", "A step that is gone: failed", "Nobody &lt;is&gt; available."):
        assert words in page
    assert "Time: it is within business hours." in page and "Susan &lt;3" in page
    assert outcomes(maria.get(f"{ADDRESS}?outcome=not_matched").text) == ["Did not run"]
    assert "No such run." in maria.get(f"{ADDRESS}?outcome=guarded").text


def test_a_run_that_waited_and_went_on_is_not_among_those_that_wait(maria: Visitor, store: Store) -> None:
    ran(store, Outcome.WAITING, run="r1")
    ran(store, Outcome.WAITING, run="r2")
    ran(store, Outcome.DONE, run="r1")
    assert outcomes(maria.get(f"{ADDRESS}?outcome=waiting").text) == ["Waits"], "r2 alone"
    assert outcomes(maria.get(f"{ADDRESS}?outcome=done").text) == ["Done"]


def test_runs_of_a_contact_that_is_deleted_name_nobody(maria: Visitor, store: Store) -> None:
    ran(store, Outcome.DONE, run="r1")
    keys = [store.keys.contact(SUSAN_ID)]
    store.connection.command(lambda client: client.delete(*keys))
    assert "a deleted contact" in maria.get(ADDRESS).text


def test_a_loop_that_was_stopped_is_said_on_top(maria: Visitor, store: Store) -> None:
    assert "Stopped in a loop 1 time<" not in maria.get(ADDRESS).text
    ran(store, Outcome.GUARDED, counts_as="guarded", reason="Automations set each other off too often.")
    page = maria.get(ADDRESS).text
    assert "Stopped in a loop 1 time<" in page and "give one of them a condition" in page


def test_a_dry_run_shows_what_each_step_would_do_and_does_nothing(maria: Visitor, store: Store) -> None:
    before = kinds(store)
    page = maria.get(f"{ADDRESS}?q=susan").text
    assert f'href="{ADDRESS}?contact={SUSAN_ID}#dry-run"' in page
    page = maria.get(f"{ADDRESS}?contact={SUSAN_ID}").text
    assert "It would not run now." in page and "business hours" in page
    assert "We are away at the moment" in page and "would be done" in page
    assert kinds(store) == before and store.automation_numbers() == {}


def test_each_step_of_a_dry_run_sees_what_the_ones_before_would_have_done(maria: Visitor, store: Store) -> None:
    steps: list[dict[str, Any]] = [
        {"kind": "add_tags", "tags": ["vip"]},
        {"kind": "add_tags", "tags": ["vip"]},
        {"kind": "send_message", "text": "Dear {{contact.name}}", "only_if": _has("vip")},
        {"kind": "close_conversation"},
        {"kind": "assign", "to": "round_robin"},
        {"kind": "open_conversation"},
        {"kind": "open_conversation"},
        {"kind": "set_field", "field": "name", "value": "Sue"},
        {"kind": "set_field", "field": "name", "value": "Sue"},
        {"kind": "bot_off"},
        {"kind": "bot_off"},
        {"kind": "stop", "only_if": _has("nobody")},
        {"kind": "call_url", "url": "https://example.com/"},
        {"kind": "stop"},
        {"kind": "comment", "text": "never"},
    ]
    made = read_definition({"name": "All", "trigger": {"kind": "by_hand"}, "steps": steps})
    store.change_automations(lambda _: (replace(made, id=KEPT),))
    page = maria.get(f"{ADDRESS}?contact={SUSAN_ID}").text
    told = re.findall(r"<strong>(would be done|nothing to do|passed over|failed)</strong>", page)
    done, nothing = "would be done", "nothing to do"
    wanted = [
        done,
        nothing,
        done,
        done,
        nothing,
        done,
        nothing,
        done,
        nothing,
        done,
        nothing,
        "passed over",
        done,
        done,
    ]
    assert told == wanted
    assert "Dear Susan &lt;3" in page


def test_a_dry_run_takes_whom_a_search_finds_and_says_when_that_is_nobody(maria: Visitor, store: Store) -> None:
    arrive(store, PETAR)
    tag(store, PETAR_ID, "vip")
    assert f"?contact={PETAR_ID}#dry-run" in maria.get(f"{ADDRESS}?q=vip").text
    assert "Nobody fits." in maria.get(f"{ADDRESS}?q=zzzz").text
    assert maria.get(f"{ADDRESS}?contact={'a' * 24}").status_code == 404


def _has(tag: str) -> dict[str, Any]:
    return {"all": [{"subject": "tags", "operator": "has_any", "value": [tag]}]}
