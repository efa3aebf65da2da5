"""What happened, in words for people: reasons, statuses, sources, lines of the timeline."""

from collections.abc import Callable
from typing import Any

from web.layout import channel_name, duration

NEEDS = {
    "bot_off": "the bot is off",
    "paused": "a person took over",
    "no_bot": "no bot is connected",
    "bot_failed": "the bot could not answer",
    "attachment": "sent something the bot cannot read",
    "opened_by_user": "opened by a user",
    "notify": "the bot asks for a person",
}
FAILURES = {
    "unreachable": "Dialogflow could not be reached.",
    "timed_out": "Dialogflow did not answer in time.",
    "rate_limited": "Dialogflow's limit was reached.",
    "not_allowed": "Dialogflow refuses our credentials.",
    "refused": "Dialogflow calls the request invalid.",
}
_OPENERS = {
    "contact": "the contact wrote",
    "welcome_event": "welcome event",
    "dialogflow": "Dialogflow",
    "api": "API",
    "contact_merge": "merge of contacts",
    "auto_close": "nobody wrote for a while",
    "automation": "automation",
}


def needs(reason: str) -> str:
    """Say why a conversation needs a person."""
    return NEEDS.get(reason, _plain(reason))


def name_of(card: Any) -> str:
    """Return a user's name, or an automation's with that word in front, as an entry keeps it."""
    if not isinstance(card, dict) or not card:
        return ""
    if is_automation(card):
        return f"automation “{card.get('name', '')}”"
    return str(card.get("name") or card.get("email") or "somebody")


def is_automation(card: dict[str, Any]) -> bool:
    """Tell whether a card is that of an automation: users have an email address."""
    return "email" not in card


def by_whom(data: dict[str, Any]) -> str:
    """Say who or what did it: the user's name, or the source."""
    source = str(data.get("source", ""))
    what, user = _OPENERS.get(source, _plain(source)), name_of(data.get("by"))
    if source == "auto_close":
        return what
    return f"{what}, {user}" if user and source == "contact_merge" else user or what


def event(data: dict[str, Any], contact: str) -> tuple[str, str, str]:
    """Return icon, words and a second, quieter sentence for a line that is no message. contact: their name."""
    kind = str(data["kind"])
    if kind in _LINES:
        icon, say = _LINES[kind]
        words, more = say(data, contact)
        return icon, words, more
    return "info", _plain(kind).capitalize(), str(data.get("text", ""))


def _opened(data: dict[str, Any], _: str) -> tuple[str, str]:
    keeps = f"kept by {name_of(data['user'])}" if data.get("user") else ""
    return f"Conversation #{data.get('conversation')} opened", " · ".join(filter(None, (by_whom(data), keeps)))


def _closed(data: dict[str, Any], _: str) -> tuple[str, str]:
    took = data.get("resolution_ms")
    after = f"after {duration(int(took))}" if took is not None else ""
    return f"Conversation #{data.get('conversation')} closed", " · ".join(filter(None, (by_whom(data), after)))


def _assigned(data: dict[str, Any], _: str) -> tuple[str, str]:
    to, by = name_of(data.get("user")), name_of(data.get("by"))
    return f"Assigned to {to}", f"by {by}" if by and by != to else ""


def _unassigned(data: dict[str, Any], _: str) -> tuple[str, str]:
    return "Unassigned", f"by {by_whom(data)}" if by_whom(data) else ""


def _switch(words: str) -> Callable[[dict[str, Any], str], tuple[str, str]]:
    return lambda data, _: (words, by_whom(data))


def _paused(data: dict[str, Any], _: str) -> tuple[str, str]:
    why = {"user_replied": "a user replied", "assigned": "it was assigned", "page_inbox": "answered on the platform"}
    word = str(data.get("reason", ""))
    return "The bot is silent until this conversation closes", why.get(word, _plain(word))


def _needs_person(data: dict[str, Any], _: str) -> tuple[str, str]:
    failure = FAILURES.get(str(data.get("failure", "")), "")
    return f"Needs a person: {needs(str(data.get('reason', '')))}", str(data.get("text") or failure)


def _bot(data: dict[str, Any], _: str) -> tuple[str, str]:
    intent = (data.get("bot") or {}).get("intent")
    return "The bot had nothing to say", f"intent {intent}" if intent else ""


