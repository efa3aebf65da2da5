"""Viber's welcome stands in the answer to conversation_started.

It is the bot's where that is there in time, else the configured one; a repeat of the token gets what the first got.
"""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from domain.answers import Answer, Question
from domain.models import Letter, Source
from store import Store
from tests.conftest import BOT, settings_for
from tests.servers import Valkey, wait_for
from tests.turns.stage import Stage
from tests.web.deliveries import entries, facebook, facebook_body, facebook_item, post_facebook, post_viber, viber
from tests.web.deliveries import viber_body as callback
from web.context import Context

CONFIGURED = "Welcome to the shop!"


class Worker:
    """A worker of its own thread, which takes turns as soon as they are due."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._stopping = stage, threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Stage:
        self._thread.start()
        return self._stage

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        store = self._stage.store
        while not self._stopping.wait(0.01):
            for contact in store.due_contacts(store.keys.each(), 10):
                self._stage.turn(contact)


@pytest.fixture
def stage(store: Store) -> Stage:
    made = Stage(store)
    made.bot.answers["VIBER_WELCOME"] = Answer(intent="welcome", replies=("Hello from the bot!",))
    return made


@pytest.fixture
def client(valkey: Valkey, store: Store) -> Iterator[FlaskClient]:
    """The web process of a platform with an agent and a configured welcome."""
    store.change_setting(f"welcome_text:viber:{BOT}", CONFIGURED)
    yield create_app(settings_for(valkey.url, dialogflow_project_id="tests", web_threads=4)).test_client()


@pytest.fixture
def without_bot(valkey: Valkey, client: FlaskClient) -> FlaskClient:
    return create_app(settings_for(valkey.url)).test_client()


def started(client: FlaskClient, *, token: int = 0, subscribed: bool | None = False, ref: str = "vIbEr/+ref==") -> str:
    """Open the screen on Viber; return the text that is shown there."""
    return text_of(post_viber(client, callback("conversation_started", ref=ref, token=token, subscribed=subscribed)))


def text_of(response: TestResponse) -> str:
    assert response.status_code == 200
    raw = response.get_data()
    if not raw:
        return ""
    shown = json.loads(raw)
    assert shown["type"] == "text" and shown["sender"]["name"] == BOT
    return str(shown["text"])


def messages(store: Store, ref: str = "vIbEr/+ref==") -> list[tuple[str, str]]:
    return [(e.letter, e.text) for e in entries(store, viber(ref)) if e.data["kind"] == "message"]


def test_the_bots_welcome_is_in_the_answer_and_is_not_sent_again(client: FlaskClient, stage: Stage) -> None:
    with Worker(stage):
        assert started(client) == "Hello from the bot!"
    assert messages(stage.store) == [("s", "Hello from the bot!")] and stage.viber.sent == []
    opened = stage.store.snapshot(viber()).open
    assert opened and (opened.source, opened.incoming, opened.outgoing) == (Source.WELCOME_EVENT, 0, 1)


def test_a_repeat_of_the_token_gets_the_same_body_and_asks_nobody(client: FlaskClient, stage: Stage) -> None:
    with Worker(stage):
        first = started(client, token=901)
        stage.bot.answers["VIBER_WELCOME"] = Answer(replies=("Something else",))
        assert [started(client, token=901) for _ in range(3)] == [first] * 3
    assert len(stage.bot.asked) == 1 and len(messages(stage.store)) == 1


def test_a_bot_that_is_late_finds_the_configured_text_said_and_its_own_is_kept_unsent(
    client: FlaskClient, stage: Stage
) -> None:
    said: list[str] = []

    def dawdle(_: Question) -> None:
        said.append(started(client, token=902))

    stage.bot.on_ask = dawdle
    # Viber gives the first delivery up and repeats it while the bot is asked.
    post = threading.Thread(target=lambda: said.append(started(client, token=902)))
    post.start()
    wait_for(lambda: stage.store.next_due_ms() is not None, "the welcome is due")
    stage.turn(viber())
    post.join()
    assert said == [CONFIGURED] * 2
    assert messages(stage.store) == [("s", CONFIGURED), ("x", "Hello from the bot!")]
    reason = entries(stage.store, viber())[-1].data["reason"]
    assert reason == "not_subscribed" and stage.viber.sent == []
    assert started(client, token=902) == CONFIGURED


def test_a_late_welcome_of_the_bot_is_sent_to_a_subscriber(client: FlaskClient, stage: Stage) -> None:
    exhaust(client)
    assert started(client, token=903, subscribed=True) == CONFIGURED
    stage.turn(viber())
    assert messages(stage.store) == [("s", CONFIGURED), ("s", "Hello from the bot!")]
    assert stage.viber.texts == ["Hello from the bot!"]


def test_who_was_merged_into_another_contact_is_welcomed_all_the_same(client: FlaskClient, stage: Stage) -> None:
    with Worker(stage):
        before = started(client, token=905)
        post_facebook(client, facebook_body(facebook_item("message")))
        [susan] = [contact.id for contact, _ in stage.store.contacts(10).items if contact.id != viber()]
        merged = stage.store.wait_for_merge(stage.store.request_merge(susan, viber(), by=None), 20.0)
        assert merged.outcome == "merged"
        assert started(client, token=906) == "Hello from the bot!"
        assert started(client, token=905) == before, "a token gets what it got"
    exhaust(client)
    assert started(client, token=907) == CONFIGURED
    said = [
        one.entry for one in stage.store.history(susan).entries if one.entry.text in ("Hello from the bot!", CONFIGURED)
    ]
    where = [stage.store.snapshot(susan).contact.identity_of(entry).kind for entry in said[1:]]
    assert [entry.letter for entry in said] == ["s"] * 3 and where == ["viber"] * 2 and stage.viber.sent == []


def test_without_an_agent_the_configured_text_comes_at_once(without_bot: FlaskClient, store: Store) -> None:
    assert started(without_bot) == CONFIGURED
    [(entry, number)] = store.timeline(viber(), -1, 1).entries
    assert (entry.letter, entry.text, entry.data["sender"], number) == (Letter.SENT, CONFIGURED, "automation", 1)
    opened = store.snapshot(viber()).open
    assert opened and opened.outgoing == 1


def test_with_nothing_configured_the_answer_is_empty_and_stays_so(
    valkey: Valkey, without_bot: FlaskClient, store: Store
) -> None:
    store.change_setting(f"welcome_text:viber:{BOT}", "")
    assert started(without_bot, token=904) == ""
    assert messages(store) == []
    store.change_setting(f"welcome_text:viber:{BOT}", "Too late")
    other_process = create_app(settings_for(valkey.url)).test_client()
    assert started(other_process, token=904) == "" and started(other_process, token=905) == "Too late"


def exhaust(client: FlaskClient) -> None:
    """Let as many requests wait for a welcome as may."""
    context: Context = client.application.extensions["markdone"]
    while context.welcome_places.acquire(blocking=False):
        pass


def test_at_most_half_of_the_threads_wait_and_the_others_get_the_configured_text(client: FlaskClient) -> None:
    context: Context = client.application.extensions["markdone"]
    assert [context.welcome_places.acquire(blocking=False) for _ in range(3)] == [True, True, False]
    # Nobody works: whoever waited would get the text only after the whole wait, and give its place back.
    assert started(client) == CONFIGURED
    assert not context.welcome_places.acquire(blocking=False), "a place that was not taken was given back"


def test_one_thread_alone_never_waits(valkey: Valkey, client: FlaskClient) -> None:
    alone = create_app(settings_for(valkey.url, dialogflow_project_id="tests", web_threads=1))
    assert not alone.extensions["markdone"].welcome_places.acquire(blocking=False)
    assert started(alone.test_client()) == CONFIGURED


def test_whoever_waited_gives_its_place_back(client: FlaskClient, stage: Stage) -> None:
    with Worker(stage), ThreadPoolExecutor(2) as pool:
        refs = [f"ref-{i}" for i in range(6)]
        shown = list(pool.map(lambda ref: started(client.application.test_client(), ref=ref), refs))
    assert shown == ["Hello from the bot!"] * 6


@pytest.mark.parametrize(("subscribed", "letter", "sent"), [(True, "s", 1), (False, "x", 0), (None, "x", 0)])
def test_further_replies_go_to_subscribers_only(
    client: FlaskClient, stage: Stage, subscribed: bool | None, letter: str, sent: int
) -> None:
    stage.bot.answers["VIBER_WELCOME"] = Answer(replies=("Hello!", "How can I help?"))
    with Worker(stage):
        assert started(client, subscribed=subscribed) == "Hello!"
        wait_for(lambda: stage.store.next_due_ms() is None, "everything is done")
    assert messages(stage.store) == [("s", "Hello!"), (letter, "How can I help?")]
    assert len(stage.viber.sent) == sent


def test_a_welcome_that_may_not_open_is_answered_outside_of_any_conversation(
    valkey: Valkey, store: Store, stage: Stage
) -> None:
    store.change_setting(f"welcome_opens:viber:{BOT}", "no")
    client = create_app(settings_for(valkey.url, dialogflow_project_id="tests", web_threads=4)).test_client()
    with Worker(stage):
        assert started(client) == "Hello from the bot!"
    assert store.snapshot(viber()).open is None and stage.bot.asked[0].session == f"{viber()}-0"


def test_another_screen_has_another_token_and_gets_a_welcome_of_its_own(client: FlaskClient, stage: Stage) -> None:
    with Worker(stage):
        assert started(client) == "Hello from the bot!"
        stage.bot.answers["VIBER_WELCOME"] = Answer(replies=("Back again?",))
        assert started(client) == "Back again?"


def test_get_started_on_messenger_is_not_waited_for(client: FlaskClient, store: Store) -> None:
    exhaust(client)
    item = facebook_item(postback={"mid": "m_gs", "title": "Get Started", "payload": "GET_STARTED"})
    response = post_facebook(client, facebook_body(item))
    assert (response.status_code, response.get_data()) == (200, b"")
    opened = store.snapshot(facebook()).open
    assert opened and opened.source is Source.WELCOME_EVENT
