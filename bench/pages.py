"""Pages without a server: the whole WSGI application, called by somebody who is signed in."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

import settings as configuration
from app import create_app
from bench.bodies import APP_SECRET, PAGE
from bench.figures import Figure
from bench.processes import SECRET_KEY, BenchError, Processes
from domain.users import User
from store import Store

MOST_MS, MOST_RATIO = 100.0, 1.3
WARM_UP = 3

Ask = Callable[[], object]


class Visit:
    """An application on a store, and a user in it."""

    def __init__(self, processes: Processes, store: Store, user: User) -> None:
        self.app = create_app(
            configuration.Settings(
                redis_url=processes.store_url,
                data_dir=processes.directory,
                secret_keys=(SECRET_KEY,),
                facebook_app_secrets=(APP_SECRET,),
                facebook_pages={PAGE: "page-token-of-the-benchmark", "104200000000098": "another"},
                viber_bots={"shop": "viber-token-of-the-benchmark"},
                log_level="ERROR",
            )
        )
        self._headers = Headers({"Cookie": _sign_in(self.app, store, user)})

    def page(self, address: str) -> Ask:
        """Return what asks for a page; raises BenchError when that is not answered with 200."""
        path, _, query = address.partition("?")
        environ = EnvironBuilder(path, query_string=query, headers=self._headers).get_environ()

        def ask() -> int:
            body, status, _ = run_wsgi_app(self.app.wsgi_app, dict(environ), buffered=True)
            if not status.startswith("200 "):
                raise BenchError(f"{address} was answered with {status}")
            return sum(map(len, body))

        return ask


def in_turns(
    small: Mapping[str, Ask], large: Mapping[str, Ask], rounds: int, *, warm_up: int = WARM_UP
) -> dict[str, tuple[list[float], list[float]]]:
    """Ask everything of both in turns, so that whatever else the machine does meets both; return the times in ms."""
    times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for number in range(warm_up + rounds):
        for name, pair in {name: (ask, large[name]) for name, ask in small.items()}.items():
            for i in (0, 1) if number % 2 else (1, 0):
                spent = _ms(pair[i])
                if number >= warm_up:
                    times[name][i].append(spent)
    return times


def compared(
    what: str,
    name: str,
    few: list[float],
    many: list[float],
    *,
    to: str,
    most_ms: float | None,
    most_ratio: float | None = MOST_RATIO,
) -> list[Figure]:
    """Return median and 95th percentile with many, and the ratio of medians to few. None is no target."""
    cuts, ratio = statistics.quantiles(many, n=20), statistics.median(many) / statistics.median(few)
    return [
        Figure(f"{what}: {name}, p50", cuts[9], "ms"),
        Figure(f"{what}: {name}, p95", cuts[18], "ms", at_most=most_ms),
        Figure(f"{what}: {name}, {to}", ratio, "", at_most=most_ratio),
    ]


def _sign_in(app: Flask, store: Store, user: User) -> str:
    client, token = app.test_client(), store.begin_session(user, "none", "benchmark")
    with client.session_transaction() as session:
        session["user"], session["token"] = user.id, token
    cookie = client.get_cookie("markdone")
    if cookie is None:
        raise BenchError("nobody is signed in")
    return f"markdone={cookie.value}"


def _ms(ask: Ask) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000
