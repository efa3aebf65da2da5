"""Single acts of a working day in real browsers: two at once, a merge, a search, settings."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Route, expect

from domain.actions import Action
from domain.identities import Identity, contact_id
from domain.models import Snapshot, Source
from domain.users import Role
from handlers import profiles
from handlers import users as deeds
from store import Store
from tests.conftest import BOT, PAGE
from tests.people import message
from tests.scenarios.office import Desk, Office, working
from tests.servers import Valkey, wait_for
from tests.signing_in import log_in

pytestmark = pytest.mark.browser
_refs = itertools.count(7310000000000001)


@pytest.fixture(scope="module")
def office(valkey: Valkey) -> Iterator[Office]:
    # Without an agent: the bot says nothing in between.
    with working(valkey, DIALOGFLOW_PROJECT_ID="", DIALOGFLOW_ENDPOINT="") as started:
        yield started


@pytest.fixture
def alice(office: Office) -> Iterator[Desk]:
    desk = office.desk(log_in(office.store, f"alice{next(_refs)}", Role.OWNER))
    yield desk
    desk.context.close()


def somebody(office: Office, name: str, kind: str = "facebook", *, texts: tuple[str, ...] = ("hello",)) -> str:
    """Let somebody new write; return the contact's id."""
    who = Identity(kind, PAGE if kind == "facebook" else BOT, f"{next(_refs)}")
    store, contact = office.store, contact_id(who)
    store.receive([message(text, who=who) for text in texts])
    change(store, contact, name=name)
    return contact


def change(store: Store, contact: str, **values: str) -> None:
    do(store, contact, lambda snapshot: profiles.change_profile(snapshot, values, by=None))


def do(store: Store, contact: str, decide: Callable[[Snapshot], list[Action]]) -> None:
    for _ in range(50):  # the worker is at work there, too
        snapshot = store.snapshot(contact)
        if store.commit(snapshot, decide(snapshot)).is_done:
            return
    raise AssertionError("the contact changes all the time")


def test_of_two_who_act_at_once_the_second_sees_what_happened_and_keeps_what_they_typed(
    office: Office, alice: Desk
) -> None:
    contact, store, page = somebody(office, "Anna"), office.store, alice.page
    alice.go(f"/conversations/{contact}")

    def be_faster(route: Route) -> None:
        """Bob closes the conversation, and Anna writes again, while what Alice sends is on its way."""
        do(store, contact, lambda snapshot: deeds.close_conversation(snapshot, source=Source.USER))
        store.receive([message("one more thing", who=store.snapshot(contact).contact.identity)])
        route.continue_()

    page.route("**/messages", be_faster, times=1)
    alice.expect_status(409)
    page.get_by_label("Write to").fill("Here is your answer")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("#1 was closed meanwhile, and #2 is open")
    expect(page.get_by_label("Write to")).to_have_value("Here is your answer")
    expect(page.locator("#lines .message", has_text="one more thing")).to_be_visible()
    expect(page.locator("#head")).to_contain_text("#2 open")
    page.get_by_label("Write to").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lines .message.out", has_text="Here is your answer")).to_have_count(1)
    expect(page.get_by_label("Write to")).to_have_value("")
    sent = [entry.text for entry, _ in store.timeline(contact, 0, 100).entries if entry.status]
    assert sent == ["Here is your answer"]


def test_two_contacts_who_are_one_person_are_merged_after_a_preview(office: Office, alice: Desk) -> None:
    messenger, viber = somebody(office, "Vera Ivanova"), somebody(office, "vera_i", "viber", texts=("from my phone",))
    for contact in (messenger, viber):
        change(office.store, contact, phone="+359 88 123 4567")
    page = alice.page
    alice.go("/contacts/suggestions")
    page.get_by_role("link", name="Vera Ivanova", exact=True).first.click()
    page.get_by_role("link", name="Merge").first.click()
    page.get_by_role("link", name="Choose vera_i").first.click()
    expect(page.get_by_text("Conversation #1 of vera_i is closed.")).to_be_visible()
    expect(page.get_by_text("A merge cannot be taken back.")).to_be_visible()
    page.get_by_role("button", name="Merge them").click()
    page.get_by_role("link", name="Go to the contact").click()
    expect(page.get_by_role("heading", name="Vera Ivanova", level=1)).to_be_visible()
    assert office.store.snapshot(viber).contact.merged_into == messenger
    alice.go(f"/conversations/{messenger}")
    expect(page.locator("#lines .message", has_text="from my phone")).to_be_visible()
    # What comes by the other channel from now on comes in here.
    office.store.receive([message("on Viber again", who=office.store.snapshot(viber).contact.identity)])
    expect(page.locator("#lines .message", has_text="on Viber again")).to_be_visible()


def test_search_finds_by_name_phone_tag_and_conversation(office: Office, alice: Desk) -> None:
    contact, other = somebody(office, "Zdravka Petrova"), somebody(office, "Somebody Else")
    change(office.store, contact, phone="+359 87 765 4321")
    page = alice.page
    alice.go(f"/conversations/{contact}")
    page.get_by_label("Add a tag", exact=True).fill("wholesale")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove the tag wholesale")).to_be_visible()
    for text in ("zdravka", "+359877654321", "wholesale", f"{contact}-1"):
        page.get_by_role("searchbox", name="Search contacts").fill(text)
        with page.expect_navigation():  # what was found before looks the same
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
        expect(page.locator(f"#rows [data-contact='{contact}']")).to_be_visible()
        expect(page.locator(f"#rows [data-contact='{other}']")).to_have_count(0)
        expect(page.get_by_role("searchbox", name="Search contacts")).to_have_value(text)


def test_a_setting_that_is_changed_takes_effect(office: Office, alice: Desk) -> None:
    contact, page = somebody(office, "Tokio"), alice.page
    alice.go("/settings/general")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("Saved")
    entry = office.store.timeline(contact, 0, 1).entries[0][0]
    local = f"{datetime.fromtimestamp(int(entry.data['at']) / 1000, ZoneInfo('Asia/Tokyo')):%H:%M}"

    def shows_local_time() -> bool:
        alice.go(f"/conversations/{contact}")
        return page.locator("#lines .message time").first.inner_text() == local

    wait_for(shows_local_time, "times are those of Tokyo")
