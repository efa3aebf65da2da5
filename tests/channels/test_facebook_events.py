import pytest

from domain.events import (
    AccountNotice,
    AnyEvent,
    Attachment,
    EchoReceived,
    EchoSender,
    Event,
    MessageReceived,
    Noted,
    NoteKind,
    PostbackReceived,
    ReceiptReceived,
    ReceiptStatus,
    Unknown,
    WelcomeReceived,
)
from tests.channels.contract import fixture
from tests.channels.test_facebook import OTHER_PAGE, PAGE, SUSAN, SUSAN_REF, facebook

T_MS = 1_767_225_600_000


def events(name: str) -> list[AnyEvent]:
    return facebook().parse(fixture("facebook", name))


def event(name: str) -> AnyEvent:
    (only,) = events(name)
    return only


def message(name: str) -> MessageReceived:
    found = event(f"message__{name}")
    assert isinstance(found, MessageReceived)
    return found


def test_a_text_message_is_read_completely() -> None:
    assert message("text") == MessageReceived(
        identity=SUSAN,
        sent_at_ms=T_MS + 100,
        native_id="m:m_text",
        external_id="m_text",
        text="Do you deliver on Sundays?",
    )


def test_a_quick_reply_has_text_and_payload() -> None:
    assert (message("quick_reply").text, message("quick_reply").payload) == ("Blue", "COLOUR_BLUE")


def test_a_reply_names_the_message_it_answers() -> None:
    assert message("reply_to").reply_to == "m_earlier"


STICKER = Attachment(kind="sticker", url="https://cdn.example.com/s.png")


@pytest.mark.parametrize(
    ("name", "attachments"),
    [
        ("image", (Attachment(kind="image", url="https://cdn.example.com/cake.jpg?x=1"),)),
        ("audio", (Attachment(kind="audio", url="https://cdn.example.com/voice.mp4"),)),
        ("file", (Attachment(kind="file", url="https://cdn.example.com/order.pdf"),)),
        ("reel", (Attachment(kind="reel", url="https://www.example.com/reel/9"),)),
        ("sticker", (STICKER,)),
        ("sticker_as_image", (STICKER,)),
        ("sticker_in_both_shapes", (STICKER,)),
        ("link", (Attachment(kind="link", url="https://shop.example.com/cake", name="Cakes"),)),
        ("link_null_payload", (Attachment(kind="link", url="https://shop.example.com/old", name="Old cakes"),)),
        ("link_no_payload", (Attachment(kind="link"),)),
        ("location", (Attachment(kind="location", name="Here", latitude=42.69, longitude=23.32),)),
        ("appointment", (Attachment(kind="appointment_booking", name="requested"),)),
        ("unsupported", (Attachment(kind="unsupported"),)),
        ("new_members", (Attachment(kind="hologram", url="https://cdn.example.com/h"),)),
        ("empty", ()),
    ],
)
def test_attachments_are_named_and_counted_once(name: str, attachments: tuple[Attachment, ...]) -> None:
    assert message(name).attachments == attachments


def test_several_attachments_stay_in_order() -> None:
    assert [each.url[-5:] for each in message("two_images").attachments] == ["1.jpg", "2.jpg"]


@pytest.mark.parametrize(("name", "ref"), [("ad_referral_beside", "spring"), ("ad_referral_inside", "601")])
def test_a_message_knows_the_ad_it_came_through(name: str, ref: str) -> None:
    assert message(name).referral == ref


def test_an_address_that_is_no_web_address_is_dropped() -> None:
    raw = fixture("facebook", "message__image").replace(b"https://cdn.example.com/cake.jpg?x=1", b"javascript:alert(1)")
    (found,) = facebook().parse(raw)
    assert isinstance(found, MessageReceived)
    assert found.attachments == (Attachment(kind="image"),)


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("ours", EchoSender.US),
        ("our_app_without_tag", EchoSender.OTHER_APP),
        ("page_inbox", EchoSender.PERSON),
        ("no_app", EchoSender.PERSON),
        ("other_app", EchoSender.OTHER_APP),
        ("template", EchoSender.OTHER_APP),
        ("standby", EchoSender.OTHER_APP),
    ],
)
def test_an_echo_tells_who_sent_it_and_concerns_its_receiver(name: str, sender: EchoSender) -> None:
    found = event(f"echo__{name}")
    assert isinstance(found, EchoReceived)
    assert (found.sender, found.identity, found.external_id) == (sender, SUSAN, "m_echo")


