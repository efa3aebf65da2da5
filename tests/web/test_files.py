"""Files as the platforms and browsers get them: by their whole address only, and never as something that runs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from domain.errors import StoreError
from store import Store, StoredFile
from tests.conftest import settings_for
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from web import files
from web.files import MOST_AT_ONCE, can_fetch_files, file_details

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
GIF, JPEG, WEBP = b"GIF89a" + b"." * 9, b"\xff\xd8\xff\xe0" + b"." * 9, b"RIFF....WEBPVP8 "
HTML = b"<html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(autouse=True)
def known(store: Store) -> None:
    for who in (SUSAN, PETAR):
        write(store, who=who)


def get(client: FlaskClient, kept: StoredFile, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(kept.path, headers=named, buffered=True)


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("cake.png", PNG, "image/png"),
        ("cake.gif", GIF, "image/gif"),
        ("cake.jpg", JPEG, "image/jpeg"),
        ("cake.webp", WEBP, "image/webp"),
    ],
)
def test_a_picture_is_shown(client: FlaskClient, store: Store, name: str, content: bytes, content_type: str) -> None:
    reply = get(client, store.keep_file(SUSAN_ID, name, content))
    assert (reply.status_code, reply.data, reply.content_type) == (200, content, content_type)
    assert reply.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("cake.jpg", HTML, "application/octet-stream"),
        ("index.html", HTML, "application/octet-stream"),
        ("drawing.svg", SVG, "application/octet-stream"),
        ("menu.pdf", b"%PDF-1.7", "application/pdf"),
        ("voice.mp3", b"ID3....", "audio/mpeg"),
        ("oven.mp4", b"\0\0\0\x20ftypisom", "video/mp4"),
        ("setup.exe", b"MZ....", "application/octet-stream"),
    ],
)
def test_everything_else_is_saved_and_never_run(
    client: FlaskClient, store: Store, name: str, content: bytes, content_type: str
) -> None:
    reply = get(client, store.keep_file(SUSAN_ID, name, content))
    assert (reply.status_code, reply.data, reply.content_type) == (200, content, content_type)
    assert reply.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_whatever_it_is_it_is_confined(client: FlaskClient, store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    for reply in (
        get(client, kept),
        client.get(f"/files/{SUSAN_ID}/nothing/cake.png"),
        client.options(kept.path, buffered=True),
    ):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in reply.headers


def test_only_the_whole_address_leads_to_a_file(client: FlaskClient, store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    token = kept.token
    wrong = [
        f"/files/{SUSAN_ID}/{token}/other.png",
        f"/files/{SUSAN_ID}/{token[:-1]}/cake.png",
        f"/files/{SUSAN_ID}/{token.swapcase()}/cake.png",
        f"/files/{PETAR_ID}/{token}/cake.png",
        f"/files/nonsense/{token}/cake.png",
        f"/files/{SUSAN_ID}}}x/{token}/cake.png",
        f"/files/{SUSAN_ID}/%00/cake.png",
        f"/files/{SUSAN_ID}/{token}/..%2Fcake.png",
        f"/files/{SUSAN_ID}/{token}/",
        f"/files/{SUSAN_ID}/",
        "/files/",
    ]
    assert {address: client.get(address, buffered=True).status_code for address in wrong} == dict.fromkeys(wrong, 404)
    assert client.post(kept.path).status_code == 405


def test_a_hostile_name_breaks_no_header(client: FlaskClient, store: Store, app: Flask) -> None:
    for name in ('a"\r\nSet-Cookie: x=y;.pdf', "наша торта.pdf", "a;b='c'.pdf", "../../../etc/passwd"):
        kept = store.keep_file(SUSAN_ID, name, b"%PDF-1.7")
        with app.app_context():
            address = file_details(kept)["url"]
        assert address.isascii() and " " not in address
        reply = client.get(address, buffered=True)
        assert reply.status_code == 200, address
        assert "Set-Cookie" not in reply.headers and "\n" not in reply.headers["Content-Disposition"]


def test_a_file_is_fetched_in_parts_and_not_again_while_it_is_known(client: FlaskClient, store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    whole = get(client, kept)
    assert "private" in whole.headers["Cache-Control"] and "public" not in whole.headers["Cache-Control"]
    part = get(client, kept, Range="bytes=8-11")
    assert (part.status_code, part.data) == (206, PNG[8:12])
    assert part.headers["Content-Range"] == f"bytes 8-11/{len(PNG)}"
    assert get(client, kept, Range=f"bytes={len(PNG)}-").status_code == 416
    again = get(client, kept, If_None_Match=whole.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(kept.path, buffered=True)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PNG)))


def test_a_file_goes_with_its_contact(client: FlaskClient, store: Store, valkey: Valkey) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    valkey.client().delete(*store.file_keys(SUSAN_ID))
    assert get(client, kept).status_code == 404


def test_a_store_that_is_away_asks_to_come_again(
    client: FlaskClient, app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)

    def fail(*_: str) -> None:
        raise StoreError("away")

    monkeypatch.setattr(app.extensions["markdone"].store.connection, "command", fail)
    assert get(client, kept).status_code == 503


@pytest.mark.parametrize(
    ("public_url", "graph_url", "base", "can_fetch"),
    [
        ("", "https://graph.facebook.com/v25.0", "http://127.0.0.1:8123", False),
        ("http://localhost:8123", "https://graph.facebook.com/v25.0", "http://localhost:8123", False),
        ("https://m.example.com", "https://graph.facebook.com/v25.0", "https://m.example.com", True),
        ("", "http://127.0.0.1:8001/graph/v25.0", "http://127.0.0.1:8123", True),
    ],
)
def test_a_platform_fetches_files_from_our_public_address_and_a_stand_in_from_this_machine(
    valkey: Valkey, store: Store, public_url: str, graph_url: str, base: str, can_fetch: bool
) -> None:
    app = create_app(settings_for(valkey.url, public_url=public_url, port=8123, facebook_graph_url=graph_url))
    kept = store.keep_file(SUSAN_ID, "our cake.png", PNG)
    with app.app_context():
        details = file_details(kept)
        assert can_fetch_files(app.extensions["markdone"].facebook) is can_fetch
    url = f"{base}/files/{SUSAN_ID}/{kept.token}/our%20cake.png"
    assert details == {"url": url, "name": "our cake.png", "kind": "image", "size": len(PNG)}


def test_those_who_read_slowly_do_not_take_all_threads(client: FlaskClient, store: Store) -> None:
    kept = store.keep_file(SUSAN_ID, "cake.png", PNG)
    under_way = [client.get(kept.path, buffered=False) for _ in range(MOST_AT_ONCE)]
    refused = get(client, kept)
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "2"
    for reply in under_way:
        reply.close()
    assert [get(client, kept).status_code for _ in range(2 * MOST_AT_ONCE)] == [200] * 2 * MOST_AT_ONCE
    assert [get(client, kept, Range="bytes=9999-").status_code for _ in range(2 * MOST_AT_ONCE)] == [416] * 8


def test_who_reads_for_too_long_is_cut_off_and_gives_the_place_back(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.keep_file(SUSAN_ID, "long.pdf", b"%PDF-1.7" + bytes(100_000))
    slow = [client.get(kept.path, buffered=False) for _ in range(MOST_AT_ONCE)]
    reading = [reply.iter_encoded() for reply in slow]
    assert all(next(chunks) for chunks in reading)
    monkeypatch.setattr(files, "LONGEST_S", -1.0)
    for reply, chunks in zip(slow, reading, strict=True):
        with pytest.raises(ConnectionResetError):
            next(chunks)
        reply.close()  # as the server does then
    monkeypatch.undo()
    assert len(get(client, kept).data) == 100_008
