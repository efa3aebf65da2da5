"""Files on the phones: what a contact can send, what the business sent, and fetching that as the platforms do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from sandbox.setup import LOOPBACK, Setup

FETCH_TIMEOUT_S = 5.0
MAX_FETCHED_BYTES = 25_000_000
_SAMPLE_FILES = Path(__file__).parent / "static" / "samples"
_PLACE = (42.6954, 23.3239)


@dataclass(frozen=True, slots=True)
class Sample:
    """Something that a contact can send at the press of a button. file: below static/samples; empty for a place."""

    label: str
    kind: str
    text: str
    file: str = ""


SAMPLES: Mapping[str, Sample] = {
    "photo": Sample("A photo", "image", "", "cake.png"),
    "document": Sample("A document", "file", "", "order.pdf"),
    "place": Sample("Where I am", "location", f"{_PLACE[0]}, {_PLACE[1]}"),
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back for a file's address; status 0 when nothing did."""

    status: int
    content_type: str = ""
    size_bytes: int = 0


def sample_url(setup: Setup, sample: Sample) -> str:
    """Return where the sandbox serves a sample's file."""
    return f"http://{LOOPBACK}:{setup.sandbox_port}/static/samples/{sample.file}"


def shown_sample(setup: Setup, sample: Sample) -> dict[str, Any] | None:
    """Return the sample's file as a bubble has it."""
    return shown_file(sample_url(setup, sample), sample.kind, sample.file) if sample.file else None


def of_messenger(setup: Setup, sample: Sample) -> dict[str, Any]:
    """Build the attachment of a Messenger webhook. Source: developers.facebook.com, messages, read 2026-11-22."""
    if sample.file:
        return {"type": sample.kind, "payload": {"url": sample_url(setup, sample)}}
    return {"type": "location", "payload": {"coordinates": {"lat": _PLACE[0], "long": _PLACE[1]}}}


def of_viber(setup: Setup, sample: Sample) -> dict[str, Any]:
    """Build the message of a Viber callback. Source: creators.viber.com, callbacks, read 2026-11-22."""
    url = sample_url(setup, sample)
    if sample.kind == "image":
        return {"type": "picture", "media": url, "thumbnail": url, "file_name": sample.file, "text": ""}
    if sample.kind == "file":
        size_bytes = (_SAMPLE_FILES / sample.file).stat().st_size
        return {"type": "file", "media": url, "file_name": sample.file, "size": size_bytes}
    return {"type": "location", "location": {"lat": _PLACE[0], "lon": _PLACE[1]}}


def sent_by_messenger(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the file in a message that the stand-in took; None when there is none."""
    attachment = message.get("attachment")
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    url = payload.get("url") if isinstance(payload, dict) else None
    return shown_file(url, str(attachment["type"])) if attachment and isinstance(url, str) else None


def sent_by_viber(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the file in a message that the stand-in took; None when there is none."""
    kind = {"picture": "image", "video": "video", "file": "file"}.get(str(message.get("type")))
    return shown_file(str(message["media"]), kind, str(message.get("file_name") or "")) if kind else None


def shown_file(url: str, kind: str, name: str = "") -> dict[str, Any]:
    """Return a file as a bubble has it; without a name it goes by the end of its address."""
    return {"url": url, "kind": kind, "name": name or unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or kind}


def local_url(setup: Setup, url: str) -> str:
    """Return where on this machine the file behind `url` is; empty when it is not one of the platform's or ours.

    The platform may know itself by a public address, behind a tunnel: it is asked directly then.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.hostname == LOOPBACK:
        is_platforms = port == setup.platform_port and parts.path.startswith("/files/")
        is_ours = port == setup.sandbox_port and parts.path.startswith("/static/samples/")
        return f"http://{LOOPBACK}:{port}{parts.path}" if is_platforms or is_ours else ""
    is_public = parts.scheme == "https" and parts.path.startswith("/files/")
    return f"{setup.platform_url}{parts.path}" if is_public else ""


def fetch(setup: Setup, url: str) -> Fetched:
    """Fetch a file as the platform does before it takes a message, without credentials. Never raises."""
    address = local_url(setup, url)
    if not address:
        return Fetched(0)
    try:
        with requests.get(address, timeout=FETCH_TIMEOUT_S, stream=True, allow_redirects=False) as reply:
            size_bytes = 0
            for chunk in reply.iter_content(65536):
                size_bytes += len(chunk)
                if size_bytes > MAX_FETCHED_BYTES:
                    break
            return Fetched(reply.status_code, reply.headers.get("Content-Type", ""), size_bytes)
    except requests.RequestException:
        return Fetched(0)
