"""A thousand messages of one new contact, each delivered twice, through everything there is, whole and hurt half-way."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

from domain.identities import Identity
from tests.conftest import PAGE
from tests.dialogflow.stand_in import StandIn, says
from tests.scenarios.platform import Platform, facebook_message, running
from tests.servers import Valkey, wait_for

MESSAGES = 1000
SUSAN = Identity("facebook", PAGE, "7300000000001000")


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


def deliver(platform: Platform, number: int) -> None:
    """Deliver a message as the platform does: again and again until it is taken."""
    webhook = facebook_message(f"m_{number:04}", f"{number:04}", SUSAN.contact_ref, int(time.time() * 1000))
    give_up_at = time.monotonic() + 60
    while True:
        try:
            if platform.post_facebook(webhook).status_code == 200:
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < give_up_at, "a minute without a 200"
        time.sleep(0.05)


def deliver_all_twice(platform: Platform, hurt: dict[int, Any]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for number in range(MESSAGES):
            if number in hurt:
                hurt[number]()
            list(pool.map(lambda n: deliver(platform, n), [number, number]))


def replies(platform: Platform) -> list[str]:
    return [message["text"] for message in platform.received(SUSAN)]


def check_timeline(platform: Platform) -> None:
    timeline = platform.timeline(SUSAN)
    incoming = [line["text"] for line in timeline if line["letter"] == "m"]
    assert incoming == [f"{number:04}" for number in range(MESSAGES)], "each once, in order"
    assert [line["kind"] for line in timeline].count("opened") == 1
    assert {line["of"] for line in timeline} == {1}


@pytest.mark.timeout(200)
def test_one_conversation_a_thousand_entries_a_thousand_replies_in_order(valkey: Valkey, agent: StandIn) -> None:
    with running(valkey, endpoint=agent.endpoint) as platform:
        deliver_all_twice(platform, {})
        wait_for(lambda: len(replies(platform)) >= MESSAGES, "every message is answered", seconds=120)
        assert replies(platform) == [f"reply to {number:04}" for number in range(MESSAGES)]
        check_timeline(platform)


@pytest.mark.timeout(280)
def test_the_same_with_web_worker_and_redis_killed_half_way(own_valkey: Valkey, agent: StandIn) -> None:
    with running(own_valkey, endpoint=agent.endpoint) as platform:

        def kill_a_web_process() -> None:
            children = Path(f"/proc/{platform.web.pid}/task/{platform.web.pid}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)

        def kill_the_workers() -> None:
            for worker in platform.workers:
                worker.kill()
                worker.start()

        def kill_redis() -> None:
            own_valkey.kill()
            own_valkey.start()

        deliver_all_twice(platform, {400: kill_a_web_process, 500: kill_the_workers, 600: kill_redis})
        expected = [f"reply to {number:04}" for number in range(MESSAGES)]
        wait_for(lambda: set(replies(platform)) >= set(expected), "every message is answered", seconds=200)
        # Echoes arrive, so that not even the sends in flight at a kill go out twice.
        assert replies(platform) == expected
        check_timeline(platform)
