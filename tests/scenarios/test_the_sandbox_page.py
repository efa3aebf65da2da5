"""What somebody sees who tries the platform on the sandbox's phones: replies, the live strip, a repeated webhook."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect

from domain.identities import Identity, contact_id
from sandbox.setup import PETAR, SUSAN
from tests.browsers import chromium
from tests.conftest import BOT, PAGE
from tests.scenarios.platform import Platform, running
from tests.servers import ROOT, Valkey, wait_for

PHONES = {"facebook": Identity("facebook", PAGE, SUSAN), "viber": Identity("viber", BOT, PETAR)}


@pytest.fixture(scope="module")
def platform(valkey: Valkey) -> Iterator[Platform]:
    with running(valkey, workers=1) as started:
        yield started


def say(platform: Platform, phone: str, text: str, replies: int) -> None:
    """Write on a phone, and wait until so many replies are there in all and nothing more is to be done."""
    who = PHONES[phone]
    platform.write(who, text)
    wait_for(lambda: len(platform.received(who)) >= replies, f"{replies} replies are on the phone")
    store = platform.store()
    wait_for(lambda: store.next_due_ms() is None, "the turn is over")


def strip(platform: Platform, phone: str) -> list[str]:
    state: dict[str, Any] = requests.get(f"{platform.sandbox_url}/sandbox/state", timeout=10).json()
    assert state["trouble"] == ""
    return next([line["text"] for line in shown["strip"]] for shown in state["phones"] if shown["channel"] == phone)


def repeat(platform: Platform, phone: str) -> str:
    path = f"{phone}/{quote(PHONES[phone].contact_ref, safe='')}/repeat"
    return str(requests.post(f"{platform.sandbox_url}/sandbox/contacts/{path}", timeout=10).json()["outcome"])


@pytest.mark.parametrize("phone", PHONES)
def test_the_strip_tells_what_the_platform_did_and_say_prints_the_reply(platform: Platform, phone: str) -> None:
    say(platform, phone, "opening hours", 1)
    say(platform, phone, "thanks", 2)
    assert platform.store().snapshot(contact_id(PHONES[phone])).open is None
    say(platform, phone, "opening hours", 3)
    told = [
        "#1 opened by contact",
        "bot: opening hours",
        "#1 closed by RB_MARKDONE after",
        "bot: thanks",
        "#2 opened by contact",
        "bot: opening hours",
    ]
    # The strip reads the platform a few times a second.
    wait_for(lambda: len(strip(platform, phone)) >= len(told), "the strip tells all of it")
    lines = strip(platform, phone)
    # Where the fulfillment call does not come through in time, the answer closes, after its goodbye.
    closing = sorted(lines[2:4])
    for line, beginning in zip([*lines[:2], *closing, *lines[4:]], told, strict=True):
        assert line.startswith(beginning)

    assert repeat(platform, phone) == "webhook repeated: duplicate, ignored"
    assert strip(platform, phone)[-1] == "webhook repeated: duplicate, ignored"
    assert [line["letter"] for line in platform.timeline(PHONES[phone])].count("m") == 3

    words = [sys.executable, "-m", "flask", "--app", "app", "say", phone, "hello"]
    said = subprocess.run(words, cwd=ROOT, env=platform.environ, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    *_, reply = platform.received(PHONES[phone])
    assert said.stdout.strip() == reply["text"].strip() != ""
    assert len(platform.received(PHONES[phone])) == 4


@pytest.mark.browser
@pytest.mark.parametrize("phone", PHONES)
def test_in_a_browser_the_reply_is_in_the_phone_and_the_strip_beside_it(platform: Platform, phone: str) -> None:
    before = len(platform.received(PHONES[phone]))
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{platform.sandbox_url}/")
        desk = page.locator(f".desk.{phone}")
        desk.get_by_label("Write as").fill("opening hours")
        page.keyboard.press("Enter")
        wait_for(lambda: len(platform.received(PHONES[phone])) > before, "the reply is on the phone")
        reply = platform.received(PHONES[phone])[-1]["text"]
        expect(desk.locator(".bubble").last).to_have_text(reply, timeout=20_000)
        expect(desk.get_by_text("#1 opened by contact")).to_be_visible(timeout=20_000)
        expect(desk.get_by_text("bot: opening hours").last).to_be_visible(timeout=20_000)
