"""The platforms' webhooks: verify the raw bytes, parse, record in one round trip, answer."""

import logging
import time
from collections.abc import Sequence
from functools import partial

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from channels.base import Channel
from domain.arrivals import Arrival
from domain.errors import BadPayload, BadSignature, StoreError
from domain.events import AccountNotice, AnyEvent, Event, Unknown, WelcomeReceived
from handlers.arrivals import arrivals
from measures import count_webhook
from store import Received
from web.context import context
from web.measuring import RESULT_HEADER, measured
from web.welcomes import welcome_response

log = logging.getLogger(__name__)
webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@webhooks.get("/facebook")
def verify_facebook() -> Response:
    """Answer Meta's verification of the address."""
    facebook = context().facebook
    if facebook is None:
        return _plain("Messenger is not configured: set FACEBOOK_PAGES.", 404)
    try:
        response = _plain(facebook.challenge(request.args), 200)
    except BadSignature:
        log.warning("webhook.refused channel=facebook reason=verify_token")
        return _plain("That is not a verification request with our verify token.", 403)
    response.headers["X-Content-Type-Options"] = "nosniff"  # the words are the caller's
    return response


@webhooks.post("/facebook")
@measured(partial(count_webhook, "facebook"))
def receive_facebook() -> Response:
    """Take a delivery for all pages."""
    facebook = context().facebook
    return _receive(facebook, "facebook") if facebook else _plain("Messenger is not configured.", 404)


@webhooks.post("/viber/<bot>")
@measured(partial(count_webhook, "viber"))
def receive_viber(bot: str) -> Response:
    """Take a delivery for one bot."""
    viber = context().vibers.get(bot)
    return _receive(viber, f"viber:{bot}") if viber else _plain("There is no such bot here.", 404)


def _receive(channel: Channel, name: str) -> Response:
    began = time.monotonic()
    raw = request.get_data(cache=False)
    if request.content_length is None and len(raw) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge  # a body that comes in chunks is cut there without a word
    try:
        channel.verify(raw, request.headers)
    except BadSignature:
        log.warning("webhook.refused channel=%s reason=signature bytes=%d", name, len(raw))
        return _plain("The signature is missing or wrong.", 403)
    try:
        events = channel.parse(raw)
        found = [arrival for event in events for arrival in _arrivals(event, name)]
    except BadPayload as error:
        return _reject(name, raw, str(error))
    except StoreError:
        raise
    except Exception:
        # A body that breaks our parser would break it again on every repeat: keep it, and say yes.
        log.exception("webhook.broke channel=%s bytes=%d", name, len(raw))
        return _reject(name, raw, "our parser broke on it")
    received = context().store.receive(found)
    response = _answer(events, received)
    result = response.headers[RESULT_HEADER]
    duration_ms = (time.monotonic() - began) * 1000
    log.info("webhook channel=%s events=%d result=%s duration_ms=%.1f", name, len(events), result, duration_ms)
    return response


def _arrivals(event: AnyEvent, name: str) -> Sequence[Arrival]:
    match event:
        case Event(identity=identity):
            return arrivals(event, welcome_opens=context().store.platform_settings().welcome_opens(identity.channel))
        case Unknown(keys=keys):
            log.info("webhook.unknown channel=%s keys=%s", name, ",".join(repr(key) for key in keys[:10])[:200])
        case AccountNotice(note=note, needs_attention=True):
            log.error("webhook.notice channel=%s note=%s", event.channel, note)
        case AccountNotice(note=note):
            log.info("webhook.notice channel=%s note=%s", event.channel, note)
    return ()


def _answer(events: list[AnyEvent], received: list[Received]) -> Response:
    result = "ok" if not received or any(one.is_new for one in received) else "duplicate"
    for event in events:
        if isinstance(event, WelcomeReceived) and event.welcome_token:
            response = welcome_response(context(), event)
            break
    else:
        response = _plain("", 200)
    response.headers[RESULT_HEADER] = result
    return response


def _reject(name: str, raw: bytes, reason: str) -> Response:
    log.warning("webhook.rejected channel=%s bytes=%d reason=%s", name, len(raw), reason)
    context().store.reject(name, raw, reason)
    response = _plain("", 200)
    response.headers[RESULT_HEADER] = "rejected"
    return response


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")


@webhooks.errorhandler(StoreError)
def answer_later(error: StoreError) -> Response:
    """The platform delivers again; nothing was answered for, so nothing is lost."""
    log.error("webhook.no_store error=%s", error)
    return _plain("The store does not answer; deliver this again.", 503)
