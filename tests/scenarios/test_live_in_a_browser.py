"""What a user sees of it in a browser: a notification comes while they look, by the stream or without one."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from domain.actions import NoteLine, Notify
from domain.events import Profile
from store import Store
from tests.people import BOB, SUSAN_ID, message
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


@pytest.fixture
def page(platform: Platform, alice: LoggedIn) -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    name, _, value = alice.cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": platform.url}])
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        opened.goto(f"{platform.url}/notifications")
        yield opened
        browser.close()
    assert wrong == []


def tell(store: Store, who: LoggedIn) -> None:
    store.receive([message("a secret", profile=Profile(name="Susan"))])
    line = NoteLine(number=1, kind="comment", details={"text": "look here", "by": BOB})
    told = Notify(number=1, users=(who.user.id,), kind="mentioned", by=BOB)
    assert store.commit(store.snapshot(SUSAN_ID), [line, told]).is_done


def test_a_notification_comes_while_one_looks_and_goes_when_it_is_read(
    platform: Platform, page: Page, alice: LoggedIn
) -> None:
    badge = page.locator("#bell [data-unread]")
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    expect(badge).to_be_hidden()

    tell(platform.store(), alice)
    words = "Bob mentioned you about Susan"
    expect(page.locator("#notifications").get_by_role("link", name=words)).to_be_visible(timeout=20_000)
    expect(page.locator("#notice").get_by_role("link", name=words)).to_be_visible()
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
    expect(page.locator("#bell [data-unread]")).to_have_text("1 unread", timeout=20_000)
    platform.store().end_sessions(alice.user.id)
    tell(platform.store(), alice)
    told = page.get_by_text("You have been logged out").or_(page.get_by_role("heading", name="Log in"))
    expect(told.first).to_be_visible(timeout=20_000)


def test_a_page_that_is_hidden_shows_notifications_of_the_browser(
    platform: Platform, page: Page, alice: LoggedIn
) -> None:
    page.add_init_script(
        """
        window.shown = [];
        window.Notification = class { static permission = "granted"; constructor(text) { shown.push(text); } };
        Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? false });
        """
    )
    page.clock.install()
    page.reload()
    expect(page.get_by_role("heading", name="Nothing to tell you")).to_be_visible()
    known = f"localStorage.getItem('markdone.told.{alice.user.id}') !== null"
    wait_for(lambda: bool(page.evaluate(known)), "the page knows that there is nothing to tell")
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
