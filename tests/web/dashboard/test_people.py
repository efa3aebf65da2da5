"""Who waits, what the team has, whom to merge, how channels are: as it is, also when names are meant to do harm."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from domain.identities import contact_id
from domain.users import Role
from store import Store
from tests.conftest import BOT, PAGE, StoppedClock
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, write
from tests.store.test_suggestions import PHONE, describe, walk
from tests.web.contacts.doings import finish_merges
from tests.web.dashboard.reading import PATH, items, said, widget
from tests.web.inbox.plays import answer, arrive, close, give, name, somebody
from tests.web.signed_in import Visitor, add_user, sign_in
from turns.suggestions import suggest_merges
from web.context import KEY

HOSTILE = "<script>alert(1)</script>\"'\u202egnp.exe"


def platform_clock(app: Flask, clock: StoppedClock) -> StoppedClock:
    app.extensions[KEY].store.now_ms = clock
    return clock


def test_those_who_wait_longest_come_first_each_with_a_way_there(
    app: Flask, manager: Visitor, store: Store, clock: StoppedClock
) -> None:
    platform_clock(app, clock)
    for i in range(12):
        arrive(store, somebody(i), f"question {i}")
        clock.pass_s(600)
    clock.pass_s(600)
    give(store, (first := contact_id(somebody(0))), (bob := add_user(store, name="Bob")))
    page = manager.get(PATH)
    shown = items(page, "waiting", "waiting")
    assert len(shown) == 10 and "12 wait" in said(widget(page, "waiting"))
    assert "question 0" in shown[0] and "2 h 10 min" in shown[0] and bob.name in shown[0]
    assert "question 9" in shown[9] and "Unassigned" in shown[9] and "Messenger" in shown[9]
    assert f'href="/conversations/{first}"' in widget(page, "waiting")


def test_who_is_answered_waits_no_longer_and_who_is_with_the_bot_does_not(manager: Visitor, store: Store) -> None:
    arrive(store, SUSAN, "help")
    arrive(store, PETAR, "hello", needs=False)
    assert len(items(manager.get(PATH), "waiting", "waiting")) == 1
    answer(store, SUSAN_ID, "Yes?", manager.user)
    page = manager.get(PATH)
    assert items(page, "waiting", "waiting")[0].startswith("Nobody waits") and "0 wait" in said(widget(page, "waiting"))


def test_a_message_is_shown_as_one_line_of_text_whatever_is_in_it(manager: Visitor, store: Store) -> None:
    arrive(store, SUSAN, f"{HOSTILE}\n\n{'x' * 300}")
    name(store, SUSAN_ID, '<b onclick="x">Susan')
    shown = widget(manager.get(PATH), "waiting")
    assert "<script" not in shown and "<b " not in shown and "&lt;script&gt;" in shown
    text = said(shown)
    assert "…" in text and "x" * 60 in text and "x" * 120 not in text


def test_an_attachment_is_told_by_its_kind(manager: Visitor, store: Store) -> None:
    data = {"kind": "message", "attachments": [{"kind": "image", "url": "javascript:alert(1)"}]}
    store.receive([message(data=data)])
    arrive(store, SUSAN, "", needs=True)
    shown = widget(manager.get(PATH), "waiting")
    assert "javascript:" not in shown


def test_the_team_has_what_it_has(app: Flask, manager: Visitor, store: Store) -> None:
    bob, carol = add_user(store, name="Bob"), add_user(store, name="Carol")
    gone = add_user(store, name="Gone")
    store.add_user("invited@example.com", Role.AGENT)
    mine = [arrive(store, somebody(i)) for i in range(4)]
    give(store, mine[0], bob)
    give(store, mine[1], bob)
    answer(store, mine[1], "Yes?", bob)
    store.change_user(carol.id, lambda user: replace(user, is_available=False))
    store.change_user(gone.id, lambda user: replace(user, is_active=False))
    shown = items(manager.get(PATH), "team", "team")
    assert [line.split()[0] for line in shown] == ["–", "B", "C", "M", "i"]
    assert shown[0] == "– Unassigned 2 2"
    assert shown[1] == "B Bob available 2 1"
    assert shown[2] == "C Carol away 0 0"
    assert "seen" in shown[3] and shown[4].startswith("i invited@example.com invited")
    assert gone.name not in " ".join(shown)


def test_what_is_too_much_to_be_counted_is_said_to_be_at_least_so_much(
    manager: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.dashboard.MOST_COUNTED", 1)
    bob = add_user(store, name="Bob")
    for i in range(40):
        give(store, arrive(store, somebody(i)), bob)
    shown = items(manager.get(PATH), "team", "team")
    assert shown[0] == "– Unassigned 0 –"
    assert re.fullmatch(r"B Bob available 40 at least \d+", shown[1])


def test_a_users_name_stays_text(manager: Visitor, store: Store) -> None:
    bob = add_user(store, name="Bob")
    store.change_user(bob.id, lambda user: replace(user, name=HOSTILE))
    give(store, arrive(store, SUSAN), replace(bob, name=HOSTILE))
    assert "<script>alert" not in manager.get(PATH).text


def pair(store: Store) -> None:
    for who, contact in ((SUSAN, SUSAN_ID), (PETAR, PETAR_ID)):
        write(store, who=who)
        describe(store, contact, phone=PHONE)
    assert suggest_merges(store)


def test_whoever_shares_a_phone_is_suggested_with_the_way_to_the_merge(manager: Visitor, store: Store) -> None:
    assert items(manager.get(PATH), "suggestions", "suggestions")[0].startswith("None")
    pair(store)
    page = manager.get(PATH)
    [line] = items(page, "suggestions", "suggestions")
    assert f"Both have {PHONE}" in line
    assert f'href="/contacts/{SUSAN_ID}/merge/{PETAR_ID}"' in page.text
    assert manager.get(f"/contacts/{SUSAN_ID}/merge/{PETAR_ID}").status_code == 200


def test_an_email_is_compared_whole_here_and_on_the_contacts_page(manager: Visitor, store: Store) -> None:
    for who, contact in ((SUSAN, SUSAN_ID), (PETAR, PETAR_ID)):
        write(store, who=who)
        describe(store, contact, email=f"{'x' * 50}@example.com")
    assert suggest_merges(store)
    for path in (PATH, f"/contacts/{SUSAN_ID}"):
        assert f"/contacts/{SUSAN_ID}/merge/{PETAR_ID}" in manager.get(path).text, path


@pytest.mark.parametrize("is_script", [False, True])
def test_two_people_are_not_suggested_again(manager: Visitor, store: Store, is_script: bool) -> None:
    pair(store)
    headers = {"HX-Request": "true"} if is_script else {}
    sent = {"pair": f"{SUSAN_ID}-{PETAR_ID}"}
    answered = manager.post("/dashboard/suggestions/dismiss", sent, headers=headers)
    assert (answered.status_code, answered.location) == ((204, None) if is_script else (303, PATH))
    assert items(manager.get(PATH), "suggestions", "suggestions")[0].startswith("None")
    assert store.suggest(walk(store)) == 0


@pytest.mark.parametrize("wrong", ["", "x", f"{SUSAN_ID}", f"{SUSAN_ID}-{SUSAN_ID}", f"{SUSAN_ID}-x y", "-"])
def test_only_two_contacts_can_be_said_to_be_two(manager: Visitor, store: Store, wrong: str) -> None:
    assert manager.post("/dashboard/suggestions/dismiss", {"pair": wrong}).status_code == 400
    assert not store.connection.command(lambda client: client.exists(store.keys.dismissed_suggestions))


def test_who_was_merged_deleted_or_blocked_is_nowhere(manager: Visitor, store: Store) -> None:
    pair(store)
    third = arrive(store, somebody(3), "the third")
    store.request_merge(SUSAN_ID, PETAR_ID, by=ALICE)
    finish_merges(store)
    store.delete_contact(third, None)
    page = manager.get(PATH)
    assert items(page, "suggestions", "suggestions")[0].startswith("None")
    assert PETAR_ID not in page.text and third not in page.text and "the third" not in page.text


def test_channels_are_told_as_in_the_settings(manager: Visitor, store: Store) -> None:
    store.rest(f"viber:{BOT}", "bad_token", 60)
    shown = items(manager.get(PATH), "channels", "channels")
    assert shown[0] == f"Messenger · {PAGE} Working"
    assert shown[1].startswith(f"Viber · {BOT} Resting The platform does not accept our access token")
    assert "The platform does not accept our access token" in manager.get("/settings/channels").text


def test_it_is_said_when_messages_wait_to_be_answered(
    app: Flask, manager: Visitor, store: Store, clock: StoppedClock
) -> None:
    platform_clock(app, clock)
    write(store)
    clock.pass_s(30)
    assert "Messages wait" not in said(widget(manager.get(PATH), "channels"))
    clock.pass_s(90)
    assert "Messages wait to be answered, the oldest for 2 min" in said(widget(manager.get(PATH), "channels"))


def test_who_begins_is_told_what_to_do_next(app: Flask, store: Store) -> None:
    owner = sign_in(app, store, Role.OWNER, name="Olga")
    page = said(owner.get(PATH).text)
    for words in (
        "Nobody waits",
        "Invite the team",
        "No conversation opened",
        "Nothing was closed",
        "No user has replied",
    ):
        assert words in page, words


def test_nothing_open_is_nothing_to_do(manager: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    close(store, SUSAN_ID)
    assert items(manager.get(PATH), "team", "team")[0] == "– Unassigned 0 0"