def test_our_own_echo_brings_the_tag_back() -> None:
    found = event("echo__ours")
    assert isinstance(found, EchoReceived)
    assert found.metadata == "md:aaaaaaaaaaaaaaaaaaaaaaaa:17:n0nce_-AZ9"


@pytest.mark.parametrize(("name", "ref"), [("get_started", "flyer"), ("get_started_no_mid", "")])
def test_get_started_is_a_welcome(name: str, ref: str) -> None:
    found = event(f"postback__{name}")
    assert isinstance(found, WelcomeReceived)
    assert (found.cause, found.referral) == ("get_started", ref)


@pytest.mark.parametrize(("name", "ref"), [("link", "poster"), ("ad", "601")])
def test_a_referral_that_comes_alone_is_a_welcome(name: str, ref: str) -> None:
    found = event(f"referral__{name}")
    assert isinstance(found, WelcomeReceived)
    assert (found.cause, found.referral) == ("referral", ref)


@pytest.mark.parametrize(("name", "payload"), [("button", "MENU_PRICES"), ("ice_breaker", "ASK_ADDRESS")])
def test_any_other_button_is_a_postback(name: str, payload: str) -> None:
    found = event(f"postback__{name}")
    assert isinstance(found, PostbackReceived)
    assert found.payload == payload


@pytest.mark.parametrize(
    ("name", "status", "external_ids", "watermark_ms", "sent_at_ms"),
    [
        ("delivery__mids", ReceiptStatus.DELIVERED, ("m_sent_1", "m_sent_2"), T_MS + 50, T_MS + 100),
        ("delivery__no_mids_timestamp_zero", ReceiptStatus.DELIVERED, (), T_MS + 50, None),
        ("read__watermark", ReceiptStatus.READ, (), T_MS + 60, T_MS + 100),
    ],
)
def test_receipts_reach_up_to_a_watermark(
    name: str, status: ReceiptStatus, external_ids: tuple[str, ...], watermark_ms: int, sent_at_ms: int | None
) -> None:
    found = event(name)
    assert isinstance(found, ReceiptReceived)
    assert (found.status, found.external_ids, found.watermark_ms) == (status, external_ids, watermark_ms)
    assert found.sent_at_ms == sent_at_ms


@pytest.mark.parametrize(
    ("name", "note", "text", "details"),
    [
        ("message__deleted", NoteKind.DELETE, "", {"external_id": "m_deleted"}),
        ("message_edit__text", NoteKind.EDIT, "Do you deliver on Mondays?", {"external_id": "m_text"}),
        ("reaction__react", NoteKind.REACTION, "", {"emoji": "❤️", "action": "react", "external_id": "m_sent_1"}),
        ("reaction__unreact", NoteKind.REACTION, "", {"emoji": "", "action": "unreact", "external_id": "m_sent_1"}),
        ("optin__plugin", NoteKind.OPT_IN, "", {"ref": "newsletter"}),
        ("account_linking__unlinked", NoteKind.ACCOUNT_LINKING, "", {"status": "unlinked"}),
        (
            "thread_control__request",
            NoteKind.THREAD_CONTROL,
            "",
            {"action": "request", "requested_owner_app_id": "9090909"},
        ),
        (
            "thread_control__take",
            NoteKind.THREAD_CONTROL,
            "",
            {"action": "take", "previous_owner_app_id": "42424242", "new_owner_app_id": "263902037430900"},
        ),
        (
            "message__standby",
            NoteKind.STANDBY,
            "for the other app",
            {"event": "message.received", "external_id": "m_standby"},
        ),
        (
            "postback__standby_no_payload",
            NoteKind.STANDBY,
            "Prices",
            {"event": "postback.received", "external_id": "m_pbs"},
        ),
    ],
)
def test_what_nobody_answers_is_noted(name: str, note: NoteKind, text: str, details: dict[str, str]) -> None:
    found = event(name)
    assert isinstance(found, Noted)
    assert (found.identity, found.note, found.text, found.details) == (SUSAN, note, text, details)


