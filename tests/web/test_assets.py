"""Style sheets, scripts and icons: kept for ever by browsers, and new at once when they changed."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.assets import FOLDER, HTMX, asset_url, load

NAMES = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["app.css", "icons.svg", "page.js", HTMX])
def test_a_file_under_its_own_hash_is_kept_for_ever_and_is_asked_for_under_any_other(
    client: FlaskClient, name: str
) -> None:
    page = client.get(asset_url(name))
    assert page.status_code == 200 and "immutable" in page.headers["Cache-Control"]
    for path in (f"/static/{name}", f"/static/{name}?v=old"):
        page = client.get(path)
        assert page.status_code == 200 and page.headers["Cache-Control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": page.headers["ETag"]})
        assert again.status_code == 304 and again.data == b""


def test_each_is_served_as_what_it_is(client: FlaskClient) -> None:
    kinds = {"app.css": "text/css", "icon.svg": "image/svg+xml", "page.js": "text/javascript", HTMX: "text/javascript"}
    for name, kind in kinds.items():
        page = client.get(f"/static/{name}")
        assert page.mimetype == kind and page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["", "none.js", "../assets.py", "%2e%2e/assets.py", "htmx/htmx.js", "."])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_module_names_the_others_by_their_present_hash(client: FlaskClient) -> None:
    modules = [name for name in NAMES if name.endswith(".js")]
    found = 0
    for name in modules:
        for path in re.findall(r'(?:from|import) "([^"]+)"', client.get(asset_url(name)).text):
            assert client.get(path).headers["Cache-Control"].endswith("immutable"), path
            found += 1
    assert found > 5


def test_every_icon_that_a_template_shows_is_there() -> None:
    known = set(re.findall(r'<symbol id="(\w+)"', load("icons.svg").content.decode()))
    templates = Path(FOLDER.parent / "templates").rglob("*.html")
    shown = {name for path in templates for name in re.findall(r'\bicon\("(\w+)"', path.read_text())}
    assert len(shown) > 10 and shown - known == set()


def test_a_page_that_nobody_may_see_still_has_its_looks(app: Flask, client: FlaskClient) -> None:
    page = client.get("/login").text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert client.get(path).status_code == 200
