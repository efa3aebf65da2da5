"""The stand-in for the rest of the Graph API: profiles, and the calls that connect an app and its pages."""

import secrets
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Blueprint, Response, jsonify, request

from sandbox.courier import TIMEOUT_S
from sandbox.faults import early_answer
from sandbox.graph import given_token, json_body, page_of_token
from sandbox.graph_rules import GraphError
from sandbox.setup import LOOPBACK
from sandbox.state import current

blueprint = Blueprint("objects", __name__)  # inside of the graph's: its errors and its version


@blueprint.post("/<app_id>/subscriptions")
def subscribe_app(app_id: str) -> Response:
    """Register the app's webhook after its GET challenge. Needs the app's own token, `id|secret`."""
    _check_app_token(app_id)
    given = _given()
    callback_url, verify_token = str(given.get("callback_url", "")), str(given.get("verify_token", ""))
    if given.get("object") != "page" or not callback_url or not given.get("fields"):
        raise GraphError(100, "(#100) object, callback_url and fields are required")
    _challenge(callback_url, verify_token)
    fields = [name.strip() for name in str(given["fields"]).split(",")]
    current().app_subscription = {"callback_url": callback_url, "fields": fields}
    return jsonify(success=True)


@blueprint.get("/<app_id>/subscriptions")
def list_app_subscriptions(app_id: str) -> Response:
    """List what the app's webhook is registered for."""
    _check_app_token(app_id)
    found = current().app_subscription
    fields = [{"name": name, "version": "v25.0"} for name in found.get("fields", [])]
    entry = {"object": "page", "callback_url": found.get("callback_url"), "active": True, "fields": fields}
    return jsonify(data=[entry] if found else [])


@blueprint.route("/<page_ref>/subscribed_apps", methods=["GET", "POST", "DELETE"])
def subscribed_apps(page_ref: str) -> Response:
    """Choose, list or end what the page sends to the app. POST replaces the list of fields."""
    sandbox, page = current(), page_of_token(page_ref)
    if request.method == "GET":
        fields = sandbox.page_fields.get(page)
        app = {"id": sandbox.setup.facebook_app_id, "name": "Markdone", "subscribed_fields": sorted(fields or ())}
        return jsonify(data=[app] if fields else [])
    if request.method == "DELETE":
        sandbox.page_fields[page] = None
        return jsonify(success=True)
    names = _given().get("subscribed_fields", "")
    wanted = frozenset(names if isinstance(names, list) else [name.strip() for name in str(names).split(",") if name])
    if not wanted:
        raise GraphError(100, "(#100) The parameter subscribed_fields is required.")
    sandbox.page_fields[page] = wanted
    return jsonify(success=True)


@blueprint.route("/<page_ref>/messenger_profile", methods=["GET", "POST", "DELETE"])
def messenger_profile(page_ref: str) -> Response:
    """Set, read or remove the page's greeting, Get Started and the like."""
    sandbox, page = current(), page_of_token(page_ref)
    profile = sandbox.page_profiles.setdefault(page, {})
    if request.method == "GET":
        wanted = request.args.get("fields", "").split(",")
        return jsonify(data=[{name: profile[name] for name in wanted if name in profile}])
    given = json_body()
    if request.method == "POST":
        profile.update(given)
    for name in given.get("fields", []) if request.method == "DELETE" else []:
        profile.pop(name, None)
    return jsonify(result="success")


@blueprint.get("/<object_id>")
def get_object(object_id: str) -> Response:
    """Describe the token's own page, or one of its contacts."""
    sandbox = current()
    is_page = object_id == "me" or object_id in sandbox.setup.facebook_pages
    page = page_of_token(object_id if is_page else "me")
    if is_page:
        return jsonify(id=page, name="Corner Shop")
    fault = sandbox.faults.take("graph_profile", object_id)
    sandbox.note_call("graph_profile", "profile", object_id, "fault" if fault else "told")
    if (answer := early_answer(fault)) is not None:
        return answer
    if not sandbox.contacts.is_known("facebook", page, object_id):
        raise GraphError(100, "(#100) No profile available for this user.", 2018218)
    first_name, _, last_name = sandbox.contacts.get("facebook", page, object_id).name.partition(" ")
    known = {"first_name": first_name, "last_name": last_name, "name": f"{first_name} {last_name}".strip()}
    wanted = request.args.get("fields", "first_name,last_name").split(",")
    return jsonify({**{name: known[name] for name in wanted if known.get(name)}, "id": object_id})


def _check_app_token(app_id: str) -> None:
    setup = current().setup
    allowed = [f"{setup.facebook_app_id}|{secret}" for secret in setup.facebook_app_secrets]
    if app_id != setup.facebook_app_id or not any(
        secrets.compare_digest(given_token().encode(), token.encode()) for token in allowed
    ):
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token", status=401)


def _given() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return {**request.values.to_dict(), **(body if isinstance(body, dict) else {})}


def _challenge(callback_url: str, verify_token: str) -> None:
    if urlsplit(callback_url).hostname not in (LOOPBACK, "localhost"):
        raise GraphError(2200, f"(#2200) Callback verification failed: the sandbox calls {LOOPBACK} only")
    challenge = str(secrets.randbelow(2**31))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        reply = requests.get(callback_url, params=query, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException:
        raise GraphError(2200, "(#2200) Callback verification failed: could not connect to the URL") from None
    if reply.status_code != 200 or reply.text != challenge:
        raise GraphError(2200, f"(#2200) Callback verification failed with HTTP status {reply.status_code}")
