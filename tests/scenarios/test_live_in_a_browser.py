"""What a user sees of it in a browser: a notification comes while they look, by the stream or without one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from domain.actions import NoteLine, Notify
from domain.events import Profile
from domain.identities import Identity, contact_id
from store import Store
from tests.browsers import chromium
from tests.conftest import PAGE
from tests.people import BOB, PETAR, SUSAN, SUSAN_ID, message
from tests.scenarios.platform import Platform, running
from tests.servers import Valkey, wait_for
from tests.signing_in import LoggedIn, log_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["by the stream", "by asking"])
def platform(valkey: Valkey, request: pytest.FixtureRequest) -> Iterator[Platform]:
    places = "8" if request.param == "by the stream" else "0"
    with running(valkey, workers=0, LIVE_STREAMS=places) as started:
        yield started


@pytest.fixture
def alice(platform: Platform) -> LoggedIn:
    platform.valkey.client().flushall()
    return log_in(platform.store())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, platform: Platform, alice: LoggedIn) -> Iterator[Page]:
    name, _, value = alice.cookie.partition("=")
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": platform.url}])
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    opened.clock.install()
    opened.goto(f"{platform.url}/notifications")
    yield opened
    context.close()
    assert wrong == []


def let_it_ask(platform: Platform, page: Page) -> None:
    """A page that has no stream asks every five seconds, by its own clock."""
    if platform.environ["LIVE_STREAMS"] == "0":
        page.clock.fast_forward(5_000)


def tell(store: Store, who: LoggedIn, *, about: Identity = SUSAN, name: str = "Susan") -> None:
    store.receive([message("a secret", who=about, profile=Profile(name=name))])
    line = NoteLine(number=1, kind="comment", details={"text": "look here", "by": BOB})
    told = Notify(number=1, users=(who.user.id,), kind="mentioned", by=BOB)
    assert store.commit(store.snapshot(contact_id(about)), [line, told]).is_done


def test_a_notification_comes_while_one_looks_and_goes_when_it_is_read(
    platform: Platform, page: Page, alice: LoggedIn
) -> None:
    badge = page.locator("#bell [data-unread]")
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    expect(badge).to_be_hidden()

    tell(platform.store(), alice)
    let_it_ask(platform, page)
    words = "Bob mentioned you about Susan"
    # First what goes away again by itself.
    expect(page.locator("#notice").get_by_role("link", name=words)).to_be_visible(timeout=20_000)
    expect(page.locator("#notifications").get_by_role("link", name=words)).to_be_visible()
    expect(badge).to_have_text("1 unread")
    expect(page).to_have_title("(1) Notifications · Markdone")

    page.get_by_role("button", name=f"Mark as read: {words}").press("Enter")
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    expect(page.get_by_role("heading", name="Notifications")).to_be_focused()
    expect(badge).to_be_hidden()
    expect(page).to_have_title("Notifications · Markdone")


def test_who_is_logged_out_is_told_when_the_page_asks(platform: Platform, page: Page, alice: LoggedIn) -> None:
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    tell(platform.store(), alice)
    let_it_ask(platform, page)
    expect(page.locator("#bell [data-unread]")).to_have_text("1 unread", timeout=20_000)
    platform.store().end_sessions(alice.user.id)
    tell(platform.store(), alice)
    let_it_ask(platform, page)
    told = page.get_by_text("You have been logged out").or_(page.get_by_role("heading", name="Log in"))
    expect(told.first).to_be_visible(timeout=20_000)


def test_a_page_that_is_hidden_shows_notifications_of_the_browser(
    platform: Platform, page: Page, alice: LoggedIn
) -> None:
    begin_while_time_stands_still(page)
    page.evaluate("isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    tell(platform.store(), alice)
    page.clock.fast_forward(31_000)  # hidden pages ask every 30 s
    wait_for(lambda: bool(page.evaluate("shown.length")), "the browser shows it")
    assert page.evaluate("shown") == ["Bob mentioned you about Susan"]
    expect(page).to_have_title("(1) Notifications · Markdone")
    # What the page is made of was left alone while nobody looked.
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    page.evaluate("isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(3_000)
    expect(page.get_by_role("button", name="Mark all as read")).to_be_visible()
    assert page.evaluate("shown.length") == 1


def test_of_a_burst_three_are_shown_and_how_many_more_there_are(
    platform: Platform, page: Page, alice: LoggedIn
) -> None:
    begin_while_time_stands_still(page)
    page.evaluate("isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    for i in range(7):  # more than one answer has
        tell(platform.store(), alice, about=Identity("facebook", PAGE, f"730000000000000{i}"), name=f"Contact {i}")
    page.clock.fast_forward(31_000)
    wait_for(lambda: page.evaluate("shown.length") == 4, "the browser shows them")
    newest = [f"Bob mentioned you about Contact {i}" for i in (4, 5, 6)]
    assert page.evaluate("shown") == [*newest, "and 4 more"]


def test_nothing_is_told_of_the_conversation_that_one_looks_at(platform: Platform, page: Page, alice: LoggedIn) -> None:
    store = platform.store()
    store.receive([message("hello", profile=Profile(name="Susan"))])
    # What the page shows of the conversation would count as read, and there would be nothing to tell.
    page.route("**/news?looks=1", lambda route: route.abort())
    with page.expect_response("**/notifications/news"):
        page.goto(f"{platform.url}/conversations/{SUSAN_ID}")
    told = page.locator("#notice").get_by_role("link")
    tell(store, alice)
    let_it_ask(platform, page)
    expect(page.locator("#bell [data-unread]")).to_have_text("1 unread", timeout=20_000)
    tell(store, alice, about=PETAR, name="Petar")
    let_it_ask(platform, page)
    expect(told).to_have_text(["Bob mentioned you about Petar"], timeout=20_000)


def begin_while_time_stands_still(page: Page) -> None:
    """The page asks as it begins, and again only when the test lets time go on. What it asked for is answered here: an
    answer that was under way would bring what is told next into the page. What the browser shows is in `shown`.
    """
    page.add_init_script(
        """
        window.shown = [];
        window.Notification = class { static permission = "granted"; constructor(text) { shown.push(text); } };
        Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? false });
        """
    )
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    with page.expect_response(_is_part), page.expect_response("**/notifications/news"):
        page.reload()
    page.clock.run_for(1_000)
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()


def _is_part(response: Response) -> bool:
    """Whether it is the list of notifications as a page asks for it that is open."""
    return response.url.endswith("/notifications") and "hx-request" in response.request.headers
