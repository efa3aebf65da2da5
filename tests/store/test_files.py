"""Files kept for a contact: byte for byte, bounded, and gone with the contact."""

import threading

import pytest

from domain.errors import BadPayload, Conflict, StoreError
from store import Store, files
from store.files import MAX_FILE_BYTES, MAX_FILES_PER_CONTACT
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey


@pytest.fixture(autouse=True)
def known(store: Store) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def test_a_file_comes_back_byte_for_byte_with_what_it_is(store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    assert (kept.name, kept.kind, kept.content_type, kept.size_bytes) == ("cake.png", "image", "image/png", len(PNG))
    assert kept.path == f"/files/{SUSAN_ID}/{kept.token}/cake.png"
    assert store.read_file(SUSAN_ID, kept.token) == (kept, PNG)


def test_a_page_that_calls_itself_a_picture_is_kept_as_a_file(store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.jpg", b"<html><script>alert(1)</script>")
    assert (kept.kind, kept.content_type) == ("file", "application/octet-stream")


def test_each_file_has_a_token_of_its_own_that_nobody_can_guess(store: Store) -> None:
    tokens = {store.keep_file(SUSAN_ID, "cake.png", PNG).token for _ in range(20)}
    assert len(tokens) == 20 and all(len(token) >= 43 for token in tokens)


def test_nobody_finds_another_contacts_file(store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    assert store.read_file(PETAR_ID, kept.token) is None
    assert store.read_file(SUSAN_ID, kept.token + "x") is None
    assert store.read_file(SUSAN_ID, "") is None


@pytest.mark.parametrize("contact", ["", "../x", f"{SUSAN_ID}:x", SUSAN_ID.upper()])
def test_what_is_no_contacts_id_never_becomes_part_of_a_key(store: Store, contact: str) -> None:
    with pytest.raises(StoreError):
        store.keep_file(contact, "cake.png", PNG)
    with pytest.raises(StoreError):
        store.read_file(contact, "token")


def test_a_file_may_be_as_large_as_the_limit_and_not_a_byte_larger(store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "a.bin", b"x" * MAX_FILE_BYTES)
    found = store.read_file(SUSAN_ID, kept.token)
    assert found is not None and len(found[1]) == MAX_FILE_BYTES
    with pytest.raises(BadPayload, match="at most 5 MB"):
        store.keep_file(SUSAN_ID, "a.bin", b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(BadPayload, match="empty"):
        store.keep_file(SUSAN_ID, "a.bin", b"")


def test_a_contact_has_so_many_files_and_no_more(store: Store, valkey: Valkey) -> None:
    for _ in range(MAX_FILES_PER_CONTACT):
        kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    with pytest.raises(Conflict, match="200 files"):
        store.keep_file(SUSAN_ID, "cake.png", PNG)
    assert [valkey.client().hlen(key) for key in store.file_keys(SUSAN_ID)] == [MAX_FILES_PER_CONTACT] * 2
    assert store.read_file(SUSAN_ID, kept.token) is not None
    store.keep_file(PETAR_ID, "cake.png", PNG)


def test_many_at_once_do_not_get_past_the_limit(store: Store, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES_PER_CONTACT", 5)
    refused: list[Conflict] = []

    def keep() -> None:
        try:
            store.keep_file(SUSAN_ID, "cake.png", PNG)
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=keep) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [valkey.client().hlen(key) for key in store.file_keys(SUSAN_ID)]
    assert counts[0] == counts[1] == 16 - len(refused) <= 5


def test_a_file_that_was_not_sent_is_forgotten_and_no_other(store: Store) -> None:
    kept, other = store.keep_file(SUSAN_ID, "cake.png", PNG), store.keep_file(SUSAN_ID, "tart.png", PNG)
    for _ in range(2):
        store.drop_file(SUSAN_ID, kept.token)
    assert store.read_file(SUSAN_ID, kept.token) is None
    assert store.read_file(SUSAN_ID, other.token) == (other, PNG)


def test_with_its_keys_every_file_of_a_contact_is_gone(store: Store, valkey: Valkey) -> None:
    kept, other = store.keep_file(SUSAN_ID, "cake.png", PNG), store.keep_file(PETAR_ID, "cake.png", PNG)
    assert sorted(valkey.client().keys("*file*")) == sorted([*store.file_keys(SUSAN_ID), *store.file_keys(PETAR_ID)])
    valkey.client().delete(*store.file_keys(SUSAN_ID))
    assert store.read_file(SUSAN_ID, kept.token) is None
    assert store.read_file(PETAR_ID, other.token) is not None
