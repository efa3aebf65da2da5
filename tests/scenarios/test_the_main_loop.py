"""From a signed webhook to the reply on the phone, and on to the next conversation, through the real processes."""

from collections.abc import Iterator

import pytest

from domain.identities import Identity, contact_id
from tests.conftest import BOT, PAGE
from tests.scenarios.platform import Platform, running
from tests.servers import Valkey, wait_for

SUSAN = Identity("facebook", PAGE, "7300000000000001")
PETAR = Identity("viber", BOT, "pEtAr+sAnd/b0x01234567==")


@pytest.fixture(scope="module")
def platform(valkey: Valkey) -> Iterator[Platform]:
    with running(valkey, workers=1) as started:
        yield started


@pytest.mark.parametrize("who", [SUSAN, PETAR], ids=["facebook", "viber"])
def test_a_contact_is_answered_says_thanks_and_starts_again(platform: Platform, who: Identity) -> None:
    def arrived(count: int) -> bool:
        return len(platform.received(who)) >= count

    platform.write(who, "hello")
    wait_for(lambda: arrived(1), "the greeting arrives")
    platform.write(who, "thanks")
    wait_for(lambda: platform.store().snapshot(contact_id(who)).open is None, "RB_MARKDONE closes the conversation")
    platform.write(who, "opening hours")
    wait_for(lambda: arrived(3), "the next conversation is answered")

    lines = [(line["kind"], line["of"], line.get("source")) for line in platform.timeline(who)]
    assert [line for line in lines if line[0] in ("opened", "closed")] == [
        ("opened", 1, "contact"),
        ("closed", 1, "dialogflow"),
        ("opened", 2, "contact"),
    ]


def test_the_viber_welcome_is_in_the_answer_to_conversation_started(platform: Platform) -> None:
    nina = Identity("viber", BOT, "nInA==")
    platform.open_door(nina)
    wait_for(lambda: len(platform.received(nina)) == 1, "the welcome is on the phone")
    opened = platform.store().snapshot(contact_id(nina)).open
    assert opened and opened.source == "welcome_event"


def test_get_started_is_answered_as_a_welcome(platform: Platform) -> None:
    oleg = Identity("facebook", PAGE, "7300000000000009")
    platform.open_door(oleg)
    wait_for(lambda: len(platform.received(oleg)) >= 1, "the welcome is on the phone")
    opened = platform.store().snapshot(contact_id(oleg)).open
    assert opened and opened.source == "welcome_event"


def test_talk_to_a_human_turns_the_bot_off_and_asks_for_a_person(platform: Platform) -> None:
    ivan = Identity("facebook", PAGE, "7300000000000010")
    platform.write(ivan, "talk to a human")
    wait_for(lambda: len(platform.received(ivan)) >= 1, "the bot says that somebody comes")
    snapshot = platform.store().snapshot(contact_id(ivan))
    assert snapshot.contact.bot_off and snapshot.open and snapshot.open.needs == "notify"


def test_an_intent_by_fulfillment_is_answered_by_our_code(platform: Platform) -> None:
    zora = Identity("viber", BOT, "zOrA==")
    platform.write(zora, "where is my order")
    wait_for(lambda: len(platform.received(zora)) >= 1, "the answer arrives")
    assert "packed" in platform.received(zora)[0]["text"]
