"""One turn of a Dialogflow conversation: match, fill parameters, ask the fulfillment webhook, answer. No gRPC here."""

import secrets
import time
import uuid
from typing import Any

from google.cloud.dialogflow_v2 import types
from google.protobuf import json_format
from google.rpc import code_pb2

from sandbox.agent import Agent, Intent, Parameter
from sandbox.agent_messages import first_text, message_of, text_message
from sandbox.courier import Answered, post
from sandbox.matching import Match, match_event, match_text
from sandbox.sessions import Context, Sessions, aged

WEBHOOK_LIMIT_S = 5.0  # Source: Dialogflow ES, webhook limits, read 2026-11-22


class Dialogues:
    """Answers questions to one agent. A turn of one session at a time is the caller's business, as with Dialogflow."""

    def __init__(self, agent: Agent, fulfillment_url: str, fulfillment_token: str) -> None:
        self._agent = agent
        self._url, self._token = fulfillment_url, fulfillment_token
        self._sessions = Sessions()

    def answer(self, request: types.DetectIntentRequest) -> types.DetectIntentResponse:
        """Answer one question: text or event."""
        contexts = {} if request.query_params.reset_contexts else self._sessions.contexts(request.session)
        contexts |= _contexts_in(request.query_params.contexts)
        match, query_text, given = self._match(request, contexts)
        result = types.QueryResult(query_text=query_text, language_code=self._agent.language)
        response = types.DetectIntentResponse(response_id=_response_id(), query_result=result)
        contexts = aged(contexts)
        if match is not None:
            given |= {f"#{name}.{key}": value for name, c in contexts.items() for key, value in c.parameters.items()}
            parameters = _fill(match.intent.parameters, given)
            contexts |= {name: Context(span, parameters) for name, span in match.intent.output_contexts}
            response.query_result = self._say(request, match, query_text, parameters, contexts)
            if match.intent.uses_webhook:
                contexts = self._fulfill(request, response, contexts)
        self._sessions.keep(request.session, contexts)
        return response

    def _match(
        self, request: types.DetectIntentRequest, contexts: dict[str, Context]
    ) -> tuple[Match | None, str, dict[str, Any]]:
        event = request.query_input.event
        if event.name:
            given = {
                f"#{event.name.lower()}.{key}": value for key, value in _plain(event).get("parameters", {}).items()
            }
            return match_event(self._agent, event.name, contexts), event.name, given
        text = request.query_input.text.text
        return match_text(self._agent, text, contexts), text, {}

    def _say(
        self,
        request: types.DetectIntentRequest,
        match: Match,
        query_text: str,
        parameters: dict[str, Any],
        contexts: dict[str, Context],
    ) -> types.QueryResult:
        messages = [message_of(message, parameters) for message in match.intent.messages]
        agent_path = request.session.split("/agent", 1)[0] + "/agent"
        missing = [p.name for p in match.intent.parameters if p.is_required and parameters[p.name] == ""]
        return types.QueryResult(
            query_text=query_text,
            language_code=self._agent.language,
            action=match.intent.action,
            parameters=parameters,
            all_required_params_present=not missing,
            fulfillment_text=first_text(messages),
            fulfillment_messages=[message for message in messages if message is not None],
            output_contexts=_contexts_out(request.session, contexts),
            intent=_intent(match.intent, agent_path),
            intent_detection_confidence=match.confidence,
        )

    def _fulfill(
        self, request: types.DetectIntentRequest, response: types.DetectIntentResponse, contexts: dict[str, Context]
    ) -> dict[str, Context]:
        question = types.WebhookRequest(
            session=request.session,
            response_id=response.response_id,
            query_result=response.query_result,
            original_detect_intent_request={"payload": request.query_params.payload},
        )
        headers = {"Content-Type": "application/json", "User-Agent": "Google-Dialogflow"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json_format.MessageToJson(types.WebhookRequest.pb(question)).encode()
        began_at = time.monotonic()
        answered = post(self._url, body, headers, WEBHOOK_LIMIT_S)
        said, problem = _read_fulfillment(answered)
        result = response.query_result
        result.diagnostic_info = {"webhook_latency_ms": int((time.monotonic() - began_at) * 1000)}
        if said is None:
            code, message = problem
            response.webhook_status = {"code": code, "message": f"Webhook call failed. Error: {message}"}
            return contexts
        response.webhook_status = {"message": "Webhook execution successful"}
        if said.fulfillment_messages or said.fulfillment_text:
            result.fulfillment_messages = said.fulfillment_messages or [text_message(said.fulfillment_text)]
            result.fulfillment_text = said.fulfillment_text or first_text(list(said.fulfillment_messages))
        result.webhook_source = said.source
        contexts = contexts | _contexts_in(said.output_contexts)
        result.output_contexts = _contexts_out(request.session, contexts)
        return contexts


def _fill(parameters: tuple[Parameter, ...], given: dict[str, Any]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for parameter in parameters:
        value: Any = parameter.value
        if value.startswith("$"):
            value = filled.get(value[1:], "")
        elif value.startswith("#"):
            name, _, key = value.partition(".")
            value = given.get(f"{name.lower()}.{key}", "")
        filled[parameter.name] = value
    return filled


def _intent(intent: Intent, agent_path: str) -> types.Intent:
    return types.Intent(
        name=f"{agent_path}/intents/{intent.id}",
        display_name=intent.name,
        is_fallback=intent.is_fallback,
        end_interaction=intent.ends_interaction,
    )


def _contexts_in(contexts: Any) -> dict[str, Context]:
    return {
        context.name.rsplit("/", 1)[-1].lower(): Context(context.lifespan_count, _plain(context).get("parameters", {}))
        for context in contexts
    }


def _contexts_out(session: str, contexts: dict[str, Context]) -> list[types.Context]:
    return [
        types.Context(
            name=f"{session}/contexts/{name}", lifespan_count=context.lifespan, parameters=dict(context.parameters)
        )
        for name, context in contexts.items()
        if context.lifespan > 0
    ]


def _plain(message: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(type(message).pb(message)))


def _read_fulfillment(answered: Answered) -> tuple[types.WebhookResponse | None, tuple[int, str]]:
    if answered.is_timeout:
        return None, (code_pb2.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED, State: URL_TIMEOUT, Reason: TIMEOUT_WEB.")
    if answered.status != 200:
        reason = f"HTTP status code: {answered.status}." if answered.status else "Reason: UNREACHABLE."
        return None, (code_pb2.UNAVAILABLE, f"UNAVAILABLE, State: URL_UNREACHABLE, {reason}")
    said = types.WebhookResponse()
    try:
        json_format.Parse(answered.body or b"{}", types.WebhookResponse.pb(said), ignore_unknown_fields=True)
    except (json_format.ParseError, UnicodeDecodeError):
        return None, (code_pb2.INVALID_ARGUMENT, "Failed to parse webhook JSON response.")
    return said, (code_pb2.OK, "")


def _response_id() -> str:
    return f"{uuid.uuid4()}-{secrets.token_hex(4)}"
