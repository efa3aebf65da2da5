"""The numbers of several real processes, some of which are killed."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from domain.identities import Identity
from tests.conftest import API_TOKEN, BOT, PAGE
from tests.measures.scraped import Scraped
from tests.scenarios.platform import Platform, facebook_message, running
from tests.servers import Valkey, free_ports, wait_for

SUSAN = Identity("facebook", PAGE, "7300000000000041")
PETAR = Identity("viber", BOT, "mEtrIcs+pEtAr0123456==")
HEADERS = {"Authorization": f"Bearer {API_TOKEN}"}


@pytest.fixture
def platform(valkey: Valkey) -> Iterator[Platform]:
    with running(valkey, workers=1) as started:
        yield started


@pytest.fixture
def web(valkey: Valkey) -> Iterator[Platform]:
    """Two processes that take deliveries; nobody answers them, as each answer would lead to more deliveries."""
    with running(valkey, workers=0, WEB_CONCURRENCY="2") as started:
        yield started


def scrape(url: str) -> Scraped:
    answer = requests.get(f"{url}/metrics", headers=HEADERS, timeout=10)
    assert answer.status_code == 200
    return Scraped(answer.text)


def deliver(platform: Platform, first: int, count: int) -> None:
    """Deliver messages of different contacts, on a connection each, so that every process gets some."""
    for number in range(first, first + count):
        message = facebook_message(f"m_metrics-{number}", "hello", f"73000000001{number:05}", 1_795_000_000_000)
        assert platform.post_facebook(message).status_code == 200


def delivered(platform: Platform) -> float:
    """What scrapes say; as both processes answer, they must agree."""
    found = {scrape(platform.url)["markdone_webhooks_total"] for _ in range(10)}
    assert len(found) == 1, found
    return found.pop()


def kill_one(platform: Platform) -> None:
    os.kill(min(platform.web_pids()), signal.SIGKILL)


def has_started(platform: Platform, times: int) -> bool:
    found = scrape(platform.url)
    starts, living = (found.of(name, kind="web") for name in ("markdone_process_starts_total", "markdone_processes"))
    return (starts, living) == (times, 2)


@pytest.mark.timeout(180)
def test_every_process_tells_the_numbers_of_all_and_a_killed_one_takes_none_along(web: Platform) -> None:
    deliver(web, 0, 100)
    assert delivered(web) == 100
    wait_for(lambda: scrape(web.url).of("markdone_processes", kind="web") == 2, "both are seen")
    for killed in (1, 2, 3):
        kill_one(web)
        wait_for(partial(has_started, web, 2 + killed), "gunicorn has started another")
        assert delivered(web) == 100 * killed
        deliver(web, 100 * killed, 100)
        assert delivered(web) == 100 * (killed + 1)
    files = list((web.directory / "metrics").iterdir())
    assert len(files) == 2, "two live at once, however many there were"


@pytest.mark.timeout(180)
def test_a_reload_of_gunicorn_loses_nothing(web: Platform) -> None:
    deliver(web, 0, 50)
    before = set(web.web_pids())
    os.kill(web.web.pid, signal.SIGHUP)
    wait_for(lambda: not before & set(web.web_pids()) and len(web.web_pids()) == 2, "both are new")
    deliver(web, 50, 50)
    assert delivered(web) == 100
    assert scrape(web.url).of("markdone_processes", kind="web") == 2


@pytest.mark.timeout(180)
def test_what_the_worker_counts_is_told_by_web_also_after_the_worker_was_killed(platform: Platform) -> None:
    def sent() -> tuple[float, float]:
        found = scrape(platform.url)
        by_channel = [found.of("markdone_sends_total", channel=kind, outcome="sent") for kind in ("facebook", "viber")]
        return by_channel[0], by_channel[1]

    platform.write(SUSAN, "hello")
    platform.write(PETAR, "hello")
    wait_for(lambda: sent() == (1, 1), "both answers are counted")
    wait_for(lambda: scrape(platform.url)["markdone_turns_total"] >= 2, "and the turns")
    found = scrape(platform.url)
    assert found.of("markdone_dialogflow_answers_total", outcome="answered") == 2
    assert found["markdone_dialogflow_seconds_count"] == 2 and found["markdone_dialogflow_seconds_sum"] > 0
    assert found["markdone_turn_seconds_sum"] > 0
    assert (found["markdone_open_conversations"], found["markdone_store_up"]) == (2, 1)

    platform.workers[0].kill()
    found = scrape(platform.url)
    assert found.of("markdone_processes", kind="worker") == 0 and found["markdone_sends_total"] == 2
    platform.write(SUSAN, "opening hours")
    wait_for(lambda: scrape(platform.url)["markdone_oldest_due_turn_age_seconds"] > 0.5, "nobody takes the turn")
    platform.workers[0].start()
    wait_for(lambda: sent() == (2, 1), "the next worker goes on counting")
    wait_for(lambda: scrape(platform.url)["markdone_oldest_due_turn_age_seconds"] == 0, "nobody waits")


@pytest.mark.timeout(180)
def test_workers_on_a_machine_of_their_own_answer_on_a_port_whichever_of_them_lives(
    valkey: Valkey, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    changes = {"WORKER_METRICS_PORT": str(port), "METRICS_DIR": str(tmp_path / "metrics")}
    with running(valkey, workers=2, **changes) as platform:
        url = f"http://127.0.0.1:{port}"

        def workers() -> float:
            try:
                return scrape(url).of("markdone_processes", kind="worker")
            except requests.ConnectionError:
                return 0

        wait_for(lambda: workers() == 2, "one of them answers for both")
        platform.write(PETAR, "hello")
        wait_for(lambda: scrape(url)["markdone_sends_total"] == 1, "the answer is counted")
        assert requests.get(f"{url}/metrics", timeout=5).status_code == 401
        assert requests.get(f"{url}/metrics", headers={"Authorization": "Bearer no"}, timeout=5).status_code == 401
        assert requests.get(f"{url}/other", headers=HEADERS, timeout=5).status_code == 404
        serving, other = sorted(platform.workers, key=lambda worker: "measures.serving" not in worker.output())
        serving.kill()
        wait_for(lambda: workers() == 1, "the other one takes over")
        assert scrape(url)["markdone_sends_total"] == 1
        other.check()
