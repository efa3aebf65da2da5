"""The public page that says how somebody has their data deleted."""

import pytest
from flask import Flask

from store import Store
from tests.conftest import settings_for
from tests.servers import Valkey


@pytest.fixture
def page(store: Store, valkey: Valkey) -> "Page":
    return Page(store, valkey)


class Page:
    """Reads the page as somebody without an account, after settings were changed."""

    def __init__(self, store: Store, valkey: Valkey) -> None:
        self._store, self._valkey = store, valkey

    def __call__(self, **settings: str) -> str:
        from app import create_app

        for name, value in settings.items():
            self._store.change_setting(name, value)
        app: Flask = create_app(settings_for(self._valkey.url))
        answer = app.test_client().get("/data-deletion")
        assert answer.status_code == 200
        return answer.text


def test_anybody_may_read_it_and_it_names_the_channels(page: Page) -> None:
    text = page()
    assert "Messenger or Viber" in text and "What we keep" in text and "within 30 days" in text
    assert "Delete my data" in text, "nobody is named to write to yet"
    assert "Without being asked" not in text


def test_it_says_whom_to_write_to_and_how_long_data_is_kept(page: Page) -> None:
    text = page(privacy_contact="privacy@example.com", retention_days="90")
    assert 'href="mailto:privacy@example.com"' in text and "90 days after" in text


@pytest.mark.parametrize(
    "who", ["Ring +15550001 at noon", "x@y.z<script>", 'a"b@c.d', "a@b.c?cc=d@e.f", "javascript:a@b.c"]
)
def test_what_is_no_plain_address_is_shown_as_text_and_never_linked(page: Page, who: str) -> None:
    text = page(privacy_contact=who)
    assert "mailto:" not in text and "javascript:a" not in text.replace(who, "") and "<script>" not in text
    assert who.partition('"')[0].partition("<")[0] in text
