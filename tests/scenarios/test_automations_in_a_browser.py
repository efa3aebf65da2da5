"""A manager builds automations by hand: what happens outside business hours, and when a contact does not answer."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from domain.automations import Automation, Condition, Group, Step, StepKind, TriggerKind
from domain.users import Role
from tests.scenarios.office import PHONE, Desk, Office, working
from tests.scenarios.test_the_day_by_keyboard import to
from tests.servers import Valkey
from tests.signing_in import log_in

pytestmark = pytest.mark.browser
SORRY = "We are away until 9. Thank you for your patience!"


@pytest.fixture(scope="module")
def office(valkey: Valkey) -> Iterator[Office]:
    with working(valkey, workers=0) as started:
        yield started


@pytest.fixture(scope="module")
def maria(office: Office) -> Desk:
    return office.desk(log_in(office.store, "maria", Role.MANAGER))


def kept(office: Office) -> dict[str, Automation]:
    return {item.name: item for item in office.store.automations(is_fresh=True).items}


def field(page: Page, place: str) -> Locator:
    return page.locator(f'[id="{place}"]')


def save_bar(page: Page, name: str) -> Locator:
    return page.locator(".save-bar").get_by_role("button", name=name, exact=True)


def test_one_is_built_without_a_mouse(office: Office, maria: Desk) -> None:
    page = maria.page
    maria.go("/")
    to(page, page.get_by_role("link", name="Automations"))
    page.keyboard.press("Enter")
    to(page, page.get_by_role("link", name="New automation"))
    page.keyboard.press("Enter")

    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Outside business hours")
    to(page, page.get_by_label("It runs when"))
    page.keyboard.type("A conversation is o")
    contact = page.get_by_role("checkbox", name="The contact wrote")
    expect(contact).to_be_visible()
    expect(page.get_by_label("It runs when")).to_be_focused()
    to(page, contact)
    page.keyboard.press("Space")

    to(page, page.get_by_role("button", name="Add a condition"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Condition 1 is about")).to_be_focused()
    page.keyboard.type("Time")
    how = page.get_by_label("How condition 1 is met")
    expect(how).to_be_visible()
    to(page, how)
    page.keyboard.type("is outside")

    add_step(page, "Send a message")
    expect(field(page, "steps.0.text")).to_be_focused()
    page.keyboard.type(SORRY)
    add_step(page, "Add tags")
    expect(field(page, "steps.1.tags")).to_be_focused()
    page.keyboard.type("after hours")
    to(page, save_bar(page, "Save"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/automations?saved=*")
    expect(page.get_by_text("It is off: nothing happens until you switch it on.")).to_be_visible()
    switch_on = page.get_by_role("button", name="Switch it on (Outside business hours)")
    expect(switch_on).to_be_focused()
    page.keyboard.press("Enter")
    switch = page.get_by_role("switch", name="Active: Outside business hours")
    expect(switch).to_have_attribute("aria-checked", "true")

    one = kept(office)["Outside business hours"]
    assert one.is_active
    assert (one.trigger.kind, one.trigger.texts("sources")) == (TriggerKind.CONVERSATION_OPENED, ("contact",))
    assert one.conditions == Group((Condition("business_hours", "outside"),))
    assert one.steps == (
        Step(id="s1", kind=StepKind.SEND_MESSAGE, values={"text": SORRY}),
        Step(id="s2", kind=StepKind.ADD_TAGS, values={"tags": ("after hours",)}),
    )


def add_step(page: Page, name: str) -> None:
    to(page, page.locator(".add-step > summary"))
    page.keyboard.press("Enter")
    button = page.locator(".add-step").get_by_role("button", name=name, exact=True)
    for _ in range(30):
        page.keyboard.press("ArrowDown")
        if button.evaluate("(one) => one === document.activeElement"):
            break
    page.keyboard.press("Enter")


def test_one_is_built_with_a_mouse_and_switched_on_at_once(office: Office, maria: Desk) -> None:
    page = maria.page
    maria.go("/automations/new")
    page.get_by_label("Name", exact=True).fill("Close after a day")
    page.get_by_label("It runs when").select_option(label="The contact does not answer")
    page.get_by_label("For how long").fill("24")
    page.get_by_label("Unit").select_option(label="hours")
    page.get_by_text("Add a step").click()
    page.get_by_role("button", name="Close Conversation").click()
    page.get_by_label("Summary").fill("The contact did not answer for a day.")
    save_bar(page, "Save and switch on").click()
    page.wait_for_url(re.compile("/automations#automation-"))
    expect(page.get_by_text("“Close after a day” is saved and on.")).to_be_visible()
    expect(page.get_by_role("switch", name="Active: Close after a day")).to_have_attribute("aria-checked", "true")

    one = kept(office)["Close after a day"]
    assert one.is_active and one.active_since_ms > 0
    assert (one.trigger.kind, one.trigger.number("minutes")) == (TriggerKind.NO_ANSWER_FROM_CONTACT, 24 * 60)
    assert one.steps == (
        Step(id="s1", kind=StepKind.CLOSE_CONVERSATION, values={"summary": "The contact did not answer for a day."}),
    )


def test_what_is_wrong_is_found_by_its_link_and_mended_on_a_phone(office: Office) -> None:
    desk = office.desk(log_in(office.store, "bob", Role.MANAGER), viewport=PHONE, has_touch=True)
    desk.expect_status(400)
    page = desk.page
    desk.go("/automations/new?example=say-sorry")
    field(page, "steps.0.text").fill("")
    page.get_by_role("button", name="Down step 1").click()
    expect(page.get_by_role("button", name="Up step 2")).to_be_focused()
    save_bar(page, "Save").click()
    expect(page.locator("#problems")).to_be_focused()
    page.get_by_role("link", name="Step 2, Send a message: Text:").click()
    expect(field(page, "steps.1.text")).to_be_focused()
    page.keyboard.type("Sorry!")
    save_bar(page, "Save").click()
    page.wait_for_url("**/automations?saved=*")
    steps = kept(office)["Say sorry when we are late"].steps
    assert [step.kind for step in steps] == [StepKind.NOTIFY, StepKind.SEND_MESSAGE]


def test_what_is_typed_while_the_form_is_on_its_way_is_not_lost(maria: Desk) -> None:
    page, held, is_slow = maria.page, list[Route](), [True]
    maria.go("/automations/new")
    page.route("**/automations/new", lambda route: held.append(route) if is_slow else route.continue_())
    trigger = page.get_by_label("It runs when")
    with page.expect_request("**/automations/new"):
        trigger.select_option("conversation_opened")
    page.get_by_label("Name", exact=True).fill("Typed meanwhile")
    trigger.select_option("conversation_closed")
    is_slow.clear()
    held[0].continue_()
    expect(page.get_by_role("group", name="Closed by")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed meanwhile")


def test_a_button_that_is_pressed_while_the_form_is_on_its_way_is_heard(maria: Desk) -> None:
    page, held, is_slow = maria.page, list[Route](), [True]
    maria.go("/automations/new")
    page.route("**/automations/new", lambda route: held.append(route) if is_slow else route.continue_())
    with page.expect_request("**/automations/new"):
        page.get_by_label("It runs when").select_option("conversation_opened")
    page.get_by_role("button", name="Add a condition").click()
    is_slow.clear()
    held[0].continue_()
    expect(page.get_by_label("Condition 1 is about")).to_be_focused()
    expect(page.get_by_role("group", name="Opened by")).to_be_visible()
    page.get_by_role("button", name="Remove condition 1").click()
    expect(page.get_by_label("Condition 1 is about")).to_have_count(0)
