"""Every page and dialog, light and dark on a desk and dark on a small phone: axe reads it, and it is not too wide."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from domain.automation_parts import STEPS
from domain.users import Role
from store import BotRecord
from tests.people import SUSAN_ID
from tests.scenarios.office import DESK, Desk, Office, working
from tests.servers import Valkey, wait_for
from tests.signing_in import log_in
from tests.web.routes import PAGES, Door, filled
from tests.web.world import make_world

pytestmark = pytest.mark.browser
SMALL_PHONE = {"width": 360, "height": 740}
BAD = ("serious", "critical")
#: Depends on the colours; all else is the same in light and dark.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ALL = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def world() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def office(valkey: Valkey, world: dict[str, str]) -> Iterator[Office]:
    with working(valkey, workers=0) as started:
        store = started.store
        store.log_bot(BotRecord(kind="answer", contact=SUSAN_ID, conversation=1, intent="hours", latency_ms=120))
        store.log_bot(BotRecord(kind="fulfillment", failure="wrong_token"))
        store.reject("viber:shop", b"{", "not JSON")
        yield started


@pytest.fixture(scope="module")
def olga(office: Office, world: dict[str, str]) -> Desk:
    """An owner, for whom there is something to be seen on every page."""
    desk = office.desk(log_in(office.store, "olga", Role.OWNER))
    world.update(make_world(office.store))
    return desk


@pytest.fixture(scope="module")
def nobody(office: Office) -> Desk:
    return office.desk()


@pytest.mark.parametrize("endpoint", PAGES)
def test_a_page_can_be_used_by_everybody(endpoint: str, olga: Desk, nobody: Desk, world: dict[str, str]) -> None:
    route = PAGES[endpoint]
    desk = nobody if route.needs is Door.OPEN else olga
    desk.go(filled(route.path, world))
    check(desk.page)
    expect(desk.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(desk.page.get_by_role("main")).to_have_count(1)


def opener(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def summary(place: str) -> Callable[[Page], None]:
    return lambda page: page.locator(f"{place} > summary").first.click()


def pick(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("x")


def pick_and(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        pick(page)
        page.locator("#bulk").get_by_role("button", name=name, exact=True).click()

    return do


def canned(page: Page) -> None:
    page.get_by_role("button", name="Canned replies").click()
    expect(page.get_by_role("option", name="Greeting")).to_be_visible()


def comment(page: Page) -> None:
    page.keyboard.press("c")
    page.keyboard.type("@")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()


def find(page: Page) -> None:
    page.keyboard.press("f")
    page.keyboard.type("secret")
    expect(page.locator("#found li").first).to_be_visible()


def wrong_password(page: Page) -> None:
    page.get_by_label("Email").fill("nobody@example.com")
    page.get_by_label("Password").fill("wrong horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Email or password is wrong")).to_be_visible()


def empty_name(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("   ")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".error").first).to_be_visible()


def half_an_automation(page: Page) -> None:
    page.get_by_label("It runs when").select_option("message_received")
    page.get_by_label("Which").wait_for()
    page.get_by_role("button", name="Add a group").click()
    page.get_by_label("Condition 1.1 is about").wait_for()
    page.locator(".save-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#problems")).to_be_focused()


def every_step(page: Page) -> None:
    """One of each kind, and one condition of each shape."""
    for at, kind in enumerate(STEPS, 2):
        page.locator(".add-step > summary").click()
        page.locator(f'[value="add-step {kind}"]').click()
        expect(page.locator(f'[id="steps.{at}"]')).to_be_visible()
    page.get_by_role("button", name="Add a group").click()
    for at, subject in enumerate(("tags", "channel", "message.text", "contact.name", "conversation.assignee")):
        if at:
            page.get_by_role("button", name="Add a condition to group 2").click()
        page.get_by_label(f"Condition 2.{at + 1} is about").select_option(subject)
        expect(page.get_by_label(f"How condition 2.{at + 1} is met")).to_be_visible()


CONVERSATION = f"/conversations/{SUSAN_ID}?view=all"
#: What is shown only when somebody asks for it.
STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "keys": ("/?view=all", lambda page: page.keyboard.press("?")),
    "filters": ("/?view=all", summary(".list-head details:has(.filters)")),
    "user menu": ("/?view=all", summary(".rail-foot details")),
    "several picked": ("/?view=all", pick),
    "assign several": ("/?view=all", pick_and("Assign")),
    "tag several": ("/?view=all", pick_and("Tag")),
    "assign": (CONVERSATION, lambda page: page.keyboard.press("a")),
    "close with a note": (CONVERSATION, opener("Close with a note")),
    "block": (CONVERSATION, opener("Block")),
    "canned replies": (CONVERSATION, canned),
    "comment": (CONVERSATION, comment),
    "find": (CONVERSATION, find),
    "nothing found": ("/?q=nobody+at+all", lambda page: None),
    "closed": ("/?closed=1", lambda page: None),
    "not there": ("/nowhere", lambda page: None),
    "a refused form": ("/settings/closing-notes/new", empty_name),
    "search of automations": ("/automations?q=nothing", lambda page: None),
    "more of an automation": ("/automations", summary(".automations .menu")),
    "kinds of steps": ("/automations/new", summary(".add-step")),
    "an automation that cannot be": ("/automations/new", half_an_automation),
    "a long automation": ("/automations/new?example=say-sorry", every_step),
    "an import that cannot be": ("/automations/import", opener("Import")),
    "numbers of a chart": ("/reports/conversations", summary(".chart-numbers")),
    "what a number is": ("/reports/conversations", summary(".number-head > details")),
    "report of responses": ("/reports/responses", lambda page: None),
    "report of users in another order": ("/reports/users?sort=users.-closed", lambda page: None),
    "report of messages": ("/reports/messages", lambda page: None),
    "report of assignments": ("/reports/assignments", lambda page: None),
    "report of the bot": ("/reports/bot", lambda page: None),
    "a report that cannot be": ("/reports/conversations?from=2026-11-02&to=2026-11-01&source=user", lambda page: None),
    "a report of nothing": ("/reports/resolutions?from=2020-11-01&to=2020-11-02", lambda page: None),
}


@pytest.mark.parametrize("state", STATES)
def test_so_can_what_is_shown_on_demand(state: str, olga: Desk) -> None:
    path, do = STATES[state]
    olga.expect_status(400, 404)
    olga.go(path)
    do(olga.page)
    check(olga.page)


def test_so_can_the_close_of_several(office: Office, olga: Desk) -> None:
    office.store.change_setting("closing_note_mode", "category")
    dialog = olga.page.locator("#bulk [data-dialog=bulk-close]")

    def must_choose() -> bool:
        olga.go("/?view=all")
        return dialog.count() == 1

    wait_for(must_choose, "a category must be chosen")
    pick_and("Close")(olga.page)
    check(olga.page)


def test_so_can_a_refused_log_in(nobody: Desk) -> None:
    nobody.expect_status(401)
    nobody.go("/login")
    wrong_password(nobody.page)
    check(nobody.page)


def check(page: Page) -> None:
    """Let axe read the page as it is in each light and size, and see that nothing is cut off at the side."""
    page.evaluate(Axe().axe_script)
    wrong = []
    wrong += [f"desk: {what}" for what in (*complaints(page, ALL), *too_wide(page))]
    page.emulate_media(color_scheme="dark")
    wrong += [f"desk, dark: {what}" for what in complaints(page, CONTRAST)]
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    wrong += [f"phone, dark: {what}" for what in (*complaints(page, ALL), *too_wide(page))]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    assert wrong == [], "\n" + "\n".join(wrong)


def too_wide(page: Page) -> list[str]:
    return [f"too wide: {what}" for what in page.evaluate(TOO_WIDE)]


def complaints(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in BAD
        for node in one["nodes"][:3]
    ]


#: The page itself may not scroll sideways, nor may what is in view stick out of it.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  const what = wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 150));
  return [`${document.documentElement.scrollWidth} > ${width}`, ...what];
}"""
