"""Each measurement runs, on numbers that are too small to say anything; nothing here looks at how long it took."""

import itertools
import os
import sys
from pathlib import Path

import pytest

from bench import automations, bodies, counting, cpu, inbox, live, memory, reports, server_time, turns, webhooks
from bench.figures import Figure
from bench.load import post
from bench.processes import BenchError, Processes
from channels.facebook import Facebook
from domain.events import MessageReceived
from tests.source import ROOT


def ignore(_line: str) -> None:
    """A measurement says how far it is; nobody reads it here."""


def by_name(figures: list[Figure]) -> dict[str, float]:
    found = {figure.name: figure.value for figure in figures}
    assert len(found) == len(figures), "two figures have one name"
    return found


def test_the_inbox_is_timed_with_few_and_many_contacts() -> None:
    found = by_name(inbox.measure(ignore, contacts=80, few=40, rounds=2))
    assert len(found) % 3 == 0 and min(found.values()) > 0
    assert {"inbox: page, view all, p95", "inbox: page, conversation, to few contacts"} <= set(found)


def test_a_turn_is_timed_with_and_without_a_hundred_automations() -> None:
    found = by_name(automations.measure(ignore, rounds=1, contacts=3))
    assert {"automations: a message, none", "automations: 100 that do not match, to none"} <= set(found)


def test_reports_are_timed_with_few_and_many_closed_conversations() -> None:
    found = by_name(reports.measure(ignore, conversations=80, few=40, rounds=2))
    assert min(found.values()) > 0
    assert {"reports: bot, 90 days, p95", "reports: dashboard, p95", "reports: list of closed, 30 days, p50"} <= set(
        found
    )
    assert "reports: all days of 80 conversations summed up" in found


def test_counting_is_compared_with_the_same_scripts_without_it() -> None:
    found = by_name(counting.measure(ignore, rounds=1, contacts=5))
    assert len(found) == 2 * len(counting.COMPARED) and min(found.values()) > 0


def test_webhooks_are_compared_with_the_floor() -> None:
    found = by_name(webhooks.measure(ignore, rounds=1, round_s=0.1, contacts=5))
    ours, floor = found["webhooks: markdone, POSTs"], found["webhooks: floor, POSTs"]
    assert found["webhooks: POSTs a second, to the floor's"] == pytest.approx(ours / floor)
    assert found["webhooks: markdone, p99"] >= found["webhooks: markdone, p50"] > 0


def test_the_servers_time_is_told_for_each_script_of_a_turn() -> None:
    found = by_name(server_time.measure(ignore, rounds=1, contacts=5))
    assert len(found) == 8 and min(found.values()) > 0
    parts = [found[f"server: {name}"] for name in ("take_turn", "commit", "start_send", "settle_send")]
    assert found["server: one turn, all four"] == pytest.approx(sum(parts))


def test_webhooks_with_live_pages_are_compared_with_those_without() -> None:
    found = by_name(live.measure(ignore, rounds=1, round_s=0.5, contacts=5, streams=8))
    none, full = found["live: no page, POSTs"], found["live: 8 pages, POSTs"]
    assert found["live: POSTs a second with all pages, to those without"] == pytest.approx(full / none)
    assert found["live: events told to each page"] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is read from /proc")
def test_processor_time_is_told_by_process() -> None:
    found = by_name(cpu.measure(ignore, waves=1, contacts=3))
    parts = [value for name, value in found.items() if name != "cpu: one message, end to end"]
    assert len(parts) == 6 and found["cpu: one message, end to end"] == pytest.approx(sum(parts))


def test_memory_is_told_for_the_first_and_each_further_message() -> None:
    found = by_name(memory.measure(ignore, contacts=2000, further=5))
    assert found["memory: contact with one message"] > found["memory: each further message"] > len(bodies.TEXT)
    assert min(found[f"memory: one message, key {name}"] for name in ("contact", "open", "timeline")) > 0


def test_turns_are_counted_while_the_agent_takes_its_time() -> None:
    found = by_name(turns.measure(ignore, rounds=1, threads=(2,), seconds=0.5, warm_up_s=0.1, latency_ms=50))
    assert 0 < found["turns: 2 threads, agent at 50 ms, of 40/s at most"] <= 1.5


def test_a_prepared_request_is_what_the_channel_takes() -> None:
    channel = Facebook("", (bodies.APP_SECRET,), "", {bodies.PAGE: "a-token"}, "http://127.0.0.1:1")
    first, second = bodies.requests("/webhooks/facebook", itertools.repeat(7), 2)
    head, _, body = first.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    channel.verify(body, headers)
    one, other = (channel.parse(raw.partition(b"\r\n\r\n")[2])[0] for raw in (first, second))
    assert isinstance(one, MessageReceived) and isinstance(other, MessageReceived)
    assert one.text == bodies.TEXT and one.identity == other.identity and one.native_id != other.native_id


def test_an_answer_that_is_no_success_ends_the_measurement() -> None:
    with Processes() as processes:
        processes.start_store()
        _, port = processes.start_web("bench.floor:app")
        forged = [bodies.request("/floor", b"{}").replace(b"sha256=", b"sha256=0")]
        with pytest.raises(BenchError, match="403"):
            post(port, forged, connections=1)


def test_what_a_measurement_started_is_gone_after_it() -> None:
    with Processes() as processes:
        pid = processes.start_store()
        directory = processes.directory
        os.kill(pid, 0)
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_program_that_does_not_start_says_why() -> None:
    words = (sys.executable, "-c", "print('the reason'); raise SystemExit(1)")
    with Processes() as processes, pytest.raises(BenchError, match="the reason"):
        processes.start("broken", words, {}, lambda: False)


def test_settings_of_a_developer_do_not_reach_what_is_measured() -> None:
    with Processes() as processes:
        assert not processes.directory.is_relative_to(ROOT)
        assert not (Path(processes.directory) / ".env").exists()
