"""Intents that are answered by code of yours: write a function, and name its intent in INTENTS.

A function is pure: it gets the contact, the open conversation and the intent's parameters, and returns replies and
actions. Dialogflow waits 5 s for it. Switch "Enable webhook call for this intent" on in the agent.
"""

from collections.abc import Callable, Mapping

from handlers.intents import order_status
from handlers.intents.calls import IntentCall, IntentReply

INTENTS: Mapping[str, Callable[[IntentCall], IntentReply]] = {
    "order status": order_status.answer,
}

__all__ = ["INTENTS", "IntentCall", "IntentReply"]