def _unanswered(data: dict[str, Any], _: str) -> tuple[str, str]:
    failed = data.get("reason") == "failed"
    return "The bot could not answer", "Dialogflow failed" if failed else "no intent matched"


def _by_hand(data: dict[str, Any], _: str) -> tuple[str, str]:
    return f"Runs {name_of(data.get('automation'))}", f"started by {name_of(data.get('by'))}"


def _notified(data: dict[str, Any], _: str) -> tuple[str, str]:
    return f"Users are notified: {data.get('text', '')}", f"by {name_of(data.get('by'))}"


def _bot_failed(data: dict[str, Any], _: str) -> tuple[str, str]:
    return "The bot could not answer", FAILURES.get(str(data.get("failure", "")), "")


def _welcome(data: dict[str, Any], contact: str) -> tuple[str, str]:
    said = {
        "get_started": f"{contact} pressed Get Started",
        "referral": f"{contact} came by a link",
        "conversation_started": f"{contact} opened the screen",
    }
    return said.get(str(data.get("cause", "")), f"{contact} came to the door"), _referral(data)


def _reaction(data: dict[str, Any], contact: str) -> tuple[str, str]:
    details = data.get("details") or {}
    if details.get("action") == "unreact":
        return f"{contact} took a reaction back", ""
    return f"{contact} reacted", str(details.get("emoji", ""))


def _noted(words: str) -> Callable[[dict[str, Any], str], tuple[str, str]]:
    return lambda data, contact: (words.format(contact=contact), str(data.get("text", "")))


def _profile(data: dict[str, Any], _: str) -> tuple[str, str]:
    return f"Profile changed: {', '.join(map(str, data.get('changed', ())))}", by_whom(data)


def _tags(data: dict[str, Any], _: str) -> tuple[str, str]:
    added, removed = data.get("added") or (), data.get("removed") or ()
    parts = [f"tagged {', '.join(map(str, added))}"] * bool(added)
    parts += [f"no longer tagged {', '.join(map(str, removed))}"] * bool(removed)
    return (" and ".join(parts) or "tags changed").capitalize(), by_whom(data)


def _merged(data: dict[str, Any], _: str) -> tuple[str, str]:
    kinds = [str(identity).partition(":")[0] for identity in data.get("identities", ())]
    where = ", ".join(channel_name(kind) for kind in dict.fromkeys(kinds))
    who = str(data.get("name") or "Another contact")
    return f"{who}{f' ({where})' if where else ''} became part of this contact", name_of(data.get("by"))


def _referral(data: dict[str, Any]) -> str:
    return f"link {data['referral']}" if data.get("referral") else ""


def _plain(word: str) -> str:
    return word.replace("_", " ").strip()


_LINES: dict[str, tuple[str, Callable[[dict[str, Any], str], tuple[str, str]]]] = {
    "opened": ("plus", _opened),
    "closed": ("check", _closed),
    "assigned": ("person", _assigned),
    "unassigned": ("nobody", _unassigned),
    "bot_on": ("bot", _switch("Bot switched on")),
    "bot_off": ("bot", _switch("Bot switched off")),
    "bot_paused": ("bot", _paused),
    "needs_person": ("wait", _needs_person),
    "bot": ("bot", _bot),
    "bot_failed": ("alert", _bot_failed),
    "bot_unanswered": ("alert", _unanswered),
    "run_by_hand": ("automations", _by_hand),
    "notified": ("bell", _notified),
    "created": ("person", lambda _, contact: (f"{contact} is new here", "")),
    "welcome": ("person", _welcome),
    "blocked": ("block", _switch("Contact blocked")),
    "unblocked": ("check", _switch("Contact unblocked")),
    "profile_changed": ("person", _profile),
    "tags_changed": ("note", _tags),
    "merged": ("merge", _merged),
    "reaction": ("smile", _reaction),
    "edit": ("note", _noted("{contact} edited a message")),
    "delete": ("trash", _noted("{contact} deleted a message")),
    "opt_in": ("check", _noted("{contact} opted in")),
    "subscribed": ("check", _noted("{contact} subscribed")),
    "unsubscribed": ("block", _noted("{contact} unsubscribed")),
    "standby": ("info", _noted("Another app has the conversation")),
    "thread_control": ("info", _noted("The conversation changed hands on the platform")),
    "account_linking": ("link", _noted("{contact} linked or unlinked an account")),
    "payment_status": ("info", _noted("Payment")),
}
