"""A day without a mouse, from the log-in on: only keys are pressed here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.events import Profile
from domain.users import Role
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message
from tests.scenarios.office import PASSWORD, Office, working
from tests.servers import Valkey
from tests.web.signed_in import add_user
from web.access.passwords import hash_password

pytestmark = pytest.mark.browser
#: More stops than any page has.
MOST_STOPS = 80


@pytest.fixture
def office(valkey: Valkey) -> Iterator[Office]:
    # Without an agent: whoever writes needs a person.
    with working(valkey, DIALOGFLOW_PROJECT_ID="", DIALOGFLOW_ENDPOINT="") as started:
        yield started


def test_a_day_needs_no_mouse(office: Office) -> None:
    store, desk = office.store, office.desk()
    _, link = store.add_user("alice@example.com", Role.OWNER)
    store.use_link(store.find_link(link), name="Alice", password_hash=hash_password(PASSWORD))
    add_user(store, name="Bob")
    for who, name in ((SUSAN, "Susan"), (PETAR, "Petar")):
        store.receive([message("where is my order?", who=who, profile=Profile(name=name))])
        office.waits_for_person(who)
    page = desk.page
    desk.go("/login")
    log_in(page)
    open_the_first(page)
    answer_comment_and_assign(page)
    close_with_a_note(page)
    search(page)
    change_a_setting(page)
    leave(page)
    assert [entry.text for entry, _ in store.timeline(SUSAN_ID, 0, 100).entries if entry.status] == ["It is on its way"]


def log_in(page: Page) -> None:
    to(page, page.get_by_label("Email"))
    page.keyboard.type("alice@example.com")
    to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")  # and all of its scripts
    expect(page.locator("#rows .row-of")).to_have_count(2)


def open_the_first(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.locator(f"#rows [data-contact='{SUSAN_ID}'] .row-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Susan", level=2).first).to_be_visible()


def answer_comment_and_assign(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.type("It is on its way")
    page.keyboard.press("Enter")
    expect(page.locator("#lines .message.out", has_text="It is on its way")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("ask Bob about it")
    page.keyboard.press("Enter")
    expect(page.locator("#lines .comment", has_text="ask Bob about it")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("searchbox", name="Find a user")).to_be_focused()
    page.keyboard.type("bob")
    page.keyboard.press("Enter")
    expect(page.locator("#assign-menu summary")).to_have_text("Bob")


def close_with_a_note(page: Page) -> None:
    expect(page.locator("#assign-menu")).not_to_have_attribute("open", "")
    to(page, page.get_by_role("button", name="Close with a note"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Close the conversation")
    to(page, dialog.get_by_label("Summary"))
    page.keyboard.type("On its way")
    to(page, dialog.get_by_role("button", name="Close", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#lines .event", has_text="Conversation #1 closed")).to_contain_text("On its way")
    expect(page.locator("#rows .row-of")).to_have_count(1)


def search(page: Page) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search contacts")).to_be_focused()
    page.keyboard.type("petar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=petar*")  # and all of its scripts
    expect(page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(f"#rows [data-contact='{PETAR_ID}'] .row-link")).to_be_focused()


def change_a_setting(page: Page) -> None:
    to(page, page.get_by_role("link", name="Settings"), key="Shift+Tab")
    page.keyboard.press("Enter")
    keeps = page.get_by_label("Keep the assignee")
    to(page, keeps)
    expect(keeps).not_to_be_checked()
    page.keyboard.press("Space")
    to(page, page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Saved")
    expect(keeps).to_be_checked()


def leave(page: Page) -> None:
    to(page, page.locator(".rail-foot summary"))
    page.keyboard.press("Enter")
    to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def to(page: Page, wanted: Locator, *, key: str = "Tab") -> None:
    """Press the key until the focus is there; on the way each stop can be seen."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STOPS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press(key)
        hidden = page.evaluate(
            """() => {
              const { width, height } = document.activeElement.getBoundingClientRect();
              return document.activeElement !== document.body && !(width && height) && document.activeElement.outerHTML;
            }"""
        )
        assert not hidden, f"the focus is where nobody sees it: {hidden}"
    raise AssertionError(f"{wanted} is not reached by {key}")
