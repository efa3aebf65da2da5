"""What live pages listen to: something happened to a contact, is typed to one, or is told to a user. Only hints.

Under load there are thousands a second, so they are read by the batch, and without redis-py's own pub/sub, which
takes several times as long for each.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError
from redis.retry import Retry

from store.keys import NOTIFY_CHANNEL, TYPING_CHANNEL, WAKE_CHANNEL

#: How long one look waits for something to read.
LOOK_S = 0.25
#: So long the server may be silent before it is asked whether it is there, and so long it may take to answer.
SILENT_S = 10.0
TIMEOUT_S = 3.0
#: Of one batch; where there are more, all pages look at everything.
MOST_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one look.

    typed_to: contacts to whom somebody writes at this moment. users: who is told something.
    has_gap: something may have been missed, because the connection is new or there was too much.
    """

    contacts: frozenset[str] = frozenset()
    typed_to: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    has_gap: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.contacts or self.typed_to or self.users or self.has_gap)


NOTHING = Heard()


def hear(url: str) -> Iterator[Heard]:
    """Yield what was heard, every LOOK_S at the latest; for ever, over lost connections."""
    while True:
        connection: Any = redis.ConnectionPool.from_url(
            url, decode_responses=True, protocol=2, socket_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        ).make_connection()
        try:
            connection.connect()
            connection.send_command("SUBSCRIBE", WAKE_CHANNEL, TYPING_CHANNEL, NOTIFY_CHANNEL)
            yield Heard(has_gap=True)
            yield from _looks(connection)
        except (RedisError, OSError):
            time.sleep(LOOK_S)
            yield NOTHING
        finally:
            connection.disconnect()


def _looks(connection: Any) -> Iterator[Heard]:
    heard_at, is_asked = time.monotonic(), False
    while True:
        if connection.can_read(timeout=LOOK_S):
            yield _read(connection)
            heard_at, is_asked = time.monotonic(), False
            continue
        silent_s = time.monotonic() - heard_at
        if silent_s > SILENT_S + TIMEOUT_S:
            raise LostConnection("the server is silent")
        if silent_s > SILENT_S and not is_asked:
            connection.send_command("PING")
            is_asked = True
        yield NOTHING


def _read(connection: Any) -> Heard:
    found: dict[str, set[str]] = {WAKE_CHANNEL: set(), TYPING_CHANNEL: set(), NOTIFY_CHANNEL: set()}
    count = 0
    while count < MOST_AT_ONCE and (count == 0 or connection.can_read(timeout=0)):
        message = connection.read_response()
        count += 1
        if message[0] == "message":  # and not the answer to SUBSCRIBE or PING
            found[message[1]].add(message[2])
    return Heard(
        contacts=frozenset(found[WAKE_CHANNEL]),
        typed_to=frozenset(found[TYPING_CHANNEL]),
        users=frozenset(found[NOTIFY_CHANNEL]),
        has_gap=count == MOST_AT_ONCE,
    )