@pytest.mark.parametrize("name", ["optin__notification_messages", "account_linking__linked"])
def test_tokens_and_codes_are_not_kept(name: str) -> None:
    assert "NOT-TO-BE-KEPT" not in repr(event(name))


@pytest.mark.parametrize(
    ("name", "note", "needs_attention"),
    [
        ("app_roles", "app_roles", False),
        ("policy_enforcement__block", "policy_enforcement", True),
        ("policy_enforcement__hyphen", "policy_enforcement", True),
        ("changes__feed", "changes", False),
    ],
)
def test_what_concerns_the_page_is_a_notice(name: str, note: str, needs_attention: bool) -> None:
    found = event(name)
    assert isinstance(found, AccountNotice)
    assert (found.channel, found.note, found.needs_attention) == (f"facebook:{PAGE}", note, needs_attention)


def test_the_dashboards_test_button_is_a_notice() -> None:
    assert event("changes__dashboard_test") == AccountNotice(
        channel="facebook:0", note="changes", details={"field": "messages"}
    )


@pytest.mark.parametrize("name", ["postback__user_ref", "optin__checkbox_no_sender", "unknown__new_event"])
def test_what_names_no_contact_or_no_known_event_is_unknown(name: str) -> None:
    assert isinstance(event(name), Unknown)


def test_a_page_that_writes_to_itself_is_no_contact() -> None:
    raw = fixture("facebook", "message__text").replace(SUSAN_REF.encode(), PAGE.encode())
    (found,) = facebook().parse(raw)
    assert isinstance(found, Unknown)


def test_entries_go_to_their_pages() -> None:
    assert [found.identity.account for found in events("batch__two_pages") if isinstance(found, Event)] == [
        PAGE,
        OTHER_PAGE,
    ]


def test_an_entry_of_a_page_that_is_not_ours_is_unknown() -> None:
    first, second = events("batch__unknown_page")
    assert isinstance(first, Unknown)
    assert isinstance(second, MessageReceived)


def test_one_item_that_cannot_be_read_does_not_cost_the_others() -> None:
    found = events("batch__one_bad_item")
    assert [type(each) for each in found] == [Unknown, Unknown, Unknown, Unknown, MessageReceived, Unknown]


def test_the_events_of_one_post_are_ordered_contact_by_contact() -> None:
    found = [getattr(each, "text", "receipt") for each in events("batch__out_of_order")]
    assert found == ["first", "other", "second", "receipt", "third"]


def test_an_edit_and_its_message_and_two_edits_are_different_events() -> None:
    raw = fixture("facebook", "message_edit__text")
    again = raw.replace(b'"num_edit": "1"', b'"num_edit": 2')
    native_ids = [each.native_id for body in (raw, again) for each in facebook().parse(body) if isinstance(each, Event)]
    assert len({*native_ids, "m:m_text"}) == 3


def test_numbers_for_ids_are_read_as_text() -> None:
    raw = fixture("facebook", "message__text").replace(f'"{SUSAN_REF}"'.encode(), SUSAN_REF.encode())
    (found,) = facebook().parse(raw)
    assert isinstance(found, MessageReceived)
    assert found.identity == SUSAN


def test_the_keys_of_an_unknown_event_are_safe_to_log() -> None:
    raw = fixture("facebook", "unknown__new_event").replace(b"hologram_call", b"x\\nERROR forged line" + b"x" * 99)
    (found,) = facebook().parse(raw)
    assert isinstance(found, Unknown)
    assert all(len(key) <= 40 and key.isprintable() and " " not in key for key in found.keys)
