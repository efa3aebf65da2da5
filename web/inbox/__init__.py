"""The Messaging Module: the inbox and its conversations, and what users do there."""

from web.inbox import bulk, conversations, deeds, lists, profile, timelines, writing
from web.inbox.blueprint import inbox

__all__ = ["bulk", "conversations", "deeds", "inbox", "lists", "profile", "timelines", "writing"]
