"""Dialogflow's fulfillment webhook."""

import logging
import time

from flask import Blueprint, Response, jsonify, request

from dialogflow.fulfillment import FulfillmentCall, authenticate, build_response, parse
from domain.actions import Action, NeedPerson
from domain.errors import BadPayload, NotFound, StoreError, Unauthorized
from domain.identities import parse_conversation_id
from domain.models import Snapshot
from handlers.fulfillment import Call, decide_call
from handlers.notices import with_notices
from measures import count_fulfillment
from store import BotRecord, Store
from web.context import context
from web.measuring import measured

log = logging.getLogger(__name__)
fulfillment = Blueprint("fulfillment", __name__, url_prefix="/dialogflow")

#: How often we decide anew because the contact changed meanwhile; Dialogflow waits 5 s for all of it.
MOST_REDECISIONS = 20


@fulfillment.post("/fulfillment")
@measured(count_fulfillment)
def fulfill() -> tuple[Response, int]:
    """Carry out the RB_ parameters of a turn. A session that is nobody's changes nothing."""
    try:
        authenticate(request.headers.get("Authorization"), context().fulfillment_tokens)
    except Unauthorized as error:
        log.warning("fulfillment.refused reason=token")
        context().store.log_refused_call()
        return jsonify(error={"code": "unauthorized", "message": str(error)}), 401
    try:
        call = parse(request.get_data(cache=False))
    except BadPayload as error:
        log.warning("fulfillment.rejected reason=%s", error)
        context().store.log_bot(BotRecord(kind="fulfillment", failure="bad_payload", detail=str(error)[:200]))
        return jsonify(error={"code": "bad_payload", "message": str(error)}), 400
    began = time.monotonic()
    outcome, texts = _carry_out(context().store, call)
    context().store.log_bot(_record(call, outcome, round((time.monotonic() - began) * 1000)))
    log.info("fulfillment contact=%s conversation=%s status=%s", call.contact or "-", call.conversation, outcome)
    return jsonify(build_response(texts)), 200


def _carry_out(store: Store, call: FulfillmentCall) -> tuple[str, tuple[str, ...]]:
    """Return what became of it, and what to say instead of the intent's own responses."""
    named = parse_conversation_id(call.session)
    if named is None or named[0] != call.contact:
        return "not_ours", ()
    contact, number = named
    # What we asked ourselves says which entry it is about; anybody else only knows the session.
    entry = call.entry if call.conversation == number else None
    wanted = Call(number, entry, call.response_id, call.commands, call.intent, call.parameters)
    try:
        snapshot = store.snapshot(contact)
    except NotFound:
        return "not_ours", ()
    if number > snapshot.contact.conversations or (entry is not None and entry >= snapshot.end):
        return "not_ours", ()
    rules = store.platform_settings()
    for _ in range(MOST_REDECISIONS):
        decision = decide_call(snapshot, wanted)
        if not decision.actions:
            return "nothing_to_do", decision.texts
        committed = store.commit(
            snapshot,
            _with_notices(store, snapshot, decision.actions),
            bot_back_on=rules.bot_back_on_at_close,
            keeps_assignee=rules.keeps_assignee,
        )
        if committed.is_done or committed.snapshot is None:
            return committed.status, decision.texts
        snapshot = committed.snapshot
    raise StoreError("the contact changes too fast")


def _with_notices(store: Store, snapshot: Snapshot, actions: list[Action]) -> list[Action]:
    asks = any(isinstance(action, NeedPerson) for action in actions)
    return with_notices(snapshot, actions, store.users()) if asks else actions


def _record(call: FulfillmentCall, outcome: str, latency_ms: int) -> BotRecord:
    named = parse_conversation_id(call.session)
    contact, number = named if named and outcome != "not_ours" else ("", 0)
    return BotRecord(
        kind="fulfillment",
        contact=contact,
        conversation=number,
        intent=call.intent,
        latency_ms=latency_ms,
        detail=outcome,
    )


@fulfillment.errorhandler(StoreError)
def answer_later(error: StoreError) -> tuple[Response, int]:
    """Dialogflow goes on with the intent's own reply; the answer of the same turn does what this call could not."""
    log.error("fulfillment.no_store error=%s", error)
    return jsonify(error={"code": "unavailable", "message": "The store does not answer."}), 503
