"""The sample agent's "order status": shows how an intent is answered by code."""

from handlers.intents.calls import IntentCall, IntentReply


def answer(call: IntentCall) -> IntentReply:
    """Greet by name; a shop would look its order up here."""
    greeting = f"{call.contact.name}, your" if call.contact.name else "Your"
    return IntentReply(texts=(f"{greeting} last order is packed and leaves tomorrow morning.",))
