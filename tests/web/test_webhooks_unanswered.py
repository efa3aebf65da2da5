"""What the platforms deliver that is not for the bot: it is kept, opens nothing and is never answered."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.models import Letter
from domain.sends import SendTag
from store import Store
from tests.servers import Valkey
from tests.web.deliveries import (
    begun_reply,
    entries,
    facebook,
    facebook_body,
    facebook_echo,
    facebook_item,
    opened,
    post_facebook,
    post_viber,
    result,
    texts,
    viber,
    viber_body,
)


@pytest.mark.parametrize("part", ["message", "postback", "referral"])
def test_what_another_app_holds_is_noted_opens_nothing_and_is_never_due(
    client: FlaskClient, store: Store, part: str
) -> None:
    parts: dict[str, Any] = {
        "message": {"message": {"mid": "m_s", "text": "for the other app"}},
        "postback": {"postback": {"mid": "m_p", "title": "Menu", "payload": "MENU"}},
        "referral": {"referral": {"ref": "flyer", "source": "SHORTLINK"}},
    }[part]
    assert result(post_facebook(client, facebook_body(facebook_item(**parts), key="standby"))) == "ok"
    assert [entry.letter for entry in entries(store, facebook())] == [Letter.NOTED]
    snapshot = store.snapshot(facebook())
    assert snapshot.open is None and snapshot.undecided is None and store.next_due_ms() is None


@pytest.mark.parametrize("key", ["messaging", "standby"])
@pytest.mark.parametrize(
    ("app_id", "letter"), [(263902037430900, Letter.SENT), (None, Letter.SENT), (31337, Letter.NOTED)]
)
def test_an_echo_is_kept_opens_nothing_and_is_never_answered(
    client: FlaskClient, store: Store, key: str, app_id: int | None, letter: Letter
) -> None:
    message: dict[str, Any] = {} if app_id is None else {"app_id": app_id}
    post_facebook(client, facebook_body(facebook_echo("from the page", **message), key=key))
    assert [(entry.letter, entry.text) for entry in entries(store, facebook())] == [(letter, "from the page")]
    snapshot = store.snapshot(facebook())
    assert snapshot.open is None and snapshot.undecided is None and store.next_due_ms() is None


def test_a_person_in_the_page_inbox_pauses_the_bot_of_the_open_conversation(client: FlaskClient, store: Store) -> None:
    post_facebook(client, facebook_body(facebook_item("hello")))
    post_facebook(client, facebook_body(facebook_echo("Bob here", app_id=263902037430900)))
    conversation = opened(store, facebook())
    assert (conversation.paused, conversation.outgoing, conversation.waiting_since_ms) == ("page_inbox", 1, None)


def test_the_echo_of_our_own_send_confirms_it_and_adds_nothing(client: FlaskClient, store: Store) -> None:
    post_facebook(client, facebook_body(facebook_item("hello")))
    number, nonce = begun_reply(store, facebook())
    before = entries(store, facebook())
    echo = facebook_echo("our reply", metadata=str(SendTag(facebook(), number, nonce)), mid="m_ours", app_id=7)
    assert result(post_facebook(client, facebook_body(echo))) == "ok"
    after = entries(store, facebook())
    assert len(after) == len(before) and (after[number].letter, after[number].external_id) == (Letter.SENT, "m_ours")
    assert result(post_facebook(client, facebook_body(echo))) == "duplicate"


def test_an_echo_that_names_a_send_we_never_made_changes_nothing(client: FlaskClient, store: Store) -> None:
    post_facebook(client, facebook_body(facebook_item("hello")))
    number, _ = begun_reply(store, facebook())
    for entry, contact in ((number, facebook()), (1, facebook()), (10**11, facebook()), (number, "a" * 24)):
        post_facebook(client, facebook_body(facebook_echo("?", metadata=str(SendTag(contact, entry, "forged-nonce")))))
    assert [entry.letter for entry in entries(store, facebook())] == ["e", "m", "g"]


@pytest.mark.parametrize(
    "parts",
    [
        {"reaction": {"mid": "m_1", "action": "react", "emoji": "❤"}},
        {"message_edit": {"mid": "m_1", "text": "better", "num_edit": 1}},
        {"message": {"mid": "m_1", "is_deleted": True}},
        {"optin": {"type": "notification_messages", "payload": "weekly"}},
        {"pass_thread_control": {"new_owner_app_id": 1}},
    ],
)
def test_reactions_edits_deletions_and_the_like_open_nothing(
    client: FlaskClient, store: Store, parts: dict[str, Any]
) -> None:
    assert result(post_facebook(client, facebook_body(facebook_item(**parts)))) == "ok"
    assert [entry.letter for entry in entries(store, facebook())] == [Letter.NOTED]
    assert store.snapshot(facebook()).open is None and store.next_due_ms() is None


@pytest.mark.parametrize("event", ["subscribed", "unsubscribed"])
def test_viber_subscriptions_open_nothing_and_are_remembered(client: FlaskClient, store: Store, event: str) -> None:
    post_viber(client, viber_body(event, user_id="vIbEr/+ref=="))
    snapshot = store.snapshot(viber())
    assert snapshot.open is None and snapshot.contact.is_subscribed is (event == "subscribed")
    assert store.next_due_ms() is None


def test_receipts_of_somebody_we_do_not_know_make_no_contact(client: FlaskClient, store: Store) -> None:
    post_facebook(client, facebook_body(facebook_item(read={"watermark": 1_795_000_000_000})))
    post_facebook(client, facebook_body(facebook_item(delivery={"mids": ["m_1"], "watermark": 1_795_000_000_000})))
    post_viber(client, {"event": "seen", "timestamp": 1, "message_token": 12, "user_id": "vIbEr/+ref=="})
    assert store.contacts(10).items == []


def test_probes_and_samples_of_the_platforms_are_taken_and_change_nothing(client: FlaskClient, store: Store) -> None:
    probe = {"event": "webhook", "timestamp": 1, "message_token": 1, "chat_hostname": "x"}
    sample = {"object": "page", "entry": [{"id": "0", "changes": [{"field": "feed", "value": {}}]}]}
    assert result(post_viber(client, probe)) == "ok" and result(post_facebook(client, sample)) == "ok"
    assert store.contacts(10).items == [] and store.rejected() == []


def test_a_blocked_contacts_message_is_kept_opens_nothing_and_is_never_due(
    client: FlaskClient, store: Store, valkey: Valkey
) -> None:
    post_facebook(client, facebook_body(facebook_item(reaction={"mid": "m_1", "action": "react"})))
    valkey.client().hset(store.keys.contact(facebook()), "blocked", "1")
    post_facebook(client, facebook_body(facebook_item("let me in")))
    assert texts(store, facebook()) == ["let me in"] and store.snapshot(facebook()).open is None
    assert store.next_due_ms() is None
