"""What the store shall do with each event: which open, which are only noted, which confirm what we sent."""

from typing import Any

import pytest

from domain.arrivals import Record, RecordReceipt, SettleByEcho
from domain.events import (
    AccountNotice,
    Attachment,
    EchoReceived,
    EchoSender,
    MessageReceived,
    Noted,
    NoteKind,
    PostbackReceived,
    Profile,
    ReceiptReceived,
    ReceiptStatus,
    Unknown,
    WelcomeReceived,
)
from domain.identities import reference
from domain.models import Letter, Source
from domain.sends import SendTag
from handlers.arrivals import arrivals
from tests.people import SUSAN, SUSAN_ID

BASE: dict[str, Any] = {"identity": SUSAN, "sent_at_ms": 1_795_000_000_000, "native_id": "m:1"}


def record(event: Any, *, welcome_opens: bool = True) -> Record:
    [found] = arrivals(event, welcome_opens=welcome_opens)
    assert isinstance(found, Record)
    assert (found.identity, found.native_id, found.sent_at_ms) == (SUSAN, "m:1", 1_795_000_000_000)
    return found


@pytest.mark.parametrize(
    ("event", "letter", "opens"),
    [
        (MessageReceived(external_id="m_1", text="hello", **BASE), Letter.MESSAGE, Source.CONTACT),
        (MessageReceived(external_id="m_1", payload="YES", **BASE), Letter.MESSAGE, Source.CONTACT),
        (PostbackReceived(title="Menu", payload="MENU", **BASE), Letter.MESSAGE, Source.CONTACT),
        (WelcomeReceived(cause="get_started", **BASE), Letter.WELCOME_OPENING, Source.WELCOME_EVENT),
        (WelcomeReceived(cause="referral", referral="flyer", **BASE), Letter.WELCOME_OPENING, Source.WELCOME_EVENT),
        *((Noted(note=note, **BASE), Letter.NOTED, None) for note in NoteKind),
        (EchoReceived(sender=EchoSender.PERSON, external_id="m_1", text="Bob", **BASE), Letter.SENT, None),
        (EchoReceived(sender=EchoSender.OTHER_APP, external_id="m_1", text="x", **BASE), Letter.NOTED, None),
    ],
)
def test_each_event_opens_what_it_should(event: Any, letter: Letter, opens: Source | None) -> None:
    found = record(event)
    assert (found.letter, found.opens) == (letter, opens)


def test_a_welcome_opens_nothing_where_the_channel_is_set_so() -> None:
    found = record(WelcomeReceived(cause="get_started", **BASE), welcome_opens=False)
    assert (found.letter, found.opens) == (Letter.WELCOME, None)
    assert record(MessageReceived(external_id="m", **BASE), welcome_opens=False).opens is Source.CONTACT


def test_an_entry_keeps_what_says_something_and_only_that() -> None:
    place = Attachment(kind="location", latitude=0.0, longitude=23.3)
    event = MessageReceived(external_id="m_1", text="here", attachments=(place,), reply_to="m_0", **BASE)
    assert record(event).data == {
        "kind": "message",
        "text": "here",
        "attachments": [{"kind": "location", "latitude": 0.0, "longitude": 23.3}],
        "ref": reference("m_1"),
        "reply_to": reference("m_0"),
    }


def test_what_a_contact_can_make_as_long_as_it_likes_is_cut() -> None:
    many = tuple(Attachment(kind="image", url=f"https://cdn.example.com/{i}") for i in range(500))
    data = record(MessageReceived(external_id="m_1", text="x" * 50_000, attachments=many, **BASE)).data
    assert len(data["text"]) == 20_000 and len(data["attachments"]) == 30
    noted = Noted(note=NoteKind.OPT_IN, text="x" * 50_000, details={"ref": "y" * 5_000}, **BASE)
    assert len(record(noted).data["details"]["ref"]) == 500 and len(record(noted).data["text"]) == 20_000


def test_a_note_about_a_message_names_it_by_its_reference() -> None:
    event = Noted(note=NoteKind.REACTION, details={"emoji": "❤", "external_id": "m_1"}, **BASE)
    assert record(event).data["details"] == {"emoji": "❤", "of": reference("m_1")}


@pytest.mark.parametrize("is_subscribed", [True, False, None])
def test_subscription_and_profile_are_handed_on(is_subscribed: bool | None) -> None:
    profile = Profile(name="Susan")
    for event in (
        MessageReceived(external_id="m", is_subscribed=is_subscribed, profile=profile, **BASE),
        WelcomeReceived(cause="conversation_started", is_subscribed=is_subscribed, profile=profile, **BASE),
        Noted(note=NoteKind.SUBSCRIBED, is_subscribed=is_subscribed, profile=profile, **BASE),
    ):
        assert (record(event).is_subscribed, record(event).profile) == (is_subscribed, profile)


def test_our_own_echo_settles_its_send_and_records_nothing() -> None:
    tag = SendTag(SUSAN_ID, 4, "nonce-of-the-test")
    event = EchoReceived(sender=EchoSender.US, external_id="m_1", text="hi", metadata=str(tag), **BASE)
    assert arrivals(event, welcome_opens=True) == [SettleByEcho(tag=tag, external_id="m_1")]


def test_an_echo_of_ours_without_a_tag_is_nothing_to_us() -> None:
    event = EchoReceived(sender=EchoSender.US, external_id="m_1", text="hi", metadata="somebody's", **BASE)
    assert arrivals(event, welcome_opens=True) == []


def test_a_receipt_is_one_for_each_message_or_one_for_a_watermark() -> None:
    by_id = ReceiptReceived(status=ReceiptStatus.FAILED, external_ids=("1", "2"), reason="the contact's text", **BASE)
    found = arrivals(by_id, welcome_opens=True)
    assert [one.external_id for one in found if isinstance(one, RecordReceipt)] == ["1", "2"]
    assert {one.reason for one in found if isinstance(one, RecordReceipt)} == {"failed_on_platform"}
    by_time = ReceiptReceived(status=ReceiptStatus.READ, external_ids=("1",), watermark_ms=5, **BASE)
    assert arrivals(by_time, welcome_opens=True) == [
        RecordReceipt(identity=SUSAN, status=ReceiptStatus.READ, watermark_ms=5)
    ]
    assert arrivals(ReceiptReceived(status=ReceiptStatus.READ, **BASE), welcome_opens=True) == []


@pytest.mark.parametrize(
    "event", [AccountNotice(channel="facebook:1", note="app_roles"), Unknown(channel="facebook:1", keys=("x",))]
)
def test_what_concerns_no_contact_is_nothing_to_the_store(event: Any) -> None:
    assert arrivals(event, welcome_opens=True) == []
