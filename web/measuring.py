"""Counts what the platforms' and Dialogflow's calls become, for GET /metrics."""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response

from domain.errors import StoreError

#: Says what became of a delivery, for people and the sandbox; platforms do not read it.
RESULT_HEADER = "X-Markdone-Result"
#: What a status means where there is no such result; any other is `failed`.
_OUTCOMES = {200: "ok", 400: "rejected", 401: "refused", 403: "refused", 404: "not_found"}

P = ParamSpec("P")
Answered = TypeVar("Answered", bound=Response | tuple[Response, int])


def measured(count: Callable[[str, float], None]) -> Callable[[Callable[P, Answered]], Callable[P, Answered]]:
    """Tell `count` the outcome of each call of a view, and how many seconds it took.

    Around the view, not as hooks of its blueprint: those cost a webhook three times as much.
    """

    def around(view: Callable[P, Answered]) -> Callable[P, Answered]:
        @wraps(view)
        def call(*args: P.args, **kwargs: P.kwargs) -> Answered:
            began, outcome = time.monotonic(), "failed"
            try:
                answer = view(*args, **kwargs)
                outcome = _outcome(answer)
                return answer
            except StoreError:
                outcome = "unavailable"
                raise
            finally:
                count(outcome, time.monotonic() - began)

        return call

    return around


def _outcome(answer: Response | tuple[Response, int]) -> str:
    if isinstance(answer, tuple):
        return _OUTCOMES.get(answer[1], "failed")
    return answer.headers.get(RESULT_HEADER) or _OUTCOMES.get(answer.status_code, "failed")
