"""What a file is by its bytes, and what is left of a hostile name."""

import pytest

from store.file_types import MAX_NAME_CHARS, UNKNOWN, clean_name, sniff

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
ZIP = b"PK\x03\x04" + b"\0" * 20
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (JPEG, "image", "image/jpeg"),
        (PNG, "image", "image/png"),
        (b"GIF87a......", "image", "image/gif"),
        (b"GIF89a......", "image", "image/gif"),
        (b"RIFF\n\n\n\nWEBPVP8 ", "image", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio", "audio/wav"),
        (b"ID3\x04\0\0", "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x44", "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio", "audio/aac"),
        (b"OggS\0\x02", "audio", "audio/ogg"),
        (b"fLaC\0\0", "audio", "audio/flac"),
        (b"\0\0\0\x20ftypM4A ", "audio", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video", "video/quicktime"),
        (b"\0\0\0\x18ftypheic", "file", "image/heic"),
        (b"\0\0\0\x18ftypavif", "file", "image/avif"),
        (b"\x1a\x45\xdf\xa3\x9f", "video", "video/webm"),
        (b"%PDF-1.7\n", "file", "application/pdf"),
    ],
)
def test_a_file_is_what_its_first_bytes_say_whatever_it_is_called(content: bytes, kind: str, content_type: str) -> None:
    for name in ("a.exe", "page.html", "", "photo.jpg"):
        found = sniff(content, name)
        assert (found.kind, found.content_type) == (kind, content_type)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<script>WEBPVP8 alert(1)</script>",
        b"GIF90a<script>",
        b"MZ\x90\0",
        b"#!/bin/sh\n",
        b"%!PS",
        b"RIFF",
        b"\xff\xd8",
        b" \x89PNG\r\n\x1a\n",
    ],
)
def test_what_nobody_knows_is_a_file_of_no_type_however_it_is_called(content: bytes) -> None:
    for name in ("cake.jpg", "cake.png", "menu.pdf", "index.html"):
        assert sniff(content, name) == UNKNOWN


def test_a_zipped_document_is_told_by_its_name_and_is_a_plain_file_otherwise() -> None:
    assert sniff(ZIP, "Offer.DOCX").content_type == DOCX
    assert sniff(ZIP, "all.zip").content_type == "application/zip"
    for name in ("page.html", "photo.jpg", "setup.jar", "nothing"):
        assert sniff(ZIP, name) == UNKNOWN


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("cake.png", "cake.png"),
        ("наша торта.png", "наша торта.png"),
        ("/etc/passwd.png", "passwd.png"),
        ("C:\\Users\\bob\\cake.png", "cake.png"),
        ("../../x.png", "x.png"),
        ("..", "file.png"),
        ("", "file.png"),
        (" . . .png", "png.png"),
        ("cake.PNG", "cake.PNG"),
        ("photo.html", "photo.html.png"),
        ("gnp\u202egpj.exe", "gnpgpj.exe.png"),
        ("a\r\nSet-Cookie: b=c.png", "aSet-Cookie_ b=c.png"),
        ('a"b<c>|?*#%.png', "a_b_c______.png"),
        ("a\x00b\x7f\ud800.png", "ab.png"),
        ("a   b\t.png", "a b.png"),
        ("cafe\u0301.png", "caf\u00e9.png"),
    ],
)
def test_a_name_keeps_what_people_read_and_loses_what_misleads(given: str, cleaned: str) -> None:
    assert clean_name(given, sniff(PNG, given)) == cleaned


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 300 + ".jpeg", sniff(JPEG, "")) == "x" * (MAX_NAME_CHARS - 5) + ".jpeg"
    assert clean_name("x" * 300, sniff(JPEG, "")) == "x" * (MAX_NAME_CHARS - 4) + ".jpg"
    assert len(clean_name("a." + "x" * 300, UNKNOWN)) <= MAX_NAME_CHARS


def test_a_file_of_no_type_keeps_its_own_ending() -> None:
    assert clean_name("trap.jpg", UNKNOWN) == "trap.jpg"
    assert clean_name("notes", UNKNOWN) == "notes"
