"""The sandbox's own routes: the page with the phones, writing as a contact, faults, and what came of it."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from domain.errors import BadPayload
from sandbox import phones
from sandbox.attachments import SAMPLES
from sandbox.closing import close_conversation
from sandbox.contacts import Contact
from sandbox.screens import screen_of
from sandbox.setup import PETAR, SUSAN
from sandbox.state import Sandbox, current, now_ms

blueprint = Blueprint("views", __name__, static_folder="static", template_folder="templates")

PHONES = {"facebook": SUSAN, "viber": PETAR}
_SETTLED_S = 0.8


@blueprint.app_errorhandler(BadPayload)
def bad_call(error: BadPayload) -> tuple[Response, int]:
    """Say what is wrong with a call."""
    return jsonify(error={"code": "bad_request", "message": str(error)}), 400


@blueprint.app_errorhandler(HTTPException)
def refused(error: HTTPException) -> tuple[Response, int]:
    """Answer in JSON: everything but the page is read by programs."""
    return jsonify(
        error={"code": error.name.lower().replace(" ", "_"), "message": error.description}
    ), error.code or 500


@blueprint.get("/")
def page() -> str:
    """The page with two phones."""
    setup = current().setup
    has_own_agent = bool(setup.dialogflow_address)
    shown = {"phones": _phones(current()), "setup": setup, "has_own_agent": has_own_agent, "samples": SAMPLES}
    return render_template("phones.html", **shown)


@blueprint.get("/sandbox/state")
def state() -> Response:
    """Everything that the page shows."""
    screens = [screen_of(current(), contact) for contact in _phones(current())]
    return jsonify(phones=[shown for shown, _ in screens], trouble=next((t for _, t in screens if t), ""))


@blueprint.post("/sandbox/say")
def say() -> tuple[Response, int]:
    """Write on one of the two phones: {"channel", "text"}."""
    body = _body()
    contact = _contact(str(body.get("channel")), PHONES.get(str(body.get("channel")), ""))
    message = phones.write(current(), contact, str(body.get("text", "")))
    return jsonify(contact_ref=contact.contact_ref, message=asdict(message)), 202


@blueprint.get("/sandbox/contacts/<kind>/<any_text:contact_ref>/messages")
def received(kind: str, contact_ref: str) -> Response:
    """What the contact received, oldest first, after the message numbered `after`; with `all`, also what it wrote."""
    contact, after = _contact(kind, contact_ref), request.args.get("after", 0, type=int)
    with current().contacts.lock:
        chosen = [m for m in contact.messages if m.seq > after and (m.direction == "outgoing" or "all" in request.args)]
    return jsonify(items=[asdict(message) for message in chosen])


@blueprint.post("/sandbox/contacts/<kind>/<any_text:contact_ref>/messages")
def write(kind: str, contact_ref: str) -> tuple[Response, int]:
    """Write as a contact, who is made if need be: {"text", "quick_reply"?: payload}, or {"sample": name}."""
    body = _body()
    contact = _contact(kind, contact_ref)
    if "sample" in body:
        return jsonify(asdict(phones.send_sample(current(), contact, str(body["sample"])))), 202
    message = phones.write(current(), contact, str(body.get("text", "")), str(body.get("quick_reply", "")))
    return jsonify(asdict(message)), 202


@blueprint.post("/sandbox/contacts/<kind>/<any_text:contact_ref>/start")
def start(kind: str, contact_ref: str) -> tuple[Response, int]:
    """Press Get Started, or open the screen on Viber."""
    phones.start(current(), _contact(kind, contact_ref))
    return jsonify(started=True), 202


@blueprint.post("/sandbox/contacts/<kind>/<any_text:contact_ref>/repeat")
def repeat(kind: str, contact_ref: str) -> Response:
    """Deliver the contact's last webhook once more and say what the platform made of it."""
    sandbox, contact = current(), _contact(kind, contact_ref)
    before = _incoming(sandbox, contact)
    answered = phones.repeat(sandbox, contact)
    if answered is None:
        raise BadPayload("nothing was delivered yet that could be repeated")
    result = answered.headers.get("X-Markdone-Result", "")
    if answered.status != 200:
        outcome = f"webhook repeated: the platform answered {answered.status or 'nothing'}"
    elif result == "duplicate" or (not result and not _grows(lambda: _incoming(sandbox, contact), before)):
        outcome = "webhook repeated: duplicate, ignored"
    else:
        outcome = "webhook repeated: the platform took it as new"
    with sandbox.contacts.lock:
        contact.notes.append((now_ms(), outcome))
    return jsonify(outcome=outcome)


@blueprint.post("/sandbox/contacts/<kind>/<any_text:contact_ref>/close")
def close(kind: str, contact_ref: str) -> Response:
    """Close the contact's open conversation, as a program would by the platform's API."""
    return jsonify(outcome=close_conversation(current().setup, _contact(kind, contact_ref).reference))


@blueprint.route("/sandbox/faults", methods=["GET", "POST", "DELETE"])
def faults() -> tuple[Response, int]:
    """Plan trouble, list what is still to come, or forget it. The fields are those of `Fault`."""
    planned = current().faults
    if request.method == "POST":
        return jsonify(asdict(planned.add(_body()))), 201
    if request.method == "DELETE":
        planned.clear()
    return jsonify(items=[asdict(fault) for fault in planned.waiting()]), 200


@blueprint.get("/sandbox/calls")
def calls() -> Response:
    """The latest calls that the stand-ins got, oldest first; `target` narrows them down."""
    target = request.args.get("target")
    return jsonify(items=[call for call in list(current().calls) if target in (None, call["target"])])


def _body() -> dict[str, Any]:
    body = request.get_json()  # JSON only: a form of a foreign page cannot send that
    if not isinstance(body, dict):
        raise BadPayload("the body must be a JSON object")
    return body


def _phones(sandbox: Sandbox) -> list[Contact]:
    return [_contact(kind, ref) for kind, ref in PHONES.items() if sandbox.setup.accounts(kind)]


def _contact(kind: str, contact_ref: str) -> Contact:
    sandbox = current()
    accounts = sandbox.setup.accounts(kind) if kind in PHONES else {}
    account = request.args.get("account") or next(iter(accounts), "")
    if account not in accounts:
        raise NotFound(f"no account {account!r} of {kind!r} is set up here; channels are {' and '.join(PHONES)}")
    return sandbox.contacts.get(kind, account, contact_ref)


def _incoming(sandbox: Sandbox, contact: Contact) -> int:
    items, _ = sandbox.timelines.read(contact.reference)
    return sum(1 for item in items if isinstance(item, dict) and item.get("direction") == "incoming")


def _grows(measure: Callable[[], int], before: int) -> bool:
    ends_at = time.monotonic() + _SETTLED_S
    while time.monotonic() < ends_at:
        if measure() > before:
            return True
        time.sleep(0.1)
    return False
