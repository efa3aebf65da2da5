"""The hints that processes give each other. Only hints: whoever misses one looks by himself soon after, or lives on."""

import time
from collections.abc import Iterator
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from store.keys import WAKE_CHANNEL

POLL_S = 1.0


def listen(url: str, channel: str = WAKE_CHANNEL) -> Iterator[str | None]:
    """Yield the contact that something happened to, or None about once a second; for ever, over lost connections.

    channel: WAKE_CHANNEL for what became due, TYPING_CHANNEL for whom somebody writes to.
    """
    while True:
        client: Any = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=POLL_S * 3, retry=Retry(NoBackoff(), 0)
        )
        subscription = client.pubsub(ignore_subscribe_messages=True)
        try:
            subscription.subscribe(channel)
            while True:
                message = subscription.get_message(timeout=POLL_S)
                yield str(message["data"]) if message else None
        except (RedisError, OSError):
            time.sleep(POLL_S)
            yield None
        finally:
            client.close()
