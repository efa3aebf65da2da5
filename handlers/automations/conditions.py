"""Whether an automation's conditions are met, and if not, why.

Texts are compared without upper and lower case. What is not known neither is nor contains anything: “is not” and “does
not contain” are met then. What is said of the open conversation is not met while none is open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from domain.automation_subjects import FIELD_PREFIX
from domain.automations import Condition, Group
from domain.identities import Identity
from domain.models import Contact, Entry, OpenConversation
from domain.patterns import matches
from domain.platform_settings import PlatformSettings
from handlers.automations.comparisons import compare_beginning, compare_number, compare_phone, compare_text
from handlers.automations.condition_words import say_none_met, say_unmet


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What conditions are about, at one moment. message: what it is all about, if it is a message."""

    contact: Contact
    open: OpenConversation | None
    message: Entry | None
    now_ms: int
    settings: PlatformSettings

    @cached_property
    def folded_text(self) -> str:
        """The message's text as it is compared: made once, however many automations ask."""
        return self.message.text.casefold().strip() if self.message else ""

    @cached_property
    def folded_tags(self) -> frozenset[str]:
        """The contact's tags as they are compared."""
        return frozenset(tag.casefold() for tag in self.contact.tags)

    @cached_property
    def is_within_business_hours(self) -> bool:
        """Whether the business is open now."""
        return self.settings.business_hours.includes(self.now_ms, self.settings.zone)

    @cached_property
    def identity(self) -> Identity:
        """Where the message came from, or else where the open conversation is, or where the contact wrote last."""
        contact = self.contact
        if self.message:
            return contact.identity_of(self.message)
        places = (contact.answers_on, *contact.identities)
        there = (place for place in places if self.open and place.kind == self.open.channel)
        return next(there, contact.answers_on)


def are_met(group: Group, facts: Facts) -> bool:
    """Tell whether conditions are met; much quicker than asking why they are not."""
    return not group.members or _is_so(group, facts)


def unmet(group: Group, facts: Facts) -> str:
    """Return why conditions are not met, in words for people; empty when they are.

    It names the first one that is not, or all of a group of which one had to be. It holds no words of the contact.
    """
    if _is_so(group, facts):
        return ""
    if group.is_any:
        return say_none_met(group, facts.settings)
    first = next(member for member in group.members if not _is_so(member, facts))
    return unmet(first, facts) if isinstance(first, Group) else say_unmet(first, facts.settings)


def _is_so(member: Condition | Group, facts: Facts) -> bool:
    if isinstance(member, Condition):
        return _SUBJECTS.get(member.subject, _field)(member, facts)
    if member.is_any and member.members:
        return any(_is_so(one, facts) for one in member.members)
    return all(_is_so(one, facts) for one in member.members)


def _name(condition: Condition, facts: Facts) -> bool:
    return compare_text(condition, facts.contact.name)


def _email(condition: Condition, facts: Facts) -> bool:
    return compare_text(condition, facts.contact.email)


def _phone(condition: Condition, facts: Facts) -> bool:
    return compare_phone(condition, facts.contact.phone)


def _country(condition: Condition, facts: Facts) -> bool:
    return compare_text(condition, facts.contact.country)


def _language(condition: Condition, facts: Facts) -> bool:
    return compare_beginning(condition, facts.contact.language)


def _conversations(condition: Condition, facts: Facts) -> bool:
    return compare_number(condition, str(facts.contact.conversations))


def _state(condition: Condition, facts: Facts) -> bool:
    return (facts.open is not None) == (condition.operator == "open")


def _source(condition: Condition, facts: Facts) -> bool:
    return facts.open is not None and (facts.open.source in condition.value) == (condition.operator == "is")


def _assignee(condition: Condition, facts: Facts) -> bool:
    if facts.open is None:
        return False
    user = (facts.open.assignee or {}).get("id", "")
    match condition.operator:
        case "nobody":
            return not user
        case "somebody":
            return bool(user)
        case operator:
            return (user in condition.value) == (operator == "is")


def _needs_person(condition: Condition, facts: Facts) -> bool:
    return facts.open is not None and bool(facts.open.needs) == (condition.operator == "yes")


def _channel(condition: Condition, facts: Facts) -> bool:
    identity = facts.identity
    is_one = identity.kind in condition.value or identity.channel in condition.value
    return is_one == (condition.operator == "is")


def _tags(condition: Condition, facts: Facts) -> bool:
    named = _folded(condition.value)
    if condition.operator == "has_all":
        return facts.folded_tags.issuperset(named)
    return facts.folded_tags.isdisjoint(named) == (condition.operator == "has_none")


def _text(condition: Condition, facts: Facts) -> bool:
    if facts.message is None:
        return False
    match condition.operator:
        case "is":
            return facts.folded_text in _folded(condition.value)
        case "contains":
            return any(map(facts.folded_text.__contains__, _folded(condition.value)))
        case _:
            return any(matches(one, facts.message.text) for one in condition.value)


def _bot(condition: Condition, facts: Facts) -> bool:
    is_silent = bool(facts.contact.bot_off or (facts.open and facts.open.paused))
    return is_silent == (condition.operator == "off")


def _hours(condition: Condition, facts: Facts) -> bool:
    return facts.is_within_business_hours == (condition.operator == "inside")


def _field(condition: Condition, facts: Facts) -> bool:
    """What none of the subjects below is."""
    return compare_text(condition, facts.contact.fields.get(condition.subject.removeprefix(FIELD_PREFIX), ""))


_SUBJECTS: Mapping[str, Callable[[Condition, Facts], bool]] = {
    "contact.name": _name,
    "contact.email": _email,
    "contact.phone": _phone,
    "contact.language": _language,
    "contact.country": _country,
    "contact.conversations": _conversations,
    "conversation.state": _state,
    "conversation.source": _source,
    "conversation.assignee": _assignee,
    "conversation.needs_person": _needs_person,
    "channel": _channel,
    "tags": _tags,
    "message.text": _text,
    "bot": _bot,
    "business_hours": _hours,
}


@lru_cache(1024)
def _folded(values: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.casefold() for one in ((values,) if isinstance(values, str) else values))
