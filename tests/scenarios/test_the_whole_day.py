"""The first day of a team, in real browsers from the one-time link on, and everything through the real processes."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from domain.identities import Identity, contact_id
from tests.conftest import PAGE
from tests.scenarios.office import Desk, Office, come_in, show, working
from tests.servers import Valkey

pytestmark = pytest.mark.browser
SUSAN = Identity("facebook", PAGE, "7300000000000001")
SUSAN_ID = contact_id(SUSAN)


def test_a_team_has_its_first_day(valkey: Valkey) -> None:
    with working(valkey) as office:
        alice, bob = office.desk(), office.desk()
        come_in(alice, office.first_link(), "Alice", email="alice@example.com")
        expect(alice.page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
        come_in(bob, invite(alice, "bob@example.com"), "Bob")
        prepare_replies_and_notes(alice)
        watch_the_bot_answer(office, alice, bob)
        hear_that_somebody_needs_a_person(office, bob)
        reply_and_get_the_conversation_by_that(office, bob)
        take_it_over_and_ask_bob(alice, bob)
        send_a_canned_reply(office, alice)
        tag_and_close_with_a_note(alice)
        see_the_next_conversation_on_the_same_page(office, alice, bob)


def invite(desk: Desk, email: str) -> str:
    """Return the link that the page shows for a new user."""
    desk.go("/settings/users")
    desk.page.get_by_label("Email").fill(email)
    desk.page.get_by_role("button", name="Make the invitation").click()
    address = urlsplit(desk.page.get_by_label("Link").input_value())
    return f"{address.path}?{address.query}"


def prepare_replies_and_notes(desk: Desk) -> None:
    page = desk.page
    desk.go("/settings/canned-replies/new")
    page.get_by_label("Name").fill("Sizes")
    page.get_by_label("Text").fill("Dear {{contact.name}}, we have 36 to 42.")
    expect(page.locator("#preview")).to_contain_text("we have 36 to 42.")
    page.get_by_role("button", name="Add").click()
    desk.go("/settings/closing-notes/new")
    page.get_by_label("Name").fill("Order")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="Order")).to_be_visible()


def watch_the_bot_answer(office: Office, alice: Desk, bob: Desk) -> None:
    alice.go("/?view=all")
    bob.go("/")
    expect(alice.page.get_by_role("heading", name="Nothing here")).to_be_visible()
    office.platform.write(SUSAN, "hello")
    row = alice.page.locator(f"#rows [data-contact='{SUSAN_ID}']")
    expect(row.locator(".row-text")).to_contain_text("Bot: ")
    expect(row).to_contain_text("with the bot")
    expect(row.get_by_text("1 unread")).to_be_visible()
    expect(alice.page.locator(".rail [data-count=with_bot]")).to_have_text("1")
    # Nobody has to do anything about it.
    expect(bob.page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()


def hear_that_somebody_needs_a_person(office: Office, bob: Desk) -> None:
    office.platform.write(SUSAN, "talk to a human")
    # First what goes away again by itself.
    expect(bob.page.locator("#notice").get_by_role("link", name="needs a person")).to_be_visible()
    row = bob.page.locator(f"#rows [data-contact='{SUSAN_ID}']")
    expect(row).to_contain_text("the bot asks for a person")
    expect(bob.page.locator("#bell [data-unread]")).to_have_text("1 unread")
    expect(bob.page).to_have_title(re.compile(r"^\(1\) "))


def reply_and_get_the_conversation_by_that(office: Office, bob: Desk) -> None:
    show(bob, SUSAN_ID)
    page = bob.page
    expect(page.locator("#bell [data-unread]")).to_be_hidden()
    write(page, "I am Bob. What is it about?")
    office.arrived(SUSAN, "I am Bob. What is it about?")
    mine = page.locator(".message.out", has_text="I am Bob.")
    expect(mine.locator(".status")).to_have_text(re.compile("Delivered|Read"))
    expect(page.locator("#lines .event", has_text="Assigned to Bob")).to_be_visible()
    expect(page.locator("#assign-menu summary")).to_have_text("Bob")
    expect(page.get_by_label("Write to")).to_be_focused()


def take_it_over_and_ask_bob(alice: Desk, bob: Desk) -> None:
    show(alice, SUSAN_ID)
    page = alice.page
    page.locator("#assign-menu summary").click()
    page.locator("#assign-menu").get_by_role("button", name="Me").click()
    expect(page.locator("#assign-menu summary")).to_have_text("Alice")
    expect(bob.page.locator("#assign-menu summary")).to_have_text("Alice")
    name = page.locator("#conversation-title").inner_text()
    page.get_by_role("button", name="Canned replies").click()
    expect(page.get_by_role("option", name="Sizes")).to_contain_text(f"Dear {name}, we have")
    page.get_by_label(f"Write to {name}").fill("")
    page.locator("#profile-name").fill("Susan Miller")
    page.locator(".profile-save").get_by_role("button", name="Save").click()
    expect(page.locator("#conversation-title")).to_have_text("Susan Miller")

    bob.go("/notifications")
    page.get_by_role("radio", name="Comment").check()
    text = page.get_by_label("A comment for colleagues")
    text.press_sequentially("@bo")
    page.get_by_role("option", name="Bob").click()
    text.press_sequentially("which size was it?")
    text.press("Enter")
    expect(page.locator("#lines .comment", has_text="@Bob which size was it?")).to_be_visible()
    # The comment may be seen before its answer is there, which brings the reply back.
    expect(page.get_by_label("Write to Susan Miller")).to_have_value("")
    told = bob.page.locator("#notifications").get_by_role("link", name="Alice mentioned you about Susan Miller")
    told.click()
    expect(bob.page.locator("#lines .comment", has_text="@Bob which size was it?")).to_be_visible()


def send_a_canned_reply(office: Office, alice: Desk) -> None:
    page = alice.page
    page.get_by_role("button", name="Canned replies").click()
    page.get_by_role("option", name="Sizes").click()
    text = page.get_by_label("Write to Susan Miller")
    expect(text).to_have_value("Dear Susan Miller, we have 36 to 42.")
    page.get_by_role("button", name="Send", exact=True).click()
    office.arrived(SUSAN, "Dear Susan Miller, we have 36 to 42.")


def tag_and_close_with_a_note(alice: Desk) -> None:
    page = alice.page
    page.get_by_label("Add a tag", exact=True).fill("boots")
    page.get_by_label("Add a tag", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Remove the tag boots")).to_be_visible()
    page.get_by_role("button", name="Close with a note").click()
    dialog = page.get_by_role("dialog", name="Close the conversation")
    dialog.get_by_label("Category").select_option("Order")
    dialog.get_by_label("Summary").fill("Boots, size 38")
    dialog.get_by_role("button", name="Close", exact=True).click()
    closed = page.locator("#lines .event", has_text="Conversation #1 closed")
    expect(closed).to_contain_text("Order · Boots, size 38")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Open and send")).to_be_visible()


def see_the_next_conversation_on_the_same_page(office: Office, alice: Desk, bob: Desk) -> None:
    office.platform.write(SUSAN, "opening hours")
    for desk in (alice, bob):
        lines = desk.page.locator("#lines")
        expect(lines.locator(".event", has_text="Conversation #2 opened")).to_be_visible()
        # The close had switched the bot on again.
        expect(lines.locator(".message.by-bot").last).to_contain_text("open")
        expect(desk.page.locator("#head")).to_contain_text("#2 open")
        expect(desk.page.locator(".past li").first).to_contain_text("#2 open")
    assert [line["of"] for line in office.platform.timeline(SUSAN) if line["kind"] == "opened"] == [1, 2]


def write(page: Page, text: str) -> None:
    """Reply, by Enter."""
    page.get_by_label("Write to").fill(text)
    page.keyboard.press("Enter")
