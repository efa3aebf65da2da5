"""The inbox in a browser: by keyboard alone, live and without a jump, with two users at once, and on a phone."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from store import Settled, Store
from tests.browsers import chromium, left_as_new
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message
from tests.scenarios.platform import Platform, running
from tests.servers import Valkey, wait_for
from tests.signing_in import LoggedIn, log_in
from tests.web.inbox.plays import arrive, close, kinds, name, somebody, texts
from tests.web.signed_in import add_user

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"
SOON_MS = 20_000


@pytest.fixture(scope="module")
def platform(valkey: Valkey) -> Iterator[Platform]:
    with running(valkey, workers=0) as started:
        yield started


@pytest.fixture
def data(platform: Platform) -> Store:
    platform.valkey.client().flushall()
    return platform.store()


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    yield from left_as_new(started)


class Desk:
    """A user at a screen; everything that the browser complains about is kept."""

    def __init__(self, browser: Browser, platform: Platform, who: LoggedIn, **options: object) -> None:
        cookie, _, value = who.cookie.partition("=")
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.add_cookies([{"name": cookie, "value": value, "url": platform.url}])
        self.user = who.user
        self.url = platform.url
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text))

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.url + path)
        return self.page


@pytest.fixture
def alice(browser: Browser, platform: Platform, data: Store) -> Iterator[Desk]:
    desk = Desk(browser, platform, log_in(data, "alice"), viewport={"width": 1440, "height": 900})
    yield desk
    assert desk.complaints == []


def test_a_whole_conversation_by_keyboard_alone(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN, "Hello, is anybody there?")
    arrive(data, PETAR, "I was here later")
    name(data, SUSAN_ID, "Susan")
    page = alice.open()
    keys = page.keyboard
    keys.press("j")
    expect(page.get_by_role("link", name="Susan")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("k")
    keys.press("Enter")
    expect(page.get_by_role("log", name="Timeline of Susan")).to_be_focused()
    expect(page).to_have_url(re.compile(f"/conversations/{SUSAN_ID}$"))

    keys.press("r")
    keys.type("Yes, I am.")
    keys.press("Shift+Enter")
    keys.type("What is it?")
    keys.press("Enter")
    expect(page.locator(".message.out")).to_contain_text("Yes, I am.\nWhat is it?")
    expect(page.get_by_label("Write to Susan")).to_be_focused()
    expect(page.get_by_label("Write to Susan")).to_have_value("")
    assert texts(data) == ["Yes, I am.\nWhat is it?"]

    keys.press("Escape")
    keys.press("c")
    keys.type("She is in a hurry")
    keys.press("Enter")
    expect(page.locator(".message.comment")).to_contain_text("She is in a hurry")

    keys.press("Escape")
    keys.press("a")
    expect(page.get_by_label("Find a user")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Escape")
    keys.press("Escape")
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    keys.press("e")
    expect(page.get_by_text("Conversation #1 closed")).to_be_visible()
    expect(page.get_by_role("button", name="Open and send")).to_be_visible()
    expect(page.locator("#rows")).not_to_contain_text("Susan")
    assert data.snapshot(SUSAN_ID).open is None

    keys.press("r")
    keys.type("One more thing")
    keys.press("Enter")
    expect(page.get_by_text("Conversation #2 opened")).to_be_visible()
    assert texts(data)[-1] == "One more thing"


def test_several_are_selected_and_closed_by_keyboard(alice: Desk, data: Store) -> None:
    for i in range(3):
        arrive(data, somebody(i))
    page = alice.open("/?view=all&sort=oldest")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).press("Enter")
    expect(page.get_by_text("Closed 2 of 2.")).to_be_visible()
    expect(page.locator("#rows > .row-of")).to_have_count(1)
    expect(page.get_by_text("2 selected")).to_be_hidden()


def test_messages_come_live_in_order_and_the_list_follows(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN, "first")
    page = alice.open(f"/conversations/{SUSAN_ID}")
    expect(page.locator("#timeline")).to_contain_text("first")
    for text in ("second", "third", "fourth"):
        data.receive([message(text)])
    expect(page.locator(".message.in .text")).to_have_text(["first", "second", "third", "fourth"], timeout=SOON_MS)
    arrive(data, PETAR, "from Petar")
    expect(page.locator(f"#row-{PETAR_ID}-1")).to_contain_text("from Petar", timeout=SOON_MS)
    expect(page.locator('[data-count="needs_person"]').first).to_have_text("2")
    # What is looked at is not unread.
    expect(page.locator(f"#row-{SUSAN_ID}-1 .badge")).to_have_count(0)
    expect(page.locator(f"#row-{PETAR_ID}-1 .badge")).to_have_text("1 unread")


def test_older_lines_load_above_without_a_jump_and_news_do_not_pull_one_away(alice: Desk, data: Store) -> None:
    for i in range(140):
        data.receive([message(f"line {i}.")])
    page = alice.open(f"/conversations/{SUSAN_ID}")
    timeline = page.locator("#timeline")
    wait_for(lambda: _from_end(page) < 2, "the timeline is at its end")
    first = page.locator("#lines [id^=e-]").nth(2).get_attribute("id")
    page.evaluate("document.getElementById('timeline').scrollTop = 600")
    before = page.evaluate(f"document.getElementById('{first}').getBoundingClientRect().top")
    page.evaluate("document.getElementById('timeline').scrollTop = 200")
    expect(timeline).to_contain_text("line 50.", timeout=SOON_MS)
    after = page.evaluate(f"document.getElementById('{first}').getBoundingClientRect().top")
    assert abs(after - (before + 400)) < 2
    numbers = page.locator("#lines [id^=e-]").evaluate_all("all => all.map((one) => Number(one.id.slice(2)))")
    assert numbers == sorted(numbers) == list(range(numbers[0], 141))

    at = page.evaluate("document.getElementById('timeline').scrollTop")
    data.receive([message("the newest")])
    expect(page.get_by_role("button", name="Newest messages")).to_be_visible(timeout=SOON_MS)
    assert abs(page.evaluate("document.getElementById('timeline').scrollTop") - at) < 2
    page.get_by_role("button", name="Newest messages").click()
    expect(page.get_by_text("the newest").last).to_be_in_viewport()
    data.receive([message("newer still")])
    expect(page.locator("#timeline").get_by_text("newer still")).to_be_in_viewport(timeout=SOON_MS)


def test_what_was_said_is_found_and_shown_where_it_was_said(alice: Desk, data: Store) -> None:
    for i in range(140):
        data.receive([message("the blue bicycle" if i == 12 else f"line {i}.")])
    page = alice.open(f"/conversations/{SUSAN_ID}")
    page.keyboard.press("f")
    page.keyboard.type("Bicycle")
    page.locator("#found").get_by_role("link", name="the blue bicycle").click()
    expect(page.locator("#timeline").get_by_text("the blue bicycle")).to_be_in_viewport(timeout=SOON_MS)
    assert "line 139." not in page.locator("#timeline").inner_text()
    page.get_by_role("button", name="Newest messages").click()
    expect(page.get_by_text("line 139.")).to_be_in_viewport(timeout=SOON_MS)


def test_of_two_users_the_second_sees_what_happened_and_keeps_what_they_wrote(
    alice: Desk, browser: Browser, platform: Platform, data: Store
) -> None:
    arrive(data, SUSAN)
    bob = Desk(browser, platform, log_in(data, "bob"))
    page = alice.open(f"/conversations/{SUSAN_ID}")
    # Without live news: that is how somebody is too late.
    bob.page.route("**/live?*", lambda route: route.abort())
    bob.page.route("**/live/state?*", lambda route: route.abort())
    bobs = bob.open(f"/conversations/{SUSAN_ID}")
    bobs.get_by_label("Write to").fill("I was writing this")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Conversation #1 is closed.")).to_be_visible()
    bobs.keyboard.press("Enter")
    expect(bobs.locator("#notice")).to_contain_text("closed meanwhile")
    expect(bobs.locator("#timeline")).to_contain_text("Conversation #1 closed · Alice")
    expect(bobs.get_by_label("Write to")).to_have_value("I was writing this")
    assert texts(data) == []
    bobs.get_by_role("button", name="Open and send").click()
    expect(bobs.get_by_text("Conversation #2 opened")).to_be_visible()
    assert texts(data) == ["I was writing this"]


def test_a_close_waits_for_the_user_to_see_what_came_meanwhile(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    alice.page.route("**/live?*", lambda route: route.abort())
    alice.page.route("**/live/state?*", lambda route: route.abort())
    page = alice.open(f"/conversations/{SUSAN_ID}")
    expect(page.locator(".message.in")).to_have_count(1)
    data.receive([message("wait!")])
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("The contact wrote meanwhile")
    expect(page.locator("#timeline")).to_contain_text("wait!")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Conversation #1 is closed.")).to_be_visible()
    alice.complaints.clear()  # of the network that was cut, and of the 409


def test_a_draft_stays_with_its_contact_and_a_double_click_sends_once(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    arrive(data, PETAR)
    name(data, PETAR_ID, "Petar")
    name(data, SUSAN_ID, "Susan")
    page = alice.open(f"/conversations/{SUSAN_ID}")
    page.get_by_label("Write to Susan").fill("for Susan")
    page.get_by_role("link", name="Petar").click()
    expect(page.get_by_label("Write to Petar")).to_have_value("")
    page.go_back()
    expect(page.get_by_label("Write to Susan")).to_have_value("for Susan")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(".message.out")).to_have_count(1)
    expect(page.get_by_label("Write to Susan")).to_have_value("")  # the answer is there, not only the news of it
    page.reload()
    expect(page.get_by_label("Write to Susan")).to_have_value("")
    assert texts(data) == ["for Susan"] and kinds(data, PETAR_ID).count("message") == 1


def test_colleagues_see_that_somebody_writes_and_what_became_of_it(
    alice: Desk, browser: Browser, platform: Platform, data: Store
) -> None:
    arrive(data, SUSAN)
    bob = Desk(browser, platform, log_in(data, "bob"))
    page = alice.open(f"/conversations/{SUSAN_ID}")
    with bob.page.expect_response(re.compile(r"/news\?looks=1$")):  # from then on the page listens
        bobs = bob.open(f"/conversations/{SUSAN_ID}")
    page.get_by_label("Write to").press_sequentially("One moment")
    expect(bobs.get_by_text("Alice is writing")).to_be_visible(timeout=SOON_MS)
    page.keyboard.press("Enter")
    expect(bobs.locator(".message.out")).to_contain_text("One moment", timeout=SOON_MS)
    expect(bobs.locator("#assign-menu summary")).to_contain_text("Alice", timeout=SOON_MS)
    taken = data.take_turn(SUSAN_ID)
    head = data.snapshot(SUSAN_ID).head
    assert taken and head
    data.start_send(taken[0], head.number, "nonce-of-a-test", echo_wait_ms=1000)
    data.settle_send(taken[0], head.number, "nonce-of-a-test", Settled.FAILED, reason="window_closed")
    data.receive([message("are you there?")])  # whatever comes next shows it
    failed = page.locator(".message.out").filter(has_text="Failed")
    expect(failed).to_contain_text("More than the time that the platform allows", timeout=SOON_MS)
    failed.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("sent again")).to_be_visible(timeout=SOON_MS)
    expect(bobs.get_by_text("Alice is writing")).to_be_hidden(timeout=SOON_MS)


def test_the_composer_says_when_it_has_nothing_to_offer(alice: Desk, data: Store) -> None:
    add_user(data, name="Bob")
    arrive(data, SUSAN)
    page = alice.open(f"/conversations/{SUSAN_ID}")
    text, offered = page.locator("#text"), page.locator("#suggestions")
    text.press_sequentially("/xyz")
    expect(offered).to_have_text("There are no canned replies yet.")
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    text.fill("")
    page.locator("#composer input[value=comment]").check(force=True)
    text.press_sequentially("@bx")
    expect(offered).to_have_text("No colleague is called that.")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(text).to_have_value("@Bob ")
    expect(offered).to_be_hidden()
    page.keyboard.type("have @a look")  # what follows a name is no name
    expect(offered).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".message.comment")).to_contain_text("@Bob have @a look")


def test_a_file_goes_along_and_is_shown(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    page = alice.open(f"/conversations/{SUSAN_ID}")
    file = {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 an offer"}
    page.locator("input[name=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("list", name="Files to send")).to_contain_text("offer.pdf")
    page.get_by_label("Write to").fill("Here it is")
    page.keyboard.press("Enter")
    expect(page.locator(".message.out").last.get_by_role("link", name="offer.pdf")).to_be_visible()
    expect(page.get_by_role("list", name="Files to send")).to_be_hidden()
    sent = [entry.data for entry, _ in data.timeline(SUSAN_ID, 0, 50).entries if entry.status]
    assert [one.get("file", {}).get("name") for one in sent] == [None, "offer.pdf"]


def test_what_contacts_write_stays_text(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN, HOSTILE)
    name(data, SUSAN_ID, "<b>Susan</b>")
    page = alice.open(f"/conversations/{SUSAN_ID}")
    expect(page.locator(".message.in .text")).to_have_text(HOSTILE)
    data.receive([message(f"{HOSTILE} again")])
    expect(page.locator(".message.in .text").last).to_have_text(f"{HOSTILE} again", timeout=SOON_MS)
    expect(page.locator("#conversation-title")).to_have_text("<b>Susan</b>")
    assert "taken over" not in page.title()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_one_pane_at_a_time_and_everybody_can_use_it(
    browser: Browser, platform: Platform, data: Store, scheme: str
) -> None:
    arrive(data, SUSAN, "Hello from a very long line " * 6 + "x" * 200)
    close(data, SUSAN_ID, summary="All is well")
    arrive(data, SUSAN, "again")
    name(data, SUSAN_ID, "Susan")
    size = {"width": 360, "height": 640}
    alice = Desk(browser, platform, log_in(data, "alice"), viewport=size, color_scheme=scheme, has_touch=True)
    page = alice.open()
    _check_screen(page)
    page.get_by_role("link", name="Susan").tap()
    expect(page.get_by_label("Write to Susan")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    _check_screen(page)
    page.get_by_role("button", name="About the contact").tap()
    expect(page.get_by_label("Add a tag")).to_be_in_viewport()
    _check_screen(page)
    page.get_by_role("button", name="Back to the conversation").tap()
    page.get_by_role("link", name="Back to the list").tap()
    expect(page.get_by_role("link", name="Susan")).to_be_visible()
    expect(page).to_have_url(f"{platform.url}/")
    assert alice.complaints == []


def test_the_list_goes_on_as_one_scrolls_and_the_address_brings_it_back(alice: Desk, data: Store) -> None:
    for i in range(90):
        arrive(data, somebody(i))
    page = alice.open("/?view=all&sort=oldest")
    rows = page.locator("#rows > .row-of")
    expect(rows).to_have_count(40)

    def is_whole() -> bool:
        page.locator("#rows").evaluate("list => { list.scrollTop = list.scrollHeight }")
        return rows.count() == 90

    wait_for(is_whole, "the whole list is shown")
    rows.last.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/conversations/\w{24}\?view=all&sort=oldest$"))
    page.reload()
    expect(page.locator("#conversation")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/\?view=all&sort=oldest$"))


def _from_end(page: Page) -> float:
    box = "document.getElementById('timeline')"
    return float(page.evaluate(f"{box}.scrollHeight - {box}.scrollTop - {box}.clientHeight"))


def _check_screen(page: Page) -> None:
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], "something is wider than the screen"
    found = [(one["id"], one["impact"], one["nodes"][0]["target"]) for one in Axe().run(page).response["violations"]]
    assert [one for one in found if one[1] in ("serious", "critical")] == []
