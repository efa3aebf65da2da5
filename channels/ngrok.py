"""Finding the public address of this machine from the ngrok agent that runs on it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from calls.timed import Caller
from channels.bodies import as_list, as_object, as_text, read_object
from domain.errors import AppError, ChannelError

#: Source: ngrok.com/docs, Agent API, read 2026-11-22.
API_URL = "http://127.0.0.1:4040"


class NoPublicAddress(AppError):
    """No public address can be told; the message says what to do."""


def find_public_url(port: int, api_url: str) -> str:
    """Return the https address of the one tunnel to `port`. Raises NoPublicAddress."""
    try:
        reply = Caller(read_object).call("GET", f"{api_url.rstrip('/')}/api/tunnels")
    except ChannelError:
        raise NoPublicAddress(
            f"No public address: PUBLIC_URL is not set and no ngrok agent answers at {api_url}. "
            f"Start `ngrok http {port}` in another terminal, or give --public-url https://…"
        ) from None
    ours = [url for url, tunnel_port in _tunnels(reply.body or {}) if tunnel_port == port]
    secure = [url for url in ours if url.startswith("https://")]
    if len(secure) == 1:
        return secure[0]
    if secure:
        raise NoPublicAddress(
            f"ngrok has several tunnels to port {port}: {', '.join(secure)}. Choose one with --public-url"
        )
    if ours:
        raise NoPublicAddress(
            f"ngrok's tunnel to port {port} is not https, and the platforms call nothing else. "
            f"Start `ngrok http {port}`"
        )
    raise NoPublicAddress(
        f"ngrok runs, but has no tunnel to port {port}. Start `ngrok http {port}`, or give --public-url https://…"
    )


def _tunnels(body: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    for tunnel in map(as_object, as_list(body.get("tunnels"))):
        address = as_text(as_object(tunnel.get("config")).get("addr"))
        yield as_text(tunnel.get("public_url")), _port(address)


def _port(address: str) -> int | None:
    """Read the port of http://localhost:8000, localhost:8000 or 8000."""
    if address.isdigit():
        return int(address)
    try:
        return urlsplit(address if "//" in address else f"//{address}").port
    except ValueError:
        return None
