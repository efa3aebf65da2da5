"""What automations did, as the timeline and the API say it: by their name, never as a user."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.actions import Assign, Close, NoteLine, Open, Send, SetBot
from domain.models import AssignmentSource, Sender, Source
from handlers.profiles import change_profile, change_tags
from store import Store
from tests.conftest import API_TOKEN
from tests.people import BOB, SUSAN, SUSAN_ID
from tests.web.inbox.plays import arrive, commit
from tests.web.signed_in import Visitor

CARD = {"id": "night", "name": "Night <shift>", "chain": ["day"]}


@pytest.fixture(autouse=True)
def did(store: Store) -> None:
    arrive(store, SUSAN)
    commit(store, SUSAN_ID, [Close(number=1, source=Source.AUTOMATION, by=CARD)])
    commit(store, SUSAN_ID, [Open(source=Source.AUTOMATION, channel="facebook", by=CARD)])
    snapshot = store.snapshot(SUSAN_ID)
    commit(store, SUSAN_ID, change_tags(snapshot, add=("vip",), by=CARD))
    commit(store, SUSAN_ID, change_profile(store.snapshot(SUSAN_ID), {"name": "Sue"}, by=CARD))
    commit(
        store,
        SUSAN_ID,
        [
            Send(number=2, text="We are closed", sender=Sender.AUTOMATION, by=CARD),
            Assign(number=2, user=BOB, source=AssignmentSource.AUTOMATION, by=CARD),
            Assign(number=2, user=None, source=AssignmentSource.AUTOMATION, by=CARD),
            SetBot(number=2, is_on=False, source=Source.AUTOMATION, by=CARD),
            NoteLine(number=2, kind="comment", details={"text": "Look", "by": CARD}),
            NoteLine(number=2, kind="notified", details={"text": "Come", "by": CARD}),
        ],
    )


def api(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {API_TOKEN}"})
    assert answer.status_code == 200
    return answer.get_json()


def test_the_api_says_which_automation_did_it_and_names_no_user(client: FlaskClient) -> None:
    entries = api(client, f"/contacts/id:{SUSAN_ID}/timeline")["items"]
    theirs = [entry for entry in entries if entry["automation"]]
    assert {entry["kind"] for entry in theirs} == {
        *("closed", "opened", "tags_changed", "profile_changed", "message", "assigned", "unassigned", "bot_off"),
        *("comment", "notified"),
    }
    assert all(entry["automation"] == {"id": "night", "name": "Night <shift>"} for entry in theirs)
    assert all(entry["user"] is None for entry in theirs)


def test_conversations_are_opened_and_closed_by_the_automation(client: FlaskClient) -> None:
    second, first = api(client, f"/contacts/id:{SUSAN_ID}/conversations")["items"]
    by = {"source": "automation", "user": None, "automation": {"id": "night", "name": "Night <shift>"}}
    assert second["opened_by"] == first["closed_by"] == by


def test_the_timeline_says_its_name(maria: Visitor) -> None:
    page = maria.get(f"/conversations/{SUSAN_ID}").text
    assert page.count("automation “Night &lt;shift&gt;”") >= 5
    assert "Automation “Night &lt;shift&gt;”" in page, "at the head of its message"
    assert "Users are notified: Come" in page


def test_the_contacts_page_and_the_list_behind_a_report_say_it(maria: Visitor) -> None:
    for path in (f"/contacts/{SUSAN_ID}", "/reports/list?what=closed"):
        page = maria.get(path)
        assert page.status_code == 200, path
        assert "Night &lt;shift&gt;" in page.text, path


def test_the_api_shows_a_run_by_hand_with_both_the_user_and_the_automation(client: FlaskClient, store: Store) -> None:
    details = {"automation": {"id": "back", "name": "Call back"}, "by": BOB}
    commit(store, SUSAN_ID, [NoteLine(number=2, kind="run_by_hand", details=details)])
    entry = api(client, f"/contacts/id:{SUSAN_ID}/timeline?last=1")["items"][0]
    assert (entry["kind"], entry["automation"]) == ("run_by_hand", {"id": "back", "name": "Call back"})
    assert entry["user"]["id"] == BOB["id"]


def test_the_file_behind_a_report_names_the_automation_that_closed(maria: Visitor) -> None:
    page = maria.get("/reports/list.csv?what=closed")
    assert page.status_code == 200
    assert '"automation","night","Night <shift>"' in page.text
