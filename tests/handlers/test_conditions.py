"""Whether conditions are met, and what is said when they are not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from domain.automation_subjects import SUBJECTS
from domain.automations import Condition, Group
from domain.business_hours import BusinessHours
from domain.identities import Identity
from domain.models import Entry, OpenConversation, Source
from domain.platform_settings import PlatformSettings
from domain.setting_lists import CustomField
from handlers.automations.condition_words import MAX_REASON_CHARS
from handlers.automations.conditions import Facts, unmet
from tests.domain.generated_automations import groups
from tests.handlers.known import contact, conversation, entry
from tests.people import SUSAN

MONDAY_NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
NIGHTLY = PlatformSettings(business_hours=BusinessHours(week=(((18 * 60, 24 * 60),),) * 7))
ALICE = {"id": "u1", "name": "Alice"}
NAMED: dict[str, Any] = {
    "name": "Susan Straße",
    "email": "susan@example.com",
    "phone": "+359881234567",
    "country": "BG",
}
OPEN = conversation(assignee=ALICE, needs="asked", source=Source.WELCOME_EVENT)
CALM = conversation()


def facts(
    opened: OpenConversation | None = None,
    message: Entry | None = None,
    settings: PlatformSettings | None = None,
    **about: Any,
) -> Facts:
    return Facts(
        contact=contact(**about),
        open=opened,
        message=message,
        now_ms=MONDAY_NOON,
        settings=settings or PlatformSettings(),
    )


def is_met(subject: str, operator: str, value: Any, known: Facts) -> bool:
    reason = unmet(Group((Condition(subject, operator, value),)), known)
    assert reason == "" or reason.endswith(".")
    return not reason


KNOWN = facts(OPEN, entry("Where is my ORDER?"), **NAMED, language="en-GB", tags=("VIP", "blue"), fields={"SIZE": "12"})
NOTHING_KNOWN = facts()
CASES = [
    ("contact.name", "is", "susan STRASSE", True, False),
    ("contact.name", "is", "Susan", False, False),
    ("contact.name", "is_not", "susan strasse", False, True),
    ("contact.name", "is_not", "Susan", True, True),
    ("contact.name", "contains", "SUSAN", True, False),
    ("contact.name", "does_not_contain", "SUSAN", False, True),
    ("contact.name", "is_set", "", True, False),
    ("contact.name", "is_not_set", "", False, True),
    ("contact.email", "contains", "@EXAMPLE.com", True, False),
    ("contact.email", "is_set", "", True, False),
    ("contact.phone", "is", "00359 88 123-45-67", True, False),
    ("contact.phone", "contains", "+359 88", True, False),
    ("contact.phone", "contains", "-", False, False),
    ("contact.country", "is", "bg", True, False),
    ("contact.country", "is_not", "bg", False, True),
    ("contact.language", "is", "EN", True, False),
    ("contact.language", "is", "en_gb", True, False),
    ("contact.language", "is", "de", False, False),
    ("contact.language", "is_not", "en", False, True),
    ("contact.language", "is_set", "", True, False),
    ("contact.language", "is_not_set", "", False, True),
    ("contact.conversations", "at_least", "1", True, True),
    ("contact.conversations", "at_least", "2", False, False),
    ("contact.conversations", "at_most", "1", True, True),
    ("contact.conversations", "at_most", "0.5", False, False),
    ("field:SIZE", "at_least", "3", True, False),
    ("field:SIZE", "at_least", "12.0", True, False),
    ("field:SIZE", "at_most", "11.99", False, False),
    ("field:SIZE", "is", "12", True, False),
    ("field:SIZE", "contains", "2", True, False),
    ("field:SIZE", "is_not_set", "", False, True),
    ("field:GONE", "is_not", "12", True, True),
    ("conversation.state", "open", "", True, False),
    ("conversation.state", "not_open", "", False, True),
    ("conversation.source", "is", ("contact", "welcome_event"), True, False),
    ("conversation.source", "is", ("api",), False, False),
    ("conversation.source", "is_not", ("api",), True, False),
    ("conversation.source", "is_not", ("welcome_event",), False, False),
    ("conversation.assignee", "somebody", "", True, False),
    ("conversation.assignee", "nobody", "", False, False),
    ("conversation.assignee", "is", ("u1", "u2"), True, False),
    ("conversation.assignee", "is", ("u2",), False, False),
    ("conversation.assignee", "is_not", ("u2",), True, False),
    ("conversation.assignee", "is_not", ("u1",), False, False),
    ("conversation.needs_person", "yes", "", True, False),
    ("conversation.needs_person", "no", "", False, False),
    ("channel", "is", ("facebook",), True, True),
    ("channel", "is", ("viber", SUSAN.channel), True, True),
    ("channel", "is", ("viber", "facebook:other"), False, False),
    ("channel", "is_not", ("viber",), True, True),
    ("channel", "is_not", (SUSAN.channel,), False, False),
    ("tags", "has_any", ("vip", "red"), True, False),
    ("tags", "has_any", ("red",), False, False),
    ("tags", "has_all", ("vip", "BLUE"), True, False),
    ("tags", "has_all", ("vip", "red"), False, False),
    ("tags", "has_none", ("red",), True, True),
    ("tags", "has_none", ("red", "vip"), False, True),
    ("message.text", "contains", ("invoice", "Order"), True, False),
    ("message.text", "contains", ("invoice",), False, False),
    ("message.text", "is", ("WHERE is my order?",), True, False),
    ("message.text", "is", ("order",), False, False),
    ("message.text", "matches", (r"^where\b", "x"), True, False),
    ("message.text", "matches", (r"^order",), False, False),
    ("bot", "on", "", True, True),
    ("bot", "off", "", False, False),
    ("business_hours", "inside", "", True, True),
    ("business_hours", "outside", "", False, False),
]


@pytest.mark.parametrize(("subject", "operator", "value", "is_so", "is_so_of_nobody"), CASES)
def test_a_condition_is_met_or_not(subject: str, operator: str, value: Any, is_so: bool, is_so_of_nobody: bool) -> None:
    assert is_met(subject, operator, value, KNOWN) is is_so
    assert is_met(subject, operator, value, NOTHING_KNOWN) is is_so_of_nobody


def test_every_operator_of_every_subject_is_among_these() -> None:
    asked = {(name, word) for name, subject in SUBJECTS.items() for word in subject.operators}
    # These are compared as the name is.
    same = {"contact.email", "contact.phone", "contact.country"}
    tried = {(subject, operator) for subject, operator, *_ in CASES}
    assert {one for one in asked - tried if one[0] not in same} == set()


@pytest.mark.parametrize("text", ["", "12 cm", "twelve", "1e3", "٣", "0x10", "NaN", "12,5"])
def test_what_is_no_number_is_neither_at_least_nor_at_most_anything(text: str) -> None:
    known = facts(fields={"SIZE": text})
    assert not is_met("field:SIZE", "at_least", "-999", known)
    assert not is_met("field:SIZE", "at_most", "999", known)


def test_an_open_conversation_may_be_nobodys_and_calm() -> None:
    known = facts(CALM)
    assert is_met("conversation.assignee", "nobody", "", known)
    assert not is_met("conversation.assignee", "somebody", "", known)
    assert not is_met("conversation.assignee", "is", ("u1",), known)
    assert is_met("conversation.assignee", "is_not", ("u1",), known)
    assert is_met("conversation.needs_person", "no", "", known)


@pytest.mark.parametrize("known", [facts(bot_off="-"), facts(bot_off="7"), facts(conversation(paused="reply"))])
def test_a_bot_that_is_off_or_paused_is_off(known: Facts) -> None:
    assert is_met("bot", "off", "", known) and not is_met("bot", "on", "", known)


def test_the_hours_are_those_of_the_platforms_zone() -> None:
    assert is_met("business_hours", "outside", "", facts(settings=NIGHTLY))
    in_tokyo = PlatformSettings(business_hours=NIGHTLY.business_hours, time_zone="Asia/Tokyo")  # 21:00 there
    assert is_met("business_hours", "inside", "", facts(settings=in_tokyo))


def test_the_channel_of_a_merged_contact_is_where_it_is_about() -> None:
    viber = Identity("viber", "shop", "p1")
    merged: dict[str, Any] = {"other_identities": (viber,), "reply_identity": viber}
    assert is_met("channel", "is", ("viber:shop",), facts(**merged)), "where it wrote last"
    assert is_met("channel", "is", (SUSAN.channel,), facts(conversation(channel="facebook"), **merged))
    assert is_met("channel", "is", ("viber:shop",), facts(conversation(channel="viber"), **merged))
    came = entry(identity=str(viber))
    assert is_met("channel", "is", ("viber:shop",), facts(conversation(channel="facebook"), came, **merged))


OUTSIDE = Condition("business_hours", "outside")
INSIDE = Condition("business_hours", "inside")
VIP = Condition("tags", "has_any", ("vip", "gold"))
NAMELESS = Condition("contact.name", "is_not_set")


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (Group(), ""),
        (Group(is_any=True), ""),
        (Group((INSIDE, NAMELESS)), ""),
        (Group((OUTSIDE, INSIDE), is_any=True), ""),
        (Group((INSIDE, Group((VIP, NAMELESS), is_any=True))), ""),
        (Group((INSIDE, OUTSIDE, VIP)), "Time: it is within business hours."),
        (Group((INSIDE, Group((NAMELESS, VIP)))), "Tags: they have none of “vip”, “gold”."),
        (
            Group((OUTSIDE, VIP), is_any=True),
            "None of these is so: Time is outside business hours; Tags have one of “vip”, “gold”.",
        ),
        (
            Group((OUTSIDE, Group((VIP, INSIDE))), is_any=True),
            "None of these is so: Time is outside business hours; "
            "(Tags have one of “vip”, “gold” and Time is within business hours).",
        ),
        (Group((INSIDE, Group((OUTSIDE,), is_any=True))), "None of these is so: Time is outside business hours."),
    ],
)
def test_the_reason_names_the_first_that_is_not_met_or_all_of_which_one_had_to_be(group: Group, reason: str) -> None:
    assert unmet(group, facts()) == reason


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition("contact.name", "is", "Petar"), "Contact's name: it is not “Petar”."),
        (Condition("field:SIZE", "at_least", "40"), "Field Shoe size: it is not a number from “40” up."),
        (Condition("field:GONE", "is_set"), "Field GONE: it is not known."),
        (Condition("channel", "is", ("viber", "facebook:9")), "Channel: it is none of “Viber”, “Messenger 9”."),
        (Condition("conversation.source", "is", ("api", "user")),
         "The open conversation was opened by: none of “API”, “A user”, or none is open."),
        (Condition("message.text", "contains", tuple("abcde")),
         "The message's text: it contains none of “a”, “b”, “c”, 2 more."),
        (Condition("conversation.assignee", "is", ("u9",)),
         "The open conversation is assigned to: none of those named, or none is open."),
    ],
)  # fmt: skip
def test_a_reason_is_in_words_that_a_manager_understands(condition: Condition, reason: str) -> None:
    settings = PlatformSettings(custom_fields=(CustomField(id="SIZE", name="Shoe size"),))
    assert unmet(Group((condition,)), facts(settings=settings)) == reason


@pytest.mark.parametrize("is_any", [True, False])
@pytest.mark.parametrize(
    "condition",
    [
        Condition("contact.name", "is_not", "Susan Straße"),
        Condition("contact.email", "does_not_contain", "susan"),
        Condition("field:SIZE", "is_not", "12"),
        Condition("contact.language", "is_not", "en"),
        Condition("tags", "has_none", ("vip",)),
        Condition("message.text", "is", ("hello",)),
    ],
)
def test_a_reason_never_tells_what_the_contact_wrote_or_has(condition: Condition, is_any: bool) -> None:
    reason = unmet(Group((condition,), is_any=is_any), KNOWN).casefold()
    assert reason
    for secret in ("susan", "straße", "12", "en-gb", "“en”", "vip", "order"):
        assert secret not in reason.replace("business", "")


@given(groups())
def test_any_conditions_can_be_looked_at(group: Group) -> None:
    for known in (KNOWN, NOTHING_KNOWN):
        assert len(unmet(group, known)) <= MAX_REASON_CHARS


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert "“{0.x}”" in unmet(Group((Condition("contact.name", "is", "{0.x}"),)), facts())
