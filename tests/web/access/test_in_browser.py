"""What only a real browser decides: which cookie goes where."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from store import Store
from tests.browsers import chromium

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@contextmanager
def served(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def another_site(ours: str) -> Flask:
    """A page elsewhere: it leads to ours, and has a form that would change something there."""
    app = Flask("elsewhere")

    @app.get("/")
    def index() -> str:
        form = f'<form method="post" action="{ours}/account/name"><input name="name" value="Eve">'
        links = f'<a href="{ours}/account">account</a> <a href="{ours}/login">log-in</a>'
        return f"{links} {form}<button>Win</button></form>"

    return app


def test_who_is_in_stays_in_whatever_another_site_makes_their_browser_do(app: Flask, store: Store, page: Page) -> None:
    with served(app) as port:
        ours = f"http://127.0.0.1:{port}"
        page.goto(f"{ours}/link?token={store.make_first_link()}")
        for label, value in (("Email", "olga@example.com"), ("Name", "Olga")):
            page.get_by_label(label, exact=True).fill(value)
        for label in ("New password", "The same again"):
            page.get_by_label(label).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{ours}/")
        with served(another_site(ours)) as elsewhere:
            theirs = f"http://localhost:{elsewhere}/"  # another site than 127.0.0.1
            page.goto(theirs)
            page.get_by_text("account").click()
            expect(page.get_by_role("heading", name="My account")).to_be_visible()
            page.goto(theirs)
            page.get_by_text("log-in").click()
            page.wait_for_url(f"{ours}/")
            page.goto(theirs)
            page.get_by_text("Win").click()
            expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
            page.goto(f"{ours}/account")
            expect(page.get_by_role("heading", name="My account")).to_be_visible()
        page.goto("about:blank")  # ends the live stream, which the server would wait for
    assert [user.name for user in store.users()] == ["Olga"]
