"""The page in a real browser, by keyboard alone."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer
from werkzeug.serving import make_server

from sandbox.server import create_sandbox
from sandbox.setup import SUSAN
from sandbox.state import Sandbox, now_ms
from tests.browsers import chromium, left_as_new
from tests.sandbox.conftest import PAGE

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    yield from left_as_new(started)


@pytest.fixture
def page(sandbox: Sandbox, httpserver: HTTPServer, browser: Browser) -> Iterator[Page]:
    httpserver.expect_request("/webhooks/facebook").respond_with_data("")
    server = make_server("127.0.0.1", 0, create_sandbox(sandbox), threaded=True)
    sandbox.setup = replace(sandbox.setup, sandbox_port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    opened.goto(f"http://127.0.0.1:{server.server_port}/")
    yield opened
    opened.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_contact_starts_and_writes_by_keyboard_and_its_text_stays_text(page: Page) -> None:
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    susan = page.locator(".desk.facebook")
    susan.get_by_role("button", name="Get Started").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Enter")
    expect(susan.locator(".bubble")).to_have_text([HOSTILE])
    expect(susan.get_by_text("delivered", exact=True)).to_be_visible()
    expect(susan.get_by_label("Write as Susan")).to_be_focused()
    assert page.title() == "Markdone sandbox"
    assert trouble == []


def test_a_contact_may_write_at_once_and_is_offered_the_door_only_before_the_first_message(page: Page) -> None:
    susan = page.locator(".desk.facebook")
    expect(susan.get_by_role("button", name="Get Started")).to_be_visible()
    susan.get_by_label("Write as Susan").fill("hello")
    page.keyboard.press("Enter")
    expect(susan.locator(".bubble")).to_have_text(["hello"])
    expect(susan.get_by_role("button", name="Get Started")).to_be_hidden()


def test_a_contact_sends_a_picture_by_keyboard_and_sees_it(page: Page) -> None:
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    susan = page.locator(".desk.facebook")
    more = susan.get_by_label("Send something else as Susan")
    more.focus()
    page.keyboard.press("Enter")
    expect(susan.get_by_role("button", name="A photo")).to_be_visible()
    page.keyboard.press("Escape")
    expect(susan.get_by_role("button", name="A photo")).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    picture = susan.get_by_role("img", name="cake.png")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.desk.facebook .picture img').naturalWidth === 640")
    expect(susan.get_by_role("button", name="A photo")).to_be_hidden()
    assert trouble == []


def test_a_file_from_elsewhere_is_named_and_not_loaded(page: Page, sandbox: Sandbox) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    contact = sandbox.contacts.get("facebook", PAGE, SUSAN)
    file = {"url": "https://tracker.example.com/pixel.png", "kind": "image", "name": HOSTILE}
    sandbox.contacts.add(contact, direction="outgoing", text="", at_ms=1, external_id="m_1", file=file)
    expect(page.locator(".desk.facebook .bubble")).to_have_text([f"{HOSTILE} (not on this machine)"])
    assert not [url for url in asked if "tracker" in url]


def test_the_phone_shows_that_the_business_is_typing(page: Page, sandbox: Sandbox) -> None:
    contact = sandbox.contacts.get("facebook", PAGE, SUSAN)
    contact.typing_until_ms = now_ms() + 60_000
    expect(page.get_by_text("The page is typing")).to_be_visible()
    contact.typing_until_ms = 0
    expect(page.get_by_text("The page is typing")).to_be_hidden()


def test_nothing_is_wider_than_a_small_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_page_says_that_the_sandbox_is_gone_and_goes_on_when_it_is_back(page: Page) -> None:
    page.route("**/sandbox/state", lambda route: route.abort())
    expect(page.get_by_role("status").first).to_contain_text("does not answer")
    page.unroute("**/sandbox/state")
    expect(page.get_by_role("status").first).not_to_contain_text("sandbox does not answer")
