"""What users do to a conversation: at most once, on what they looked at, and never against somebody else's work."""

import io

import pytest

from domain.models import Letter, OpenConversation
from domain.platform_settings import PlatformSettings
from domain.setting_lists import CannedReply, ClosingCategory, CustomField, FieldKind
from domain.users import Role
from store import Store
from store.setting_words import write_list
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID
from tests.web.inbox.plays import FRAGMENT, arrive, close, do, give, kinds, texts
from tests.web.signed_in import Visitor


def is_open(store: Store, contact: str = SUSAN_ID) -> OpenConversation:
    found = store.snapshot(contact).open
    assert found
    return found


def test_the_first_reply_assigns_and_silences_the_bot(alice: Visitor, bob: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert do(alice, "messages", text="hello", number=1).status_code == 204
    assert do(bob, "messages", text="me too", number=1).status_code == 204
    assert texts(store) == ["hello", "me too"]
    assert is_open(store).assignee == alice.user.card
    assert is_open(store).paused == "user_replied"


def test_a_form_that_is_sent_twice_writes_once(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    for _ in range(3):
        assert do(alice, "messages", text="hello", number=1, operation="same").status_code == 204
        assert do(alice, "messages", text="psst", kind="comment", operation="other").status_code == 204
    assert texts(store) == ["hello"]
    assert kinds(store).count("comment") == 1


def test_open_and_send_is_one_step_when_none_is_open(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    close(store, SUSAN_ID)
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    assert "Open and send" in page and '<input type="hidden" name="open" value="1">' in page
    assert do(alice, "messages", text="one more thing", open="1").status_code == 204
    assert is_open(store).number == 2 and is_open(store).assignee == alice.user.card
    assert texts(store) == ["one more thing"]


def test_a_reply_to_what_was_closed_meanwhile_is_refused_and_nothing_is_written(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    close(store, SUSAN_ID)
    answer = do(alice, "messages", text="hello", number=1)
    assert answer.status_code == 409 and "was closed meanwhile" in answer.text
    arrive(store, SUSAN)
    answer = do(alice, "messages", text="hello", number=1)
    assert answer.status_code == 409 and "#2 is open" in answer.text
    assert texts(store) == []


def test_there_must_be_something_to_send(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert do(alice, "messages", text=" \n", number=1).status_code == 400
    assert do(alice, "messages", text="", kind="comment").status_code == 400
    assert do(alice, "messages", text="x" * 20_001, number=1).status_code == 400
    assert texts(store) == []


def test_a_plain_form_leads_back_to_the_conversation(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    answer = alice.post(f"/conversations/{SUSAN_ID}/close", {"number": "1"})
    assert answer.status_code == 303 and answer.headers["Location"] == f"/conversations/{SUSAN_ID}"
    assert "Conversation #1 is closed." in alice.get(f"/conversations/{SUSAN_ID}").text


def test_a_close_is_refused_when_the_contact_wrote_after_what_the_user_saw(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    seen = store.timeline(SUSAN_ID, -1, 1).end - 1
    arrive(store, SUSAN, "wait!", needs=False)
    answer = do(alice, "close", number=1, last_entry=seen)
    assert answer.status_code == 409 and "The contact wrote meanwhile" in answer.text
    assert is_open(store).number == 1
    assert do(alice, "close", number=1, last_entry=seen + 1).status_code == 204
    assert store.snapshot(SUSAN_ID).open is None


def test_a_close_of_one_conversation_never_closes_the_next(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    close(store, SUSAN_ID)
    arrive(store, SUSAN)
    answer = do(alice, "close", number=1)
    assert answer.status_code == 409 and "#2 is open now" in answer.text
    assert is_open(store).number == 2


@pytest.mark.parametrize(
    ("mode", "category", "summary", "status"),
    [
        ("optional", "", "", 204),
        ("optional", "Sold", "", 204),
        ("category", "", "words", 400),
        ("category", "Sold", "", 204),
        ("both", "Sold", "", 400),
        ("both", "", "words", 400),
        ("both", "Sold", "words", 204),
        ("disabled", "", "", 204),
        ("optional", "Not a category", "", 400),
        ("optional", "Old", "", 400),
    ],
)
def test_a_closing_note_is_what_the_settings_ask_for(
    alice: Visitor, store: Store, platform: Store, mode: str, category: str, summary: str, status: int
) -> None:
    categories = (ClosingCategory(id="a", name="Sold"), ClosingCategory(id="b", name="Old", is_active=False))
    _change(platform, closing_note_mode=mode, closing_categories=write_list(categories))
    arrive(store, SUSAN)
    assert do(alice, "close", number=1, category=category, summary=summary).status_code == status
    if status == 204:
        note = store.conversations(SUSAN_ID)[0].note or {}  # type: ignore[union-attr]
        assert note == {name: text for name, text in (("category", category), ("summary", summary)) if text}
    else:
        assert is_open(store).number == 1


def test_a_note_where_notes_are_disabled_is_not_kept(alice: Visitor, store: Store, platform: Store) -> None:
    _change(platform, closing_note_mode="disabled")
    arrive(store, SUSAN)
    assert do(alice, "close", number=1, summary="words").status_code == 204
    assert store.conversations(SUSAN_ID)[0].note is None  # type: ignore[union-attr]


def test_a_conversation_is_given_to_a_user_to_oneself_and_to_nobody(alice: Visitor, bob: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    for user in (bob.user, alice.user):
        assert do(alice, "assignee", number=1, assignee=user.id).status_code == 204
        assert is_open(store).assignee == user.card
    assert do(alice, "assignee", number=1, assignee="").status_code == 204
    assert is_open(store).assignee is None
    assert do(alice, "assignee", number=1, assignee="nobody-like-that").status_code == 400
    assert do(alice, "assignee", number=2, assignee=bob.user.id).status_code == 409
    assert [notice.kind for notice in store.notices(bob.user.id)] == ["assigned"]


def test_who_was_invited_and_never_came_in_is_not_offered_and_cannot_be_assigned(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    carol, _ = store.add_user("carol@example.com", Role.AGENT, name="Carol")
    page = alice.get(f"/conversations/{SUSAN_ID}/assignees", headers=FRAGMENT).text
    assert "Me" in page and "Carol" not in page and carol.id not in alice.get("/").text
    answer = do(alice, "assignee", number=1, assignee=carol.id)
    assert answer.status_code == 400 and "Carol was invited and has not come in yet" in answer.text
    assert is_open(store).assignee is None


def test_those_who_can_be_given_a_conversation_are_offered(alice: Visitor, bob: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    page = alice.get(f"/conversations/{SUSAN_ID}/assignees", headers=FRAGMENT).text
    assert f'value="{bob.user.id}"' in page and ">Me" in page and "Nobody" not in page
    give(store, SUSAN_ID, bob.user)
    assert "Nobody" in alice.get(f"/conversations/{SUSAN_ID}/assignees", headers=FRAGMENT).text


def test_the_bot_is_switched_and_the_contact_blocked_and_both_taken_back(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    do(alice, "bot", on="0")
    assert store.snapshot(SUSAN_ID).contact.bot_off
    do(alice, "bot", on="1")
    assert not store.snapshot(SUSAN_ID).contact.bot_off
    do(alice, "block", blocked="1")
    assert store.snapshot(SUSAN_ID).contact.is_blocked and store.snapshot(SUSAN_ID).open is None
    assert do(alice, "messages", text="hello", open="1").status_code == 409
    assert do(alice, "open").status_code == 409
    do(alice, "block", blocked="0")
    assert do(alice, "open").status_code == 204
    assert is_open(store).number == 2


def test_a_mention_tells_the_colleague_and_only_who_may_see_it(
    alice: Visitor, bob: Visitor, charlie: Visitor, store: Store
) -> None:
    arrive(store, SUSAN)
    give(store, SUSAN_ID, alice.user)
    do(alice, "messages", kind="comment", text="@bob and @Charlie and @Alice, look", operation="c")
    assert [notice.kind for notice in store.notices(bob.user.id)] == ["mentioned"]
    assert store.notices(charlie.user.id) == []
    assert [notice.kind for notice in store.notices(alice.user.id)] == ["assigned"]
    assert texts(store) == []
    bob.get(f"/conversations/{SUSAN_ID}")
    assert store.notices(bob.user.id) == []


def test_canned_replies_come_filled_in_and_colleagues_to_be_mentioned(
    alice: Visitor, bob: Visitor, store: Store, platform: Store
) -> None:
    reply = CannedReply(id="a", name="Hello", text="Hello {{contact.name}}, I am {{user.name}}.")
    _change(platform, canned_replies=write_list((reply,)))
    arrive(store, SUSAN)
    do(alice, "profile", name="Susan")
    offered = alice.get(f"/conversations/{SUSAN_ID}/suggestions", headers=FRAGMENT).json
    assert offered == {
        "canned": [{"name": "Hello", "text": "Hello Susan, I am Alice."}],
        "people": [{"name": "Bob", "text": "@Bob"}],
    }


def test_tags_are_given_and_taken_and_offered_from_then_on(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert do(alice, "tags", add="vip, late payer").status_code == 204
    assert store.snapshot(SUSAN_ID).contact.tags == ("vip", "late payer")
    do(alice, "tags", remove="vip")
    assert store.snapshot(SUSAN_ID).contact.tags == ("late payer",)
    assert do(alice, "tags", add="x" * 41).status_code == 400
    assert '<option value="vip">' in alice.get("/").text


def test_the_profile_keeps_what_a_colleague_changed_meanwhile(alice: Visitor, store: Store, platform: Store) -> None:
    fields = (
        CustomField(id="SIZE", name="Size", kind=FieldKind.NUMBER),
        CustomField(id="NEWS", name="Newsletter", kind=FieldKind.CHECKBOX),
        CustomField(id="SHOP", name="Shop", kind=FieldKind.LIST, options=("Sofia", "Varna")),
    )
    _change(platform, custom_fields=write_list(fields))
    arrive(store, SUSAN)
    do(alice, "profile", email="susan@example.com")
    form = {"was.name": "", "name": "Susan", "was.email": "", "email": "", "was.fields.SIZE": "", "fields.SIZE": "42"}
    do(alice, "profile", **form, **{"fields.NEWS": "yes", "fields.SHOP": "Varna"})
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.name, contact.email) == ("Susan", "susan@example.com")
    assert contact.fields == {"SIZE": "42", "NEWS": "yes", "SHOP": "Varna"}
    do(alice, "profile", **{"was.fields.NEWS": "yes"})
    assert "NEWS" not in store.snapshot(SUSAN_ID).contact.fields


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", "-4.5", "four"),
        ("number", "+12", "nan"),
        ("date", "2026-11-22", "22.11.2026"),
        ("time", "09:30", "half nine"),
        ("email", "a@b.example", "a b@c"),
        ("url", "https://a.example/x", "javascript:alert(1)"),
        ("phone", "+3592123456", "none"),
        ("list", "one", "three"),
        ("checkbox", "yes", "maybe"),
        ("text", "x" * 1000, "x" * 1001),
    ],
)
def test_a_field_takes_only_what_is_of_its_kind(
    alice: Visitor, store: Store, platform: Store, kind: str, good: str, bad: str
) -> None:
    options = ("one", "two") if kind == "list" else ()
    _change(platform, custom_fields=write_list((CustomField(id="F", name="F", kind=FieldKind(kind), options=options),)))
    arrive(store, SUSAN)
    assert do(alice, "profile", **{"fields.F": bad}).status_code == 400
    assert do(alice, "profile", **{"fields.F": good}).status_code == 204
    assert store.snapshot(SUSAN_ID).contact.fields == {"F": good}


def test_a_file_goes_with_the_message_and_a_platform_that_cannot_fetch_it_is_named_first(
    alice: Visitor, store: Store, platform: Store
) -> None:
    arrive(store, PETAR)
    sent = do(alice, "messages", PETAR_ID, text="look", number=1, file=(io.BytesIO(b"%PDF-1.4 x"), "a.pdf"))
    # The tests' address is on this machine, where Viber cannot fetch anything.
    assert sent.status_code == 400 and "PUBLIC_URL" in sent.text
    assert texts(store, PETAR_ID) == []


def test_that_somebody_writes_is_shown_to_colleagues_but_not_to_themselves(
    alice: Visitor, bob: Visitor, store: Store
) -> None:
    arrive(store, SUSAN)
    assert do(alice, "typing").status_code == 204
    assert "Alice is writing" in bob.get(f"/conversations/{SUSAN_ID}/news", headers=FRAGMENT).text
    assert "is writing" not in alice.get(f"/conversations/{SUSAN_ID}/news", headers=FRAGMENT).text


def test_of_two_who_act_at_once_the_second_sees_what_happened(alice: Visitor, bob: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    assert do(alice, "close", number=1).status_code == 204
    answer = do(bob, "messages", text="I was typing this", number=1)
    assert answer.status_code == 409
    page = bob.get(f"/conversations/{SUSAN_ID}").text
    assert "#1 closed" in page and "Alice" in page
    second = do(bob, "close", number=1)
    assert second.status_code == 204 and "was closed already" in second.headers["HX-Trigger"]
    assert kinds(store).count("closed") == 1


def test_what_was_sent_waits_to_be_sent_by_the_worker(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    do(alice, "messages", text="a\r\nb", number=1)
    entry = next(entry for entry, _ in store.timeline(SUSAN_ID, 0, 100).entries if entry.status)
    assert (entry.letter, entry.text, entry.data["by"]) == (Letter.PENDING, "a\nb", alice.user.card)


def _change(platform: Store, **changes: str) -> None:
    def change(_: PlatformSettings) -> dict[str, str]:
        return changes

    platform.change_settings(change)
