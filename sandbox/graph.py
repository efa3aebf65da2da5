"""The stand-in for the Graph API's Send API: takes messages, then echoes and receipts come as webhooks."""

import hmac
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import webhooks
from sandbox.attachments import fetch, sent_by_messenger
from sandbox.contacts import Contact
from sandbox.faults import drop_connection, early_answer
from sandbox.graph_rules import (
    SENDER_ACTIONS,
    GraphError,
    check_file,
    check_message,
    check_proof,
    check_window,
    no_such_recipient,
)
from sandbox.state import Sandbox, current, new_mid, now_ms

blueprint = Blueprint("graph", __name__, url_prefix="/graph/<version>")

ECHO_AFTER_S = 0.05
DELIVERED_AFTER_S = 0.4
READ_AFTER_S = 1.2
TYPING_LASTS_MS = 20_000


@blueprint.url_value_preprocessor
def forget_version(_: str | None, values: dict[str, Any] | None) -> None:
    """Every version behaves the same here."""
    (values or {}).pop("version", None)


@blueprint.errorhandler(GraphError)
def refuse(error: GraphError) -> tuple[Response, int]:
    """Answer a refused call."""
    return jsonify(error.body()), error.status


@blueprint.post("/<page_ref>/messages")
def send(page_ref: str) -> Response:
    """Put a message on a contact's phone."""
    sandbox, page, body = current(), page_of_token(page_ref), json_body()
    contact_ref = _recipient(sandbox, page, body)
    if body.get("message") is None and body.get("sender_action") is not None:
        _act(sandbox, sandbox.contacts.get("facebook", page, contact_ref), str(body["sender_action"]))
        return jsonify(recipient_id=contact_ref)
    fault = sandbox.faults.take("graph", contact_ref)
    if (answer := early_answer(fault)) is not None:
        sandbox.note_call("graph", "messages", contact_ref, "fault")
        return answer
    message = check_message(body)
    contact = sandbox.contacts.get("facebook", page, contact_ref)
    check_window(body, contact.wrote_at_ms, now_ms())
    if file := sent_by_messenger(message):
        check_file(message["attachment"]["type"], fetch(sandbox.setup, file["url"]))
    mid = _take(sandbox, contact, message, has_echo=not (fault and fault.kind == "no_echo"))
    sandbox.note_call("graph", "messages", contact_ref, "taken")
    if fault and fault.kind == "drop_after_accept":
        drop_connection()
    return jsonify(recipient_id=contact_ref, message_id=mid)


def page_of_token(page_ref: str) -> str:
    """Return the page that this call's token belongs to. Raises GraphError when it is no page's, or another's."""
    setup, token = current().setup, given_token()
    for page, page_token in setup.facebook_pages.items():
        if hmac.compare_digest(page_token.encode(), token.encode()):
            check_proof(request.args.get("appsecret_proof"), token, setup.facebook_app_secrets)
            if page_ref not in ("me", page):
                raise GraphError(100, "Unsupported request. Object does not exist or token lacks permissions", 33)
            return page
    raise GraphError(190, "Invalid OAuth access token - Cannot parse access token", status=401)


def given_token() -> str:
    """Return the access token of this call: Bearer, or access_token. Raises GraphError when there is none."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.values.get("access_token", "")
    if not token:
        raise GraphError(104, "An access token is required to request this resource.", status=401)
    return token


def json_body() -> dict[str, Any]:
    """Return the call's JSON object. Raises GraphError when it is something else."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise GraphError(100, "(#100) The parameter recipient is required")
    return body


def _recipient(sandbox: Sandbox, page: str, body: dict[str, Any]) -> str:
    recipient = body.get("recipient")
    contact_ref = recipient.get("id") if isinstance(recipient, dict) else None
    if not isinstance(contact_ref, str) or not contact_ref:
        raise GraphError(100, "(#100) The parameter recipient is required")
    # Ids are page-scoped. One that we never saw is taken: the tests post webhooks of their own.
    pages = sandbox.contacts.accounts_of("facebook", contact_ref)
    if contact_ref in sandbox.setup.facebook_pages or (pages and page not in pages):
        raise no_such_recipient()
    return contact_ref


def _act(sandbox: Sandbox, contact: Contact, action: str) -> None:
    if action not in SENDER_ACTIONS:
        raise GraphError(100, f"(#100) param sender_action must be one of {', '.join(SENDER_ACTIONS)}.")
    check_window({}, contact.wrote_at_ms, now_ms())
    if action in ("typing_on", "typing_off"):
        with sandbox.contacts.lock:
            contact.typing_until_ms = now_ms() + TYPING_LASTS_MS if action == "typing_on" else 0
    sandbox.note_call("graph", action, contact.contact_ref, "taken")


def _take(sandbox: Sandbox, contact: Contact, message: dict[str, Any], has_echo: bool) -> str:
    mid, at_ms = new_mid(), now_ms()
    replies = tuple(
        (str(reply.get("title", "")), str(reply.get("payload", "")))
        for reply in message.get("quick_replies", [])
        if isinstance(reply, dict)
    )
    values = {"text": message.get("text", ""), "metadata": message.get("metadata", ""), "quick_replies": replies}
    with sandbox.contacts.lock:
        contact.typing_until_ms = 0
        values["file"] = sent_by_messenger(message)
        sandbox.contacts.add(contact, direction="outgoing", at_ms=at_ms, external_id=mid, body=message, **values)
    if has_echo:
        echo = webhooks.echo_item(mid, message, sandbox.setup.facebook_app_id)
        _tell(sandbox, contact, "message_echoes", echo, at_ms, ECHO_AFTER_S)
    delivered_at_ms = at_ms + int(DELIVERED_AFTER_S * 1000)
    delivery = webhooks.delivery_item(mid, at_ms)
    _tell(sandbox, contact, "message_deliveries", delivery, delivered_at_ms, DELIVERED_AFTER_S, (mid, "delivered"))
    read_at_ms = at_ms + int(READ_AFTER_S * 1000)
    _tell(sandbox, contact, "message_reads", webhooks.read_item(at_ms), read_at_ms, READ_AFTER_S, (mid, "read"))
    return mid


def _tell(
    sandbox: Sandbox,
    contact: Contact,
    field_name: str,
    item: dict[str, Any],
    at_ms: int,
    delay_s: float,
    status: tuple[str, str] | None = None,
) -> None:
    def mark(_: object) -> None:
        if status:
            with sandbox.contacts.lock:
                contact.change([status[0]], status[1])

    if sandbox.wants(contact.account, field_name):
        webhook = webhooks.facebook_webhook(sandbox.setup, contact.account, contact.contact_ref, at_ms, item)
        sandbox.courier.deliver(webhook, delay_s, mark)
