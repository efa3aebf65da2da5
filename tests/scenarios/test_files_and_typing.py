"""A file that a user sends, and the moving dots before it, through the real processes to the phone."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from domain.actions import Send
from domain.identities import Identity, contact_id
from domain.models import Sender
from tests.conftest import BOT, PAGE
from tests.people import ALICE
from tests.scenarios.platform import Platform, running
from tests.servers import Valkey, wait_for

SUSAN = Identity("facebook", PAGE, "7300000000000001")
PETAR = Identity("viber", BOT, "pEtAr+sAnd/b0x01234567==")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def platform(valkey: Valkey) -> Iterator[Platform]:
    with running(valkey, workers=2) as started:
        yield started


@pytest.mark.parametrize("who", [SUSAN, PETAR], ids=["facebook", "viber"])
def test_a_file_reaches_the_phone_and_is_there_for_the_platform_to_fetch(platform: Platform, who: Identity) -> None:
    store, contact = platform.store(), contact_id(who)
    platform.write(who, "hello")
    wait_for(lambda: len(platform.received(who)) >= 1, "the greeting arrives")
    kept = store.keep_file(contact, "cake.png", PNG)
    file = {"url": platform.url + kept.path, "name": kept.name, "kind": kept.kind, "size": kept.size_bytes}
    send = Send(number=1, text="", file=file, sender=Sender.USER)
    # The turn of the greeting may not be over yet.
    wait_for(lambda: store.commit(store.snapshot(contact), [send]).is_done, "the file is to be sent")

    def files() -> list[Any]:
        return [one["file"] for one in platform.received(who) if one["file"]]

    wait_for(lambda: len(files()) == 1, "the file arrives")
    (arrived,) = files()
    assert arrived == {"url": file["url"], "kind": "image", "name": "cake.png"}
    fetched = requests.get(arrived["url"], timeout=10)
    assert (fetched.content, fetched.headers["Content-Type"]) == (PNG, "image/png")


def test_of_two_workers_one_shows_the_contact_that_a_user_types(platform: Platform) -> None:
    def shown() -> list[object]:
        calls = requests.get(f"{platform.sandbox_url}/sandbox/calls?target=graph", timeout=10).json()["items"]
        return [call for call in calls if (call["call"], call["about"]) == ("typing_on", mira.contact_ref)]

    mira = Identity("facebook", PAGE, "7300000000000077")
    platform.write(mira, "hello")
    wait_for(lambda: len(platform.received(mira)) >= 1, "the greeting arrives")
    store, contact = platform.store(), contact_id(mira)
    store.say_typing(contact, ALICE)
    wait_for(lambda: len(shown()) == 1, "the dots are on the phone")
    # Said again at once, it is claimed still; a message that goes out afterwards shows that both workers had time.
    store.say_typing(contact, ALICE)
    count = len(platform.received(mira))
    platform.write(mira, "opening hours")
    wait_for(lambda: len(platform.received(mira)) > count, "the next answer arrives")
    assert len(shown()) == 1


def test_after_the_first_message_the_contact_has_the_name_that_messenger_tells_one_worker(platform: Platform) -> None:
    def asked() -> list[object]:
        calls = requests.get(f"{platform.sandbox_url}/sandbox/calls?target=graph_profile", timeout=10).json()["items"]
        return [call for call in calls if call["about"] == mira.contact_ref]

    mira = Identity("facebook", PAGE, "7300000000000088")
    store = platform.store()
    platform.write(mira, "hello")
    wait_for(lambda: len(platform.received(mira)) >= 1, "the greeting arrives")
    wait_for(lambda: store.snapshot(contact_id(mira)).contact.name == "Contact 0088", "the name is there")
    assert [one.id for one, _ in store.search("0088", 5)] == [contact_id(mira)]
    count = len(platform.received(mira))
    platform.write(mira, "opening hours")
    wait_for(lambda: len(platform.received(mira)) > count, "the next answer arrives")
    assert len(asked()) == 1
