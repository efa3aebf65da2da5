"""What is said before a message is sent that its platform would refuse."""

from typing import Any

import pytest

from domain.identities import Identity
from domain.models import Contact
from handlers.refusals import WINDOW_MS, FileToSend, Refusal, refusal
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID

NOW_MS = 1_795_000_000_000
SMALL = FileToSend(size_bytes=1000, limit_bytes=8_000_000, can_be_fetched=True)


def susan(**changes: Any) -> Contact:
    return Contact(**{"id": SUSAN_ID, "identity": SUSAN, **changes})


def petar(**changes: Any) -> Contact:
    return Contact(**{"id": PETAR_ID, "identity": PETAR, "is_subscribed": True, **changes})


def found(contact: Contact, *, identity: Identity | None = None, last_ms: int | None = NOW_MS, **more: Any) -> Refusal:
    made = refusal(contact, identity or contact.identity, last_ms, NOW_MS, **more)
    assert made is not None
    assert made.text.endswith(".") and "{" not in made.text, "it is not a sentence for people"
    return made


@pytest.mark.parametrize("contact", [susan(), petar(), susan(is_subscribed=False), petar(is_subscribed=None)])
def test_a_contact_who_just_wrote_can_be_answered(contact: Contact) -> None:
    assert refusal(contact, contact.identity, NOW_MS, NOW_MS) is None
    assert refusal(contact, contact.identity, NOW_MS, NOW_MS, with_file=SMALL) is None


@pytest.mark.parametrize("contact", [susan(is_blocked=True), petar(is_blocked=True, is_subscribed=False)])
def test_nothing_goes_to_whom_we_blocked_and_that_is_said_first(contact: Contact) -> None:
    made = found(contact, last_ms=None, is_connected=False, rest_reason="bad_token")
    assert (made.code, made.is_final) == ("blocked", True)
    assert "Unblock" in made.text


def test_who_left_a_viber_bot_cannot_be_reached_there() -> None:
    made = found(petar(is_subscribed=False))
    assert (made.code, made.is_final) == ("not_subscribed", True)


def test_of_two_identities_on_viber_nobody_knows_which_one_left() -> None:
    other = Identity("viber", "shop", "another==")
    contact = petar(is_subscribed=False, other_identities=(other,))
    assert refusal(contact, other, NOW_MS, NOW_MS) is None


def test_who_left_viber_is_still_reached_on_messenger() -> None:
    contact = petar(is_subscribed=False, other_identities=(SUSAN,))
    assert refusal(contact, SUSAN, NOW_MS, NOW_MS) is None
    assert found(contact, identity=PETAR).code == "not_subscribed"


@pytest.mark.parametrize(("age_ms", "is_closed"), [(0, False), (WINDOW_MS, False), (WINDOW_MS + 1, True)])
def test_messengers_window_closes_a_day_after_the_contact_wrote(age_ms: int, is_closed: bool) -> None:
    made = refusal(susan(), SUSAN, NOW_MS - age_ms, NOW_MS)
    assert (made is not None) is is_closed
    if made:
        assert (made.code, made.is_final) == ("window_closed", False), "the user may know better"
        assert "24 hours" in made.text


def test_a_clock_that_is_behind_closes_no_window() -> None:
    assert refusal(susan(), SUSAN, NOW_MS + 60_000, NOW_MS) is None


def test_viber_has_no_window() -> None:
    assert refusal(petar(), PETAR, NOW_MS - 30 * WINDOW_MS, NOW_MS) is None


@pytest.mark.parametrize("contact", [susan(), susan(is_subscribed=True), petar(is_subscribed=None)])
def test_who_never_wrote_is_only_likely_to_be_out_of_reach(contact: Contact) -> None:
    made = found(contact, last_ms=None)
    assert (made.code, made.is_final) == ("never_wrote", False)


def test_a_subscriber_may_be_written_to_first() -> None:
    assert refusal(petar(is_subscribed=True), PETAR, None, NOW_MS) is None


def test_a_page_that_is_not_connected_lets_messages_wait() -> None:
    made = found(susan(), is_connected=False)
    assert (made.code, made.is_final) == ("not_connected", False)
    assert SUSAN.account in made.text


@pytest.mark.parametrize(
    ("reason", "code", "words"),
    [
        ("bad_token", "resting_bad_token", "token"),
        ("bad_app_secret", "resting_bad_app_secret", "FACEBOOK_APP_SECRET"),
        ("bad_page", "resting_bad_page", "FACEBOOK_PAGES"),
        ("account_blocked", "resting_account_blocked", "blocked"),
        ("webhook_not_set", "resting_webhook_not_set", "connect"),
        ("rate_limited", "resting_rate_limited", "by itself"),
        ("something_new", "resting", "goes out as soon as"),
    ],
)
def test_an_account_that_rests_says_why_and_what_ends_it(reason: str, code: str, words: str) -> None:
    for contact in (susan(), petar()):
        made = found(contact, rest_reason=reason)
        assert (made.code, made.is_final) == (code, False)
        assert words in made.text


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        (FileToSend(size_bytes=1, limit_bytes=9, can_be_fetched=False), "file_unreachable", "PUBLIC_URL"),
        (FileToSend(size_bytes=8_000_001, limit_bytes=8_000_000, can_be_fetched=True), "file_too_large", "8 MB"),
        (FileToSend(size_bytes=1, limit_bytes=0, can_be_fetched=True), "file_not_taken", "link"),
    ],
)
def test_a_file_that_cannot_arrive_is_refused_for_good(file: FileToSend, code: str, words: str) -> None:
    made = found(susan(), with_file=file)
    assert (made.code, made.is_final) == (code, True)
    assert words in made.text


def test_what_is_final_is_said_before_what_is_only_likely() -> None:
    unreachable = FileToSend(size_bytes=1, limit_bytes=9, can_be_fetched=False)
    late = NOW_MS - 2 * WINDOW_MS
    assert found(susan(), last_ms=late, with_file=unreachable, rest_reason="bad_token").code == "file_unreachable"
    assert found(susan(), last_ms=late, rest_reason="bad_token").code == "window_closed"
