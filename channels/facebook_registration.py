"""Telling Facebook where we listen and what we want to hear."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import msgspec

from calls.timed import REGISTER_TOTAL_S, Reply
from channels.base import Step
from channels.bodies import as_object, as_text
from channels.facebook_calls import Graph
from channels.facebook_events import GET_STARTED_PAYLOAD
from domain.errors import ChannelError

#: Only what is subscribed both for the app and for the page is delivered, so both get the whole list.
#: Source: developers.facebook.com, Messenger Platform, Webhooks, read 2026-11-22.
FIELDS = (
    "messages,messaging_postbacks,messaging_referrals,messaging_optins,message_echoes,message_deliveries,message_reads,"
    "message_reactions,message_edits,messaging_account_linking,messaging_handovers,messaging_policy_enforcement,standby"
)


def register(
    graph: Graph,
    app_id: str,
    app_secrets: tuple[str, ...],
    verify_token: str,
    pages: Mapping[str, str],
    callback_url: str,
) -> Iterator[Step]:
    """Subscribe the app, then each page, and set each page's Get Started button.

    Facebook calls `callback_url` during the first step: the web process must be up already.
    Source: developers.facebook.com, Graph API, App subscriptions; Messenger Platform, Webhooks; Messenger Profile,
    read 2026-11-22.
    """
    secrets = [*app_secrets, verify_token, *pages.values()]
    missing = _missing_settings(app_id, app_secrets, verify_token)
    if missing:
        yield Step("app: webhook", f"{missing} must be set first (Meta app dashboard, App settings, Basic)")
    else:
        subscribe = partial(_subscribe_app, graph, app_id, app_secrets[0], verify_token, callback_url)
        yield _step(f"app {app_id}: webhook {callback_url}", secrets, subscribe)
    for page, token in pages.items():
        yield _step(f"page {page}: events", secrets, partial(_subscribe_page, graph, page, token))
        yield _step(f"page {page}: Get Started button", secrets, partial(_set_get_started, graph, token))


def _missing_settings(app_id: str, app_secrets: tuple[str, ...], verify_token: str) -> str:
    needed = {
        "FACEBOOK_APP_ID": app_id,
        "FACEBOOK_APP_SECRET": app_secrets,
        "FACEBOOK_VERIFY_TOKEN": verify_token,
    }
    return ", ".join(name for name, value in needed.items() if not value)


def _subscribe_app(graph: Graph, app_id: str, app_secret: str, verify_token: str, callback_url: str) -> Reply:
    form = {
        "object": "page",
        "callback_url": callback_url,
        "verify_token": verify_token,
        "fields": FIELDS,
        "include_values": "true",
    }
    return graph.post(f"/{app_id}/subscriptions", f"{app_id}|{app_secret}", data=form, total_s=REGISTER_TOTAL_S)


def _subscribe_page(graph: Graph, page: str, token: str) -> Reply:
    fields = {"subscribed_fields": FIELDS}
    return graph.post(f"/{page}/subscribed_apps", token, params=fields, total_s=REGISTER_TOTAL_S)


def _set_get_started(graph: Graph, token: str) -> Reply:
    return graph.post(
        "/me/messenger_profile",
        token,
        data=msgspec.json.encode({"get_started": {"payload": GET_STARTED_PAYLOAD}}),
        headers={"Content-Type": "application/json"},
        total_s=REGISTER_TOTAL_S,
    )


def _step(what: str, secrets: list[str], call: Callable[[], Reply]) -> Step:
    try:
        reply = call()
    except ChannelError as error:
        return Step(what, f"Facebook could not be reached: {error.reason}. Check the network and FACEBOOK_GRAPH_URL")
    body = reply.body or {}
    if reply.status == 200 and (body.get("success") is True or body.get("result") == "success"):
        return Step(what)
    return Step(what, _words(as_object(body.get("error")), reply.status, secrets))


def _words(error: dict[str, object], status: int, secrets: list[str]) -> str:
    words = as_text(error.get("error_user_msg")) or as_text(error.get("message")) or "no reason given"
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        # Facebook repeats a token that it cannot read ("Malformed access token ...").
        words = words.replace(secret, "***")
    code = as_text(error.get("code")) or f"HTTP {status}"
    return f"Facebook says: {words} ({code})"
