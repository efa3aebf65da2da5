"""What a file is by its first bytes, and a name for it that is safe to show and to save."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

MAX_NAME_CHARS = 100
MAX_ENDING_CHARS = 12  # longer ones are words behind a full stop
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*%#\\/]')


class FileType(NamedTuple):
    """kind: image, audio, video or file. endings: of names; empty where any will do."""

    kind: str
    content_type: str
    endings: tuple[str, ...] = ()


# How the bytes begin, and what that is; the first that fits.
_BEGINNINGS = (
    (rb"\xff\xd8\xff", FileType("image", "image/jpeg", (".jpg", ".jpeg"))),
    (rb"\x89PNG\r\n\x1a\n", FileType("image", "image/png", (".png",))),
    (rb"GIF8[79]a", FileType("image", "image/gif", (".gif",))),
    (rb"RIFF....WEBP", FileType("image", "image/webp", (".webp",))),
    (rb"RIFF....WAVE", FileType("audio", "audio/wav", (".wav",))),
    (rb"ID3|\xff[\xfb\xf3\xf2]", FileType("audio", "audio/mpeg", (".mp3",))),
    (rb"\xff[\xf1\xf9]", FileType("audio", "audio/aac", (".aac",))),
    (rb"OggS", FileType("audio", "audio/ogg", (".ogg", ".oga", ".opus"))),
    (rb"fLaC", FileType("audio", "audio/flac", (".flac",))),
    (rb"....ftypM4A", FileType("audio", "audio/mp4", (".m4a",))),
    (rb"....ftypqt", FileType("video", "video/quicktime", (".mov",))),
    # Few can show these, so that they travel as files.
    (rb"....ftyp(?:hei|mif1)", FileType("file", "image/heic", (".heic", ".heif"))),
    (rb"....ftypavi", FileType("file", "image/avif", (".avif",))),
    (rb"....ftyp", FileType("video", "video/mp4", (".mp4", ".m4v"))),
    (rb"\x1a\x45\xdf\xa3", FileType("video", "video/webm", (".webm", ".mkv"))),
    (rb"%PDF-", FileType("file", "application/pdf", (".pdf",))),
)
_SIGNATURES = tuple((re.compile(beginning, re.DOTALL), found) for beginning, found in _BEGINNINGS)
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument"
# Zipped documents differ in their names alone. None of these is shown by a browser itself.
_ZIPPED = {
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".zip": "application/zip",
}
UNKNOWN = FileType("file", "application/octet-stream")


def sniff(content: bytes, name: str) -> FileType:
    """Tell what `content` is. name: looked at only where the bytes are those of a zipped document."""
    for signature, found in _SIGNATURES:
        if signature.match(content):
            return found
    if content.startswith(_ZIP):
        zipped = _ZIPPED.get(PurePosixPath(name).suffix.lower())
        return FileType("file", zipped) if zipped else UNKNOWN
    return UNKNOWN


def clean_name(name: str, found: FileType) -> str:
    """Return the last part of `name` without what could mislead: controls, marks that turn the direction of reading,
    what file systems and addresses forbid. It ends as its type does, so that `photo.html` full of pixels is no page.

    At most MAX_NAME_CHARS characters; never empty.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = " ".join(_NOT_IN_A_NAME.sub("_", printable).split()).strip(". ") or "file"
    ending = PurePosixPath(plain).suffix.lower()
    if found.endings and ending not in found.endings:
        ending = found.endings[0]
        plain += ending
    if len(plain) <= MAX_NAME_CHARS:
        return plain
    ending_chars = len(ending) if len(ending) <= MAX_ENDING_CHARS else 0
    return plain[: MAX_NAME_CHARS - ending_chars].rstrip(". ") + plain[len(plain) - ending_chars :]
