"""Asking the agent: one bounded detectIntent, whatever Dialogflow or the network does."""

import os
import threading
import time
from dataclasses import replace

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.dialogflow_v2.services.sessions import SessionsClient
from google.cloud.dialogflow_v2.types import DetectIntentRequest, DetectIntentResponse

from dialogflow.connections import NoCredentials, connect
from dialogflow.failures import is_worth_a_retry, to_failed_answer
from dialogflow.questions import WELCOME, build_request, format_session
from dialogflow.replies import read_answer
from domain.answers import Answer, BotFailure, Question

RETRY_AFTER_S = 0.25
MIN_CALL_S = 0.2  # with less time left no call is started
_NO_CREDENTIALS_REST_S = 10.0  # so long a failed search for credentials is not repeated

# What the client, its credentials and protobuf raise for what is outside of this process.
_EXPECTED = (GoogleAPIError, GoogleAuthError, OSError, ValueError)


class Agent:
    """A Dialogflow ES agent. Threads share one; each process makes its own connection, when it first asks."""

    def __init__(
        self,
        project_id: str,
        location: str = "",
        environment: str = "",
        language: str = "en",
        credentials_json: str = "",
        endpoint: str = "",
        total_deadline_s: float = 5.5,
    ) -> None:
        """Remember where the agent is; the arguments mean what the settings of the same names do.

        total_deadline_s: within this `ask` returns, whatever happens.
        """
        self._project_id, self._location, self._environment = project_id, location, environment
        self._language, self._credentials_json, self._endpoint = language, credentials_json, endpoint
        self._total_deadline_s = total_deadline_s
        self._lock = threading.Lock()
        # By process id: what a fork inherits must neither be used nor closed.
        self._clients: dict[int, SessionsClient] = {}
        self._no_credentials_until = 0.0  # monotonic seconds

    def ask(self, question: Question) -> Answer:
        """Ask the agent; a failure comes back as an Answer that says so, never as an exception.

        Text is cut to what Dialogflow takes. A platform's welcome event that no intent has is asked again as WELCOME.
        Dialogflow being away is tried once more; nothing else is, for each call moves the dialogue on.
        """
        started = time.monotonic()
        answer = self._ask_once(question, started)
        if question.event and question.event != WELCOME and _is_unheard(answer):
            general = self._ask_once(replace(question, event=WELCOME), started)
            if general.failure is not BotFailure.REFUSED or answer.failure:
                return general
        return answer

    def close(self) -> None:
        """Close this process's connection, if it has one; the next question makes a new one."""
        with self._lock:
            client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.transport.close()  # type: ignore[no-untyped-call]

    def _ask_once(self, question: Question, started: float) -> Answer:
        deadline = started + self._total_deadline_s
        try:
            session = format_session(self._project_id, self._location, self._environment, question.session)
            request = build_request(question, session, self._language)
            answer = read_answer(self._detect_intent(request, deadline), question.platform)
        except _EXPECTED as error:
            return to_failed_answer(error, _elapsed_ms(started))
        return replace(answer, latency_ms=_elapsed_ms(started))

    def _detect_intent(self, request: DetectIntentRequest, deadline: float) -> DetectIntentResponse:
        client = self._connected()
        try:
            return self._call(client, request, deadline)
        except GoogleAPIError as error:
            if not is_worth_a_retry(error) or deadline - time.monotonic() < RETRY_AFTER_S + MIN_CALL_S:
                raise
        time.sleep(RETRY_AFTER_S)
        return self._call(client, request, deadline)

    def _call(self, client: SessionsClient, request: DetectIntentRequest, deadline: float) -> DetectIntentResponse:
        left_s = deadline - time.monotonic()
        if left_s < MIN_CALL_S:
            raise DeadlineExceeded("no time was left to ask")  # type: ignore[no-untyped-call]
        # The library's own retry would go on for 220 s after `timeout`, which bounds one attempt only.
        return client.detect_intent(request, retry=None, timeout=left_s)

    def _connected(self) -> SessionsClient:
        client = self._clients.get(os.getpid())
        if client is not None:
            return client
        with self._lock:
            client = self._clients.get(os.getpid())
            if client is None:
                client = self._clients[os.getpid()] = self._connect()
            return client

    def _connect(self) -> SessionsClient:
        if time.monotonic() < self._no_credentials_until:
            raise NoCredentials("none could be used a moment ago")
        try:
            return connect(self._endpoint, self._location, self._credentials_json)
        except GoogleAuthError:
            self._no_credentials_until = time.monotonic() + _NO_CREDENTIALS_REST_S
            raise


def _is_unheard(answer: Answer) -> bool:
    """Tell whether no intent has the event: Dialogflow names none, falls back, or calls the request invalid."""
    if answer.failure is not None:
        return answer.failure is BotFailure.REFUSED
    return not answer.intent or answer.is_fallback


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
