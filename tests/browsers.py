"""The browser of the browser tests: one for a module, since to start it takes longer than most of what is tested."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine, without a screen."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def left_as_new(browser: Browser) -> Iterator[Browser]:
    """Lend a browser to one test; whatever pages it leaves open are closed."""
    yield browser
    for context in browser.contexts:
        context.close()
