"""A support team at work: the whole platform, and for each user a browser of their own in a headless Chromium."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from domain.identities import Identity, contact_id
from store import Store
from tests.browsers import chromium
from tests.scenarios.platform import Platform, running
from tests.servers import ROOT, Valkey, wait_for
from tests.signing_in import LoggedIn

PASSWORD = "correct horse battery"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: The live stream says so at once; a page without a place in it asks every few seconds.
LIVE_MS = 15_000
# A violation of the content security policy is not always written to the console.
_WATCH = "addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective))"


class Desk:
    """A browser in which one user works. trouble: what went wrong in it, for nobody to see."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.trouble: list[str] = []
        self._expected: set[int] = set()
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """Open one more page, watched like the first."""
        page = self.context.new_page()
        page.add_init_script(_WATCH)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", self._hear)
        return page

    def expect_status(self, *statuses: int) -> None:
        """Say which refusals belong to what is going to happen; the browser's console names each."""
        self._expected |= set(statuses)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def _hear(self, message: ConsoleMessage) -> None:
        status = re.search(r"(?:status of|Status Error Code) (\d+)", message.text)
        if message.type in ("error", "warning") and not (status and int(status[1]) in self._expected):
            self.trouble.append(f"{message.type}: {message.text}")


class Office:
    """The platform, and the browsers of its users."""

    def __init__(self, platform: Platform, browser: Browser) -> None:
        self.platform = platform
        self.browser = browser
        self.desks: list[Desk] = []

    @property
    def store(self) -> Store:
        return self.platform.store()

    def desk(self, user: LoggedIn | None = None, **options: Any) -> Desk:
        """Give somebody a browser, logged in where a user is given. options: of the browser's context."""
        context = self.browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
        context.set_default_timeout(LIVE_MS)
        if user:
            name, _, value = user.cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": self.platform.url}])
        made = Desk(context, self.platform.url)
        self.desks.append(made)
        return made

    def first_link(self) -> str:
        """Ask the platform's own command, as `make run` does."""
        command = (sys.executable, "-m", "flask", "--app", "app", "user", "first-link")
        done = subprocess.run(
            command, cwd=ROOT, env=self.platform.environ, capture_output=True, text=True, timeout=60, check=True
        )
        address = urlsplit(done.stdout.strip())
        return f"{address.path}?{address.query}"

    def arrived(self, who: Identity, text: str) -> None:
        """Wait until a text is on somebody's phone."""
        wait_for(lambda: any(one["text"] == text for one in self.platform.received(who)), f"{text!r} is on the phone")

    def waits_for_person(self, who: Identity) -> None:
        """Wait until somebody needs a person."""

        def waits() -> bool:
            open = self.store.snapshot(contact_id(who)).open
            return bool(open and open.needs)

        wait_for(waits, "somebody needs a person")

    def leave(self) -> list[str]:
        """Close every browser; return what went wrong in them."""
        for desk in self.desks:
            desk.context.close()
        found = [one for desk in self.desks for one in desk.trouble]
        self.desks.clear()
        return found


@contextmanager
def working(valkey: Valkey, *, workers: int = 1, **options: Any) -> Iterator[Office]:
    """Start a platform on an empty store and a browser; at the end nothing may have gone wrong in any page."""
    expect.set_options(timeout=LIVE_MS)
    with running(valkey, workers=workers, **options) as platform, chromium() as browser:
        office = Office(platform, browser)
        yield office
        wrong = office.leave()
        assert not wrong, "in the browsers:\n" + "\n".join(wrong)


def come_in(desk: Desk, link: str, name: str, *, email: str = "") -> None:
    """Come in by a one-time link: choose a name and a password."""
    desk.go(link)
    page = desk.page
    if email:
        page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.url}/")


def show(desk: Desk, contact: str) -> None:
    """Open a contact's conversation in the list by clicking on it."""
    desk.page.locator(f"#rows [data-contact='{contact}'] .row-link").first.click()
    expect(desk.page.locator(f"#panes[data-live-contact='{contact}']")).to_be_visible()
