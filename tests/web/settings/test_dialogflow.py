"""The page about the agent: what it is, and how it did lately."""

import pytest
from flask import Flask

from app import create_app
from domain.answers import Answer, BotFailure
from domain.users import Role
from store import BotRecord, Store
from tests.conftest import settings_for
from tests.people import SUSAN_ID, write
from tests.servers import Valkey
from tests.turns.stage import PlayedBot, Stage
from tests.web.fulfillment_caller import call, post
from tests.web.signed_in import sign_in

PATH = "/settings/dialogflow"
KEY = '{"type": "service_account", "private_key": "a-key-that-nobody-may-read-here"}'


def test_without_an_agent_the_page_says_what_to_do(app: Flask, store: Store) -> None:
    page = sign_in(app, store, Role.OWNER).get(PATH).text
    assert "Not connected" in page and "DIALOGFLOW_PROJECT_ID" in page and "Nothing yet" in page


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        ("", "Google&#39;s"),
        ("dialogflow.example:443", "dialogflow.example:443"),
        ("http://127.0.0.1:8002", "127.0.0.1:8002 (a stand-in, without encryption)"),
    ],
)
def test_the_agent_is_shown_without_its_secrets(valkey: Valkey, store: Store, endpoint: str, shown: str) -> None:
    changes = {"dialogflow_project_id": "florist", "dialogflow_location": "europe-west1", "dialogflow_language": "bg"}
    made = settings_for(valkey.url, dialogflow_endpoint=endpoint, dialogflow_credentials=KEY, **changes)
    page = sign_in(create_app(made), store, Role.MANAGER).get(PATH).text
    assert all(f"<dd>{value}</dd>" in page for value in ("florist", "europe-west1", "bg", shown))
    assert "nobody-may-read" not in page and "fulfillment-token-for-tests" not in page


def test_an_answer_is_shown_with_its_intent_and_without_what_was_said(app: Flask, store: Store) -> None:
    answers = {
        "my secret": Answer(response_id="r1", intent="opening hours", replies=("Nine to five",), latency_ms=321),
        "and this": Answer(failure=BotFailure.TIMED_OUT, failure_detail="no answer within 6 s"),
    }
    stage = Stage(store, PlayedBot(answers))
    for text in answers:
        write(store, text)
        stage.turn()
    alice = sign_in(app, store, Role.OWNER)
    page = alice.get(PATH).text
    assert "opening hours" in page and "321" in page and f'href="/conversations/{SUSAN_ID}">Conversation #1' in page
    assert "It did not answer in time." in page and "no answer within 6 s" in page
    assert not any(said in page for said in ("my secret", "and this", "Nine to five"))
    failures = alice.get(f"{PATH}?show=failures").text
    assert "opening hours" not in failures and "It did not answer in time." in failures


def test_a_fulfillment_call_is_shown_with_what_became_of_it(app: Flask, store: Store) -> None:
    write(store)
    client = app.test_client()
    post(client, call(1, RB_MARKDONE="true"))
    post(client, call(1, contact="nobody"))
    post(client, b"{")
    for _ in range(2):
        post(client, call(1), {"Authorization": "Bearer wrong"})
    kept = [(record.kind, record.detail.split()[0] if record.detail else record.failure) for record in store.bot_log()]
    assert [what for _, what in kept[2:]] == ["not_ours", "ok"] and kept[0] == ("fulfillment", "wrong_token")
    assert [record.failure for record in store.bot_log()] == ["wrong_token", "bad_payload", "", ""]
    page = sign_in(app, store, Role.OWNER).get(PATH).text
    assert "Carried out" in page and "goodbye" in page and "compare it with DIALOGFLOW_FULFILLMENT_TOKEN" in page
    assert "that is all" not in page


def test_an_answer_whose_fulfillment_failed_is_a_failure(app: Flask, store: Store) -> None:
    store.log_bot(BotRecord(kind="answer", intent="order status", webhook_status="Webhook call failed: 503"))
    page = sign_in(app, store, Role.OWNER).get(f"{PATH}?show=failures").text
    assert "order status" in page and "its fulfillment call failed: Webhook call failed: 503" in page


def test_a_list_that_cannot_be_written_changes_nothing_for_a_turn(store: Store, valkey: Valkey) -> None:
    valkey.client().set(store.keys.bot_log, "not a list")
    stage = Stage(store)
    write(store, "hello")
    stage.turn()
    assert stage.facebook.texts == ["you said hello"]
