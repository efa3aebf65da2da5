"""What a contact would be if an automation's trigger came now; and why it cannot come for some of them."""

from dataclasses import dataclass, replace

from domain.actions import Close, Open
from domain.automations import Automation, Once, TriggerKind
from domain.models import Entry, Snapshot, Source
from domain.platform_settings import PlatformSettings
from handlers.automations.events import events_of, is_wanted
from handlers.automations.imagining import imagine

#: What opens a conversation where none is open.
_OPENS = frozenset({TriggerKind.MESSAGE_RECEIVED, TriggerKind.CONVERSATION_OPENED, TriggerKind.WELCOME})
_SILENCE = frozenset({TriggerKind.NO_ANSWER_FROM_CONTACT, TriggerKind.NO_ANSWER_FROM_US})
_TAGS = frozenset({TriggerKind.TAG_ADDED, TriggerKind.TAG_REMOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """The contact as the trigger would leave them. words: what is supposed, for people.

    number: of the conversation that it is about, 0 outside of any. message: what it is about, if that is one.
    """

    snapshot: Snapshot
    number: int
    message: Entry | None
    words: str


def suppose(
    automation: Automation, snapshot: Snapshot, *, settings: PlatformSettings, now_ms: int, message: Entry | None
) -> Supposed:
    """Suppose that the trigger comes now. message: the contact's last one; where they write it is that again."""
    kind, source, contact = automation.trigger.kind, _source(automation), snapshot.contact
    number = snapshot.open.number if snapshot.open else 0
    is_written = kind is TriggerKind.MESSAGE_RECEIVED or (
        kind is TriggerKind.CONVERSATION_OPENED and source is Source.CONTACT
    )
    message = message if is_written else None
    words = ["Suppose that its trigger comes now"] + ["with the last message that they wrote"] * bool(message)
    if kind is TriggerKind.CONVERSATION_CLOSED and snapshot.open:
        words.append(f"and conversation #{number} is closed")
        closing = Close(number=number, source=source)
        snapshot = imagine(snapshot, [closing], settings=settings, now_ms=now_ms)
    elif kind is TriggerKind.CONVERSATION_CLOSED:
        number = contact.conversations
    elif snapshot.open:
        words.append(f"in conversation #{number}")
    elif kind in _OPENS and _can_open(source, snapshot, settings):
        number = contact.conversations + 1
        words.append(f"and conversation #{number} is opened")
        opening = Open(source=source, channel=contact.answers_on.kind)
        snapshot = imagine(snapshot, [opening], settings=settings, now_ms=now_ms)
    if kind in _TAGS:
        snapshot = _with_tags_changed(automation, snapshot)
    return Supposed(snapshot=snapshot, number=number, message=message, words=f"{', '.join(words)}.")


def why_not(automation: Automation, snapshot: Snapshot, supposed: Supposed) -> str:
    """Return why an automation would not even look at its conditions, in words for people; empty when it would.

    snapshot: the contact as it is.
    """
    contact, trigger = snapshot.contact, automation.trigger
    if contact.merged_into:
        return "The contact was merged into another one."
    channels = trigger.texts("channels")
    if channels and not any(one.kind in channels or one.channel in channels for one in contact.identities):
        return "The contact is on none of the channels that it waits for."
    if trigger.kind in _SILENCE and snapshot.open is None:
        return "No conversation is open, so nobody waits for an answer."
    if trigger.kind is TriggerKind.MESSAGE_RECEIVED and not _is_wanted(automation, supposed):
        return "The last message that they wrote is not one that it waits for."
    ran = contact.run_state.ran.get(automation.id)
    if automation.once is Once.CONTACT and ran is not None:
        return "It ran for this contact before."
    return "It ran in this conversation before." if automation.once and ran == supposed.number else ""


def _source(automation: Automation) -> Source:
    """Who opens or closes: the first of those that the trigger names."""
    by_itself = {TriggerKind.WELCOME: Source.WELCOME_EVENT, TriggerKind.CONVERSATION_CLOSED: Source.USER}
    named = automation.trigger.texts("sources")
    return Source(named[0]) if named else by_itself.get(automation.trigger.kind, Source.CONTACT)


def _can_open(source: Source, snapshot: Snapshot, settings: PlatformSettings) -> bool:
    contact = snapshot.contact
    if contact.is_blocked or contact.merged_into:
        return False
    return source is not Source.WELCOME_EVENT or settings.welcome_opens(contact.answers_on.channel)


def _with_tags_changed(automation: Automation, snapshot: Snapshot) -> Snapshot:
    """Of the tags that the trigger names the first one is added or taken away, unless that is so of one of them."""
    contact, named = snapshot.contact, automation.trigger.texts("tags")
    if automation.trigger.kind is TriggerKind.TAG_REMOVED:
        has_all = bool(named) and set(named) <= set(contact.tags)
        tags = tuple(tag for tag in contact.tags if not has_all or tag != named[0])
    else:
        has_none = bool(named) and set(named).isdisjoint(contact.tags)
        tags = (*contact.tags, named[0]) if has_none else contact.tags
    return replace(snapshot, contact=replace(contact, tags=tags))


def _is_wanted(automation: Automation, supposed: Supposed) -> bool:
    """Nobody knows what they would write who wrote nothing yet: that is no reason against it."""
    if supposed.message is None:
        return True
    kind, contact = automation.trigger.kind, supposed.snapshot.contact
    events = events_of(supposed.snapshot, supposed.message)
    return any(is_wanted(automation, event, contact) for event in events if event.kind is kind)
