"""The one way to Redis: short time-outs, no retries behind our back, scripts loaded when the server lacks them."""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from domain.errors import StoreError
from store.scripts import Script, load_scripts

Result = TypeVar("Result")
#: A webhook that meets a dead server must be answered within a second.
CONNECT_TIMEOUT_S = 0.4
#: After a server that did not answer in time, so long nobody else waits for it: a burst of webhooks would, one by one.
SPARED_S = 0.5
POOL_TIMEOUT_S = 0.3


class Call:
    """One script with its keys and arguments."""

    __slots__ = ("args", "keys", "script")

    def __init__(self, script: str, keys: Sequence[str], args: Sequence[str | int | bytes]) -> None:
        self.script: Script = load_scripts()[script]
        self.keys = keys
        self.args = args


class Connection:
    """A pool of connections, shared by the threads of a process. Every failure is a StoreError."""

    def __init__(self, url: str, *, max_connections: int, timeout_s: float) -> None:
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=max_connections,
            timeout=POOL_TIMEOUT_S,
            socket_timeout=timeout_s,
            **({} if url.startswith("unix") else {"socket_connect_timeout": CONNECT_TIMEOUT_S}),
            decode_responses=True,
            # redis-py would send a timed-out script again by itself; whether it may be repeated is ours to know.
            retry=Retry(NoBackoff(), 0),
        )
        self.client: Any = redis.Redis(connection_pool=pool)
        self._spare_until = 0.0

    def run(self, call: Call) -> list[Any]:
        """Run one script. Raises StoreError."""
        return self._guard(lambda: self._run(call))

    def run_all(self, calls: Sequence[Call]) -> list[list[Any] | StoreError]:
        """Run scripts in order in one round trip; each that failed has its error in its place. Raises StoreError."""
        return self._guard(lambda: self._run_all(calls))

    def command(self, run: Callable[[Any], Any]) -> Any:
        """Run plain commands on the client. Raises StoreError.

        Untyped, because redis-py's types do not know that answers are decoded.
        """
        return self._guard(lambda: run(self.client))

    def _run(self, call: Call) -> list[Any]:
        words = (len(call.keys), *call.keys, *call.args)
        try:
            return list(self.client.execute_command("EVALSHA", call.script.sha, *words))
        except NoScriptError:
            return list(self.client.execute_command("EVAL", call.script.body, *words))

    def _run_all(self, calls: Sequence[Call]) -> list[list[Any] | StoreError]:
        results = self._pipeline(calls)
        if any(isinstance(result, NoScriptError) for result in results):
            # All of them again, in order: each script may be repeated, but a later one must not overtake.
            for script in {call.script for call in calls}:
                self.client.script_load(script.body)
            results = self._pipeline(calls)
        return [StoreError(str(result)) if isinstance(result, Exception) else result for result in results]

    def _pipeline(self, calls: Sequence[Call]) -> list[Any]:
        pipeline = self.client.pipeline(transaction=False)
        for call in calls:
            pipeline.execute_command("EVALSHA", call.script.sha, len(call.keys), *call.keys, *call.args)
        return list(pipeline.execute(raise_on_error=False))

    def _guard(self, run: Callable[[], Result]) -> Result:
        if time.monotonic() < self._spare_until:
            raise StoreError("Redis did not answer a moment ago")
        try:
            return run()
        except redis.TimeoutError as error:
            self._spare_until = time.monotonic() + SPARED_S
            raise StoreError("Redis does not answer in time") from error
        except (RedisError, OSError) as error:
            raise StoreError(f"Redis does not answer as it should: {type(error).__name__}: {error}") from error
