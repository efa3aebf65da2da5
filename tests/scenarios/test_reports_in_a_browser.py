"""A manager reads a report without a mouse: another period, a filter, an order, the conversations behind a number."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from domain.users import Role
from tests.conftest import StoppedClock
from tests.scenarios.office import Desk, Office, working
from tests.scenarios.test_the_day_by_keyboard import to
from tests.servers import Valkey
from tests.signing_in import log_in
from tests.web.reports.week import DAY_MS, HOSTILE_CATEGORY, make_week, sum_all_up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(valkey: Valkey) -> Iterator[Office]:
    with working(valkey, workers=0) as started:
        store = started.store
        store.now_ms = StoppedClock(store.now_ms())
        make_week(store, store.now_ms)
        yield started


@pytest.fixture(scope="module")
def maria(office: Office) -> Desk:
    return office.desk(log_in(office.store, "maria", Role.MANAGER), permissions=["clipboard-read", "clipboard-write"])


def test_a_report_is_read_without_a_mouse(maria: Desk) -> None:
    page = maria.page
    maria.go("/")
    to(page, page.get_by_role("link", name="Reports"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Conversations", exact=True)).to_be_visible()

    to(page, page.get_by_role("link", name="Last 14 days"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/conversations?preset=last_14_days")

    to(page, page.get_by_role("combobox", name="Channel"))
    page.keyboard.type("Mess")
    to(page, page.get_by_role("button", name="Show", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/conversations?preset=last_14_days&channel=facebook")
    expect(page.locator("#report-state")).to_have_text("")
    expect(page.get_by_text("Limited to Channel: Messenger.")).to_be_visible()

    category = page.locator("section", has=page.locator("#closed_by_category"))
    to(page, category.get_by_role("link", name="Category"))
    page.keyboard.press("Enter")
    page.wait_for_url("**&sort=closed_by_category.label#closed_by_category")
    expect(category.locator("th[aria-sort=ascending]")).to_have_text(re.compile("Category"))

    numbers = page.locator(".chart-numbers").first
    to(page, numbers.locator("summary"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(numbers.get_by_role("row")).to_have_count(15)

    to(page, page.get_by_role("link", name="Show conversations behind “Conversations closed”"), key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/list?what=closed&**channel=facebook")
    expect(page.get_by_text(HOSTILE_CATEGORY).first).to_be_visible()


def test_what_a_number_is_can_be_asked_by_keyboard(maria: Desk) -> None:
    page = maria.page
    maria.go("/reports/conversations")
    what = page.locator(".number-head summary").first
    to(page, what)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Openings, whatever opened them.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Openings, whatever opened them.")).to_be_hidden()
    expect(what).to_be_focused()


def test_training_phrases_are_copied(maria: Desk) -> None:
    page = maria.page
    maria.go("/reports/bot")
    page.get_by_role("button", name="Copy as training phrases").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "what about the blue one?" in page.evaluate("navigator.clipboard.readText()")


def test_a_report_that_is_being_summed_up_goes_on_by_itself(office: Office, maria: Desk) -> None:
    store, page = office.store, maria.page
    sum_all_up(store, store.now_ms() - 62 * DAY_MS)
    maria.go("/reports/conversations?preset=last_30_days&channel=viber")
    expect(page.get_by_text("Summing up:")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Days summed up")).to_be_visible()
    expect(page.get_by_text("Summing up:")).to_have_count(0)
    expect(page.locator("#report-state")).to_have_text("All days are summed up.")
    expect(page.locator("#report .value").first).to_have_text("14")


def test_charts_fit_a_phone_and_paper(office: Office) -> None:
    desk = office.desk(log_in(office.store, "paul", Role.MANAGER), viewport={"width": 360, "height": 740})
    page = desk.page
    desk.go("/reports/conversations?preset=last_30_days")
    expect(page.get_by_label("From")).to_be_hidden()
    expect(page.locator(".picture.narrow").first).to_be_visible()
    expect(page.locator(".picture.wide").first).to_be_hidden()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    expect(page.locator(".picture.wide").first).to_be_visible()
    for hidden in (".rail", ".report-tabs", ".report-form"):
        expect(page.locator(hidden)).to_be_hidden()
