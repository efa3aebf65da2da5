"""Viber's welcome has to be in the HTTP answer to conversation_started: the worker writes it, we wait a little."""

import time

from flask import Response

from domain.events import WelcomeReceived
from domain.identities import contact_id
from store import Store
from web.context import Context

#: Viber gives up after about 5 s; what is not there by then is said with the configured text.
#: Source: an issue of a PHP bot library, read 2026-11-22; undocumented by Viber.
WAIT_S = 2.5
LOOK_FIRST_S = 0.01
LOOK_MOST_S = 0.1


def welcome_response(context: Context, event: WelcomeReceived) -> Response:
    """Return the answer to conversation_started: the bot's welcome, else the configured text, else nothing.

    A repeat of the same token gets the same answer. Raises StoreError.
    """
    made = contact = contact_id(event.identity)
    text = context.store.read_welcome(contact, event.welcome_token)
    if text is None and (contact := context.store.resolve(made)) != made:
        # They were merged into another contact, whose turn welcomes them.
        text = context.store.read_welcome(contact, event.welcome_token)
    if text is None and context.has_bot and context.welcome_places.acquire(blocking=False):
        try:
            text = _wait(context.store, contact, event.welcome_token)
        finally:
            context.welcome_places.release()
    if text is None:
        configured = context.store.platform_settings().welcome_texts.get(event.identity.channel, "")
        elsewhere = event.identity if contact != made else None
        text = context.store.claim_welcome(contact, event.welcome_token, configured, elsewhere)
    viber = context.vibers[event.identity.account]
    return Response(viber.welcome_body(text) if text else b"", 200, mimetype="application/json")


def _wait(store: Store, contact: str, token: str) -> str | None:
    give_up_at = time.monotonic() + WAIT_S
    pause_s = LOOK_FIRST_S
    while time.monotonic() < give_up_at:
        time.sleep(pause_s)
        text = store.read_welcome(contact, token)
        if text is not None:
            return text
        pause_s = min(pause_s * 1.5, LOOK_MOST_S)
    return None
