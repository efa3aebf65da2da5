"""What every test may ask for: a private store, an application on it, signed webhooks."""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from settings import Settings
from store import Store
from tests.quick_apps import make_applications_quickly
from tests.servers import Valkey

API_TOKEN = "api-token-for-tests"
APP_SECRET = "app-secret-for-tests"
VERIFY_TOKEN = "verify-token-for-tests"
FULFILLMENT_TOKEN = "fulfillment-token-for-tests"
PAGE = "104200000000042"
VIBER_TOKEN = "viber-token-for-tests"
BOT = "shop"

make_applications_quickly()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Every application made in a test sets up the logging of the whole process; the next test begins anew."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def store(valkey: Valkey) -> Store:
    """An empty store on a server of our own."""
    valkey.client().flushall()
    return make_store(valkey)


def make_store(valkey: Valkey) -> Store:
    made = Store(valkey.url, partitions=16, max_connections=20, timeout_s=5)
    made.start()
    return made


class StoppedClock:
    """Time that passes only when a test says so."""

    def __init__(self, now_ms: int) -> None:
        self.ms = now_ms

    def __call__(self) -> int:
        return self.ms

    def pass_s(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)  # int() would lose the last millisecond of some floats


@pytest.fixture
def clock(store: Store) -> StoppedClock:
    """The store's clock, stopped at the server's time."""
    stopped = StoppedClock(store.now_ms())
    store.now_ms = stopped
    return stopped


def settings_for(redis_url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "redis_url": redis_url,
        "data_dir": Path("data"),
        "secret_keys": ("secret-key-for-tests",),
        "api_tokens": (API_TOKEN,),
        "facebook_app_id": "700000000000007",
        "facebook_app_secrets": (APP_SECRET,),
        "facebook_verify_token": VERIFY_TOKEN,
        "facebook_pages": {PAGE: "page-token-for-tests"},
        "viber_bots": {BOT: VIBER_TOKEN},
        "dialogflow_fulfillment_tokens": (FULFILLMENT_TOKEN,),
        "log_level": "WARNING",
    }
    return Settings(**{**values, **changes})


@pytest.fixture
def app(valkey: Valkey, store: Store) -> Flask:
    from app import create_app

    return create_app(settings_for(valkey.url))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_facebook(raw: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def sign_viber(raw: bytes, token: str = VIBER_TOKEN) -> dict[str, str]:
    digest = hmac.new(token.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Viber-Content-Signature": digest, "Content-Type": "application/json"}


def body(data: Any) -> bytes:
    return json.dumps(data).encode()
