"""What the values in reports are called."""

SOURCES = {
    "contact": "Contact",
    "welcome_event": "Welcome event",
    "user": "User",
    "automation": "Automation",
    "dialogflow": "Dialogflow",
    "api": "API",
    "contact_merge": "Contact merge",
    "auto_close": "Auto-close",
    "kept": "Kept from the conversation before",
    "deactivated": "Taken from a deactivated user",
}
CHANNELS = {"facebook": "Messenger", "viber": "Viber"}
SENDERS = {"contact": "Contact", "user": "User", "bot": "Bot", "automation": "Automation", "api": "API"}
REASONS = {
    "notify": "The bot asked for a person",
    "bot_failed": "The bot could not answer",
    "bot_off": "The bot was switched off",
    "attachment": "Something the bot cannot read",
    "user_replied": "A user replied",
    "assigned": "It was assigned",
    "page_inbox": "A person replied on the platform",
}
FAILURES = {
    "unreachable": "Dialogflow could not be reached",
    "timed_out": "Dialogflow did not answer in time",
    "rate_limited": "Dialogflow's limit was reached",
    "not_allowed": "Dialogflow refused our credentials",
    "refused": "Dialogflow called the request invalid",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def label_of(dimension: str, value: str, users: dict[str, str]) -> str:
    """Return what people call a dimension's value. users: names by id; who is not in it is shown by id."""
    match dimension:
        case "user" | "by":
            return users.get(value, value) if value else "Nobody"
        case "category":
            return value or "No category"
        case "intent":
            return value or "No intent"
    known = {"source": SOURCES, "channel": CHANNELS, "sender": SENDERS, "reason": REASONS}.get(dimension, {})
    return known.get(value, value.replace("_", " ").capitalize())
