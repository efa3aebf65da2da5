"""The Dashboard in a browser: live without a reload or a jump, by keyboard, and honest when it cannot be up to date."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from domain.users import Role
from store import Store
from tests.conftest import BOT
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.scenarios.office import PHONE, Desk, Office, working
from tests.servers import Valkey
from tests.signing_in import log_in
from tests.store.test_suggestions import PHONE as NUMBER
from tests.store.test_suggestions import describe
from tests.web.inbox.plays import arrive, close, name
from turns.suggestions import suggest_merges

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"


@pytest.fixture(scope="module")
def office(valkey: Valkey) -> Iterator[Office]:
    with working(valkey, workers=0) as started:
        yield started


@pytest.fixture
def data(office: Office) -> Store:
    office.platform.valkey.client().flushall()
    return office.store


@pytest.fixture
def maria(office: Office, data: Store) -> Iterator[Desk]:
    desk = office.desk(log_in(data, "maria", Role.MANAGER))
    yield desk
    desk.page.goto("about:blank")  # or it would ask for more when the next test has emptied the store


def test_who_begins_to_wait_appears_without_a_reload_and_what_is_focused_stays_so(maria: Desk, data: Store) -> None:
    arrive(data, SUSAN, "I was first")
    name(data, SUSAN_ID, "Susan")
    maria.go("/dashboard")
    page = maria.page
    susan = page.locator("#waiting").get_by_role("link", name="Susan")
    susan.focus()
    page.evaluate("document.title = 'not reloaded'")

    arrive(data, PETAR, f"Me too {HOSTILE}")
    petar = page.locator("#waiting").get_by_role("link", name="Me too")
    expect(petar).to_contain_text(HOSTILE)
    expect(page.locator("#waiting li")).to_have_count(2)
    expect(page.get_by_role("row", name="Unassigned 2 2")).to_be_visible()
    expect(susan).to_be_focused()

    write(data, "Hello? Still there?")
    expect(susan).to_contain_text("Still there?")
    expect(susan).to_be_focused()
    close(data, PETAR_ID)
    expect(page.locator("#waiting li")).to_have_count(1)
    expect(page.locator("#counts-today")).to_contain_text("1before")
    expect(susan).to_be_focused()
    expect(page).to_have_title("not reloaded")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{maria.url}/conversations/{SUSAN_ID}")


def test_nothing_jumps_while_it_is_kept_up_to_date(maria: Desk, data: Store) -> None:
    arrive(data, SUSAN, "I was first")
    maria.go("/dashboard")
    page = maria.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.locator("#channels-title").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    write(data, "something new")
    expect(page.locator("#waiting")).to_contain_text("something new")
    assert page.evaluate("scrollY") == before


def test_two_who_are_two_people_are_dismissed_by_keyboard(maria: Desk, data: Store) -> None:
    for who, contact in ((SUSAN, SUSAN_ID), (PETAR, PETAR_ID)):
        write(data, who=who)
        describe(data, contact, phone=NUMBER, name=f"Name of {who.kind}")
    assert suggest_merges(data)
    maria.go("/dashboard")
    page = maria.page
    dismiss = page.get_by_role("button", name="Two people Name of facebook and Name of viber")
    dismiss.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pair-none")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("These two are not suggested again")
    expect(page.get_by_role("heading", name="Merge suggestions")).to_be_focused()
    assert not suggest_merges(data) and data.suggestions(5) == ([], False)


def test_a_merge_begins_where_the_suggestion_leads(maria: Desk, data: Store) -> None:
    for who, contact in ((SUSAN, SUSAN_ID), (PETAR, PETAR_ID)):
        write(data, who=who)
        describe(data, contact, phone=NUMBER)
    assert suggest_merges(data)
    maria.go("/dashboard")
    maria.page.locator("#suggestions").get_by_role("link", name="Merge").click()
    expect(maria.page.get_by_role("button", name="Merge them")).to_be_visible()


def test_it_says_when_it_is_not_up_to_date_and_when_it_is_again(maria: Desk, data: Store) -> None:
    maria.expect_status(503)
    maria.go("/dashboard")
    page = maria.page
    expect(page.locator("#waits-nobody")).to_be_visible()
    page.route("**/dashboard/widgets", lambda route: fail(route))
    arrive(data, SUSAN, "help")
    expect(page.get_by_text("Not up to date")).to_be_visible()
    page.unroute("**/dashboard/widgets")
    write(data, "help!")
    expect(page.locator("#waiting")).to_contain_text("help!")
    expect(page.get_by_text("Not up to date")).to_be_hidden()


def test_what_no_message_tells_of_is_there_within_a_minute(maria: Desk, data: Store) -> None:
    page = maria.page
    page.clock.install()
    maria.go("/dashboard")
    expect(page.locator("#channels")).to_contain_text("Working")
    page.clock.run_for(6_000)  # what the first fetch after the page itself brings
    data.rest(f"viber:{BOT}", "bad_token", 600)
    page.clock.run_for(61_000)
    expect(page.locator("#channels")).to_contain_text("Resting")


def test_many_changes_are_fetched_together(maria: Desk, data: Store) -> None:
    asked: list[str] = []
    maria.page.on("request", lambda request: asked.append(request.url) if "/dashboard/widgets" in request.url else None)
    maria.go("/dashboard")
    arrive(data, SUSAN, "help")
    for number in range(30):
        write(data, f"message {number}")
        maria.page.wait_for_timeout(50)
    expect(maria.page.locator("#waiting")).to_contain_text("message 29")
    assert len(asked) <= 4, "at most every five seconds"


def fail(route: Route) -> None:
    route.fulfill(status=503, body="<div class='notice bad'>away</div>")
