"""What the bot was asked last: kept for people, at no price for those who wait."""

import logging

import pytest

from store import BotRecord, Store
from store.bot_log import BOT_LOG_KEPT


def test_the_latest_come_first_and_the_oldest_go(store: Store) -> None:
    for i in range(BOT_LOG_KEPT + 3):
        store.log_bot(BotRecord(kind="answer", contact="c", conversation=i))
    kept = store.bot_log(BOT_LOG_KEPT + 100)
    assert [record.conversation for record in kept] == list(range(BOT_LOG_KEPT + 2, 2, -1))


def test_a_record_comes_back_as_it_was_with_the_time(store: Store) -> None:
    said = {"intent": "hours", "is_fallback": True, "latency_ms": 12, "failure": "timed_out", "webhook_status": "ok"}
    before = store.now_ms()
    store.log_bot(BotRecord(kind="answer", contact="c", conversation=2, detail="why", **said))  # type: ignore[arg-type]
    [kept] = store.bot_log()
    assert before <= kept.at <= store.now_ms()
    assert kept == BotRecord(kind="answer", at=kept.at, contact="c", conversation=2, detail="why", **said)  # type: ignore[arg-type]


def test_a_record_that_cannot_be_kept_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    away = Store("unix:///nowhere/at/all", partitions=16, max_connections=2, timeout_s=1)
    with caplog.at_level(logging.WARNING):
        away.log_bot(BotRecord(kind="answer"))
    assert "bot_log.dropped" in caplog.text


def test_calls_with_a_wrong_token_do_not_push_the_others_out(store: Store) -> None:
    store.log_bot(BotRecord(kind="answer", intent="hours"))
    for _ in range(BOT_LOG_KEPT * 2):
        store.log_refused_call()
    assert [record.failure or record.intent for record in store.bot_log()] == ["wrong_token", "hours"]
