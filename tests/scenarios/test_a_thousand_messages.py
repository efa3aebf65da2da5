"""A thousand messages of one new contact, each delivered twice, through everything there is, whole and hurt meanwhile.

The hurting meets what is in flight: deliveries go on while a web process, all of them and Redis are killed, and the
workers are killed while a reply is on its way to the platform.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

from domain.errors import StoreError
from domain.identities import Identity
from tests.conftest import BOT, PAGE
from tests.dialogflow.stand_in import StandIn, says
from tests.scenarios.deliveries import Deliveries, Post
from tests.scenarios.platform import Platform, facebook_message, running, viber_message
from tests.servers import Valkey, wait_for

MESSAGES = 1000
#: Where something is killed meanwhile: enough for each of the kills to meet what comes in.
MESSAGES_HURT = 700
SUSAN = Identity("facebook", PAGE, "7300000000001000")
#: Viber lets a bot send a contact 100 messages an hour that it does not answer on the phone, so there are several.
VIBER_MESSAGES = 50
ON_VIBER = [Identity("viber", BOT, f"{name}+/==") for name in ("pEt4r", "nInA", "iv4n", "z0rA")]


@pytest.fixture(scope="module")
def agent() -> Iterator[StandIn]:
    stand_in = StandIn()

    def answer(request: DetectIntentRequest, _: Any) -> DetectIntentResponse:
        return says(f"reply to {request.query_input.text.text}")

    stand_in.behaviour = answer
    yield stand_in
    stand_in.stop()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """A server that a test may kill."""
    server = Valkey()
    server.start()
    yield server
    server.kill()


@pytest.mark.timeout(200)
def test_one_conversation_a_thousand_entries_a_thousand_replies_in_order(valkey: Valkey, agent: StandIn) -> None:
    with running(valkey, endpoint=agent.endpoint) as platform:
        with Deliveries([from_susan(platform, MESSAGES)]):
            pass
        wait_until_all_is_done(platform)
        assert replies(platform, SUSAN) == [f"reply to {text}" for text in texts(MESSAGES)]
        check_timeline(platform, SUSAN, MESSAGES)


@pytest.mark.timeout(280)
def test_the_same_while_web_worker_and_redis_are_killed(own_valkey: Valkey, agent: StandIn) -> None:
    with running(own_valkey, endpoint=agent.endpoint) as platform:
        with Deliveries([from_susan(platform, MESSAGES_HURT)]) as deliveries:

            def kill_redis() -> None:
                own_valkey.kill()
                time.sleep(random.uniform(1, 2))
                own_valkey.start()

            hurt(deliveries, 40, lambda: kill_web(platform, 1))
            hurt(deliveries, 110, lambda: kill_web(platform, 2))
            hurt(deliveries, 180, kill_redis)
            wait_for(lambda: deliveries.taken >= 280, "280 messages are taken", seconds=60)
            begin_sends(platform, {"target": "graph", "kind": "latency_ms", "latency_ms": 300})
            kill_the_workers(platform)
            assert deliveries.taken < MESSAGES_HURT, "all of that while messages came in"
        wait_until_all_is_done(platform)
        # Echoes arrive, so that not even the reply that was on its way goes out twice.
        assert replies(platform, SUSAN) == [f"reply to {text}" for text in texts(MESSAGES_HURT)]
        check_timeline(platform, SUSAN, MESSAGES_HURT)


@pytest.mark.timeout(200)
def test_on_viber_a_reply_that_was_on_its_way_is_unconfirmed_and_no_other_is_missing(
    own_valkey: Valkey, agent: StandIn
) -> None:
    arrives, gets_lost, *_ = ON_VIBER
    with running(own_valkey, endpoint=agent.endpoint) as platform:
        with Deliveries([on_viber(platform, who) for who in ON_VIBER]) as deliveries:
            hurt(deliveries, 20, lambda: kill_web(platform, 1))
            hurt(deliveries, 60, lambda: kill_web(platform, 2))
            slow = {"kind": "latency_ms", "latency_ms": 2000, "contact_ref": arrives.contact_ref}
            silent = {"kind": "hang", "seconds": 5, "contact_ref": gets_lost.contact_ref}
            begin_sends(platform, {"target": "viber", **slow}, {"target": "viber", **silent})
            kill_the_workers(platform)
        wait_until_all_is_done(platform)
        for who in ON_VIBER:
            check_timeline(platform, who, VIBER_MESSAGES)
            expected, arrived = [f"reply to {text}" for text in texts(VIBER_MESSAGES)], replies(platform, who)
            assert arrived == [reply for reply in expected if reply in arrived], "in order, none doubled"
            unconfirmed = [line["text"] for line in platform.timeline(who) if line["letter"] == "u"]
            # The workers were killed once, and a contact has one send at a time.
            assert len(unconfirmed) <= 1
            assert set(expected) - set(arrived) <= set(unconfirmed), "whatever is missing is said to be uncertain"
            if who in (arrives, gets_lost):
                assert len(unconfirmed) == 1 and (unconfirmed[0] in arrived) == (who == arrives)


# -- What is delivered


def texts(count: int) -> list[str]:
    return [f"{number:04}" for number in range(count)]


def from_susan(platform: Platform, count: int) -> Iterator[Post]:
    for text in texts(count):
        sent_at_ms = int(time.time() * 1000)
        yield partial(platform.post_facebook, facebook_message(f"m_{text}", text, SUSAN.contact_ref, sent_at_ms))


def on_viber(platform: Platform, who: Identity) -> Iterator[Post]:
    for number, text in enumerate(texts(VIBER_MESSAGES)):
        token = 5_912_661_846_655_238_000 + 1_000 * ON_VIBER.index(who) + number
        yield partial(platform.post_viber, viber_message(token, text, who.contact_ref, int(time.time() * 1000)))


# -- What is hurt


def hurt(deliveries: Deliveries, after: int, kill: Callable[[], None]) -> None:
    """When so many messages are taken, kill at random moments until a delivery has met it."""
    wait_for(lambda: deliveries.taken >= after, f"{after} messages are taken", seconds=60)
    refused = deliveries.refused
    for _ in range(40):
        taken = deliveries.taken
        kill()
        # What was killed may take seconds to be there again; to kill it before would meet nothing.
        wait_for(partial(went_on, deliveries, refused, taken + 1), "deliveries go on", seconds=60)
        if deliveries.refused > refused:
            return
        time.sleep(random.uniform(0.0, 0.2))
    raise AssertionError("no delivery was under way at any of 40 kills")


def went_on(deliveries: Deliveries, refused: int, taken: int) -> bool:
    return deliveries.refused > refused or deliveries.taken > taken


def kill_web(platform: Platform, count: int) -> None:
    for pid in platform.web_pids()[:count]:
        os.kill(pid, signal.SIGKILL)


def kill_the_workers(platform: Platform) -> None:
    for worker in platform.workers:
        worker.kill()
    for worker in platform.workers:
        worker.start()


def begin_sends(platform: Platform, *faults: dict[str, Any]) -> None:
    """Return while replies are on their way: the platform has these calls and has not answered."""
    for fault in faults:
        platform.fault(**fault)
    wait_for(lambda: not platform.planned_faults(), "a reply is on its way")


# -- What came of it


def wait_until_all_is_done(platform: Platform) -> None:
    store = platform.store()

    def is_done() -> bool:
        try:
            return store.next_due_ms() is None
        except StoreError:
            return False

    wait_for(is_done, "everything is decided and sent", seconds=200)


def replies(platform: Platform, who: Identity) -> list[str]:
    return [message["text"] for message in platform.received(who)]


def check_timeline(platform: Platform, who: Identity, count: int) -> None:
    timeline = platform.timeline(who)
    assert [line["text"] for line in timeline if line["letter"] == "m"] == texts(count), "each once, in order"
    assert [line["kind"] for line in timeline].count("opened") == 1
    assert {line["of"] for line in timeline} == {1}
