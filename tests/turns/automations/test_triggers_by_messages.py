"""Automations that wait for messages, buttons and welcome events."""

from typing import Any

import pytest

from domain.identities import Identity
from handlers.users import block
from tests.people import PETAR, PETAR_ID, SUSAN, message, welcome
from tests.turns.automations.automation_stage import ANY_MESSAGE, AutomationStage, add, on_text, send


@pytest.mark.parametrize(
    ("match", "texts", "text", "runs"),
    [
        ("contains", ["order"], "Where is my ORDER?", True),
        ("contains", ["invoice", "order"], "my order", True),
        ("contains", ["my order"], "my   order", True),
        ("contains", ["order"], "ordre", False),
        ("contains", ["ПОРЪЧКА"], "моята поръчка", True),
        ("is", ["stop"], " Stop ", True),
        ("is", ["stop"], "please stop", False),
        ("is", ["go", "stop"], "STOP", True),
        ("matches", [r"order\s*#?\d+"], "about Order #42", True),
        ("matches", [r"^order \d+$"], "about order 42", False),
        ("matches", ["nothing", "hel+o"], "HELLO", True),
        ("payload", ["BUY"], "BUY", False),
        ("payload", ["BUY"], "buy", False),
    ],
)
def test_a_message_is_looked_at_as_the_trigger_says(
    stage: AutomationStage, match: str, texts: list[str], text: str, runs: bool
) -> None:
    a = stage.automate(on_text(*texts, match=match), send())
    stage.hears(text)
    assert stage.triggered(a) == runs and bool(stage.said()) is runs


def test_any_message_is_also_one_without_words(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send())
    stage.store.receive([message(data={"kind": "message", "text": "", "attachments": [{"kind": "image", "url": "x"}]})])
    stage.work()
    assert stage.triggered(a) == 1


@pytest.mark.parametrize(
    ("data", "runs"),
    [
        ({"kind": "postback", "text": "Buy", "payload": "BUY_1"}, True),
        ({"kind": "message", "text": "Buy", "payload": "BUY_1"}, True),
        ({"kind": "postback", "text": "Buy", "payload": "buy_1"}, False),
        ({"kind": "postback", "text": "BUY_1", "payload": "BUY_12"}, False),
        ({"kind": "message", "text": "BUY_1"}, False),
    ],
)
def test_a_button_and_a_quick_reply_are_known_by_their_payload(
    stage: AutomationStage, data: dict[str, Any], runs: bool
) -> None:
    a = stage.automate(on_text("BUY_1", match="payload"), send())
    stage.store.receive([message(data=data)])
    stage.work()
    assert stage.triggered(a) == runs


def test_a_button_says_what_is_written_on_it(stage: AutomationStage) -> None:
    a = stage.automate(on_text("buy now"), send())
    stage.store.receive([message(data={"kind": "postback", "text": "Buy now!", "payload": "X"})])
    stage.work()
    assert stage.triggered(a) == 1


def test_what_is_not_a_message_of_the_contact_starts_no_message_automation(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send())
    stage.store.receive([welcome()])
    stage.store.receive([message(letter="n", data={"kind": "reaction", "text": "❤"}, opens=None)])
    echo = {"kind": "message", "text": "from the page", "sender": "user", "via": "page_inbox"}
    stage.store.receive([message(letter="s", data=echo, opens=None, external_id="m_9")])
    stage.work()
    assert stage.triggered(a) == 0


def test_what_a_blocked_contact_writes_starts_nothing(stage: AutomationStage) -> None:
    stage.hears()
    stage.acts(lambda snapshot: block(snapshot, is_blocked=True, by=None))
    a = stage.automate(ANY_MESSAGE, send())
    stage.hears()
    assert stage.triggered(a) == 0


@pytest.mark.parametrize(
    ("channels", "by_susan", "by_petar"),
    [
        ([], 1, 1),
        (["facebook"], 1, 0),
        (["viber"], 0, 1),
        ([SUSAN.channel], 1, 0),
        (["facebook:999"], 0, 0),
        ([PETAR.channel, "facebook"], 1, 1),
    ],
)
def test_a_channel_is_a_kind_or_one_page_or_bot(
    stage: AutomationStage, channels: list[str], by_susan: int, by_petar: int
) -> None:
    a = stage.automate({**ANY_MESSAGE, "channels": channels}, send())
    stage.hears(who=SUSAN)
    assert stage.triggered(a) == by_susan
    stage.hears(who=PETAR)
    assert stage.triggered(a) == by_susan + by_petar


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("who", [SUSAN, PETAR])
def test_a_welcome_event_is_one_whether_it_opens_a_conversation_or_not(
    stage: AutomationStage, who: Identity, opens: bool
) -> None:
    a = stage.automate("welcome", add("met"))
    stage.store.receive([welcome(who=who, opens=opens, token="t1" if who is PETAR else "")])
    stage.work()
    assert stage.triggered(a) == 1
    stage.hears(who=who)
    assert stage.triggered(a) == 1, "a message is none"


def test_a_welcome_event_on_another_channel_is_not_meant(stage: AutomationStage) -> None:
    a = stage.automate({"kind": "welcome", "channels": ["viber"]}, add("met"))
    stage.store.receive([welcome(who=SUSAN)])
    stage.work()
    assert stage.triggered(a) == 0
    stage.store.receive([welcome(who=PETAR, token="t")])
    stage.work()
    assert stage.triggered(a) == 1 and stage.tags_of(PETAR_ID) == ("met",)
