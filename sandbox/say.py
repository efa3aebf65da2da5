"""`flask --app app say facebook "hello"`: write on one of the sandbox's phones and print the reply."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import click
import requests

WAIT_S = 15.0
SILENCE_S = 0.7  # after a reply: nothing more for so long means that the turn is over
POLL_S = 0.1
_TIMEOUT_S = 5.0


def command(find_port: Callable[[], int]) -> click.Command:
    """Return the command; `find_port`, called when it runs, returns the port of the sandbox."""

    @click.command("say")
    @click.argument("channel", type=click.Choice(["facebook", "viber"]))
    @click.argument("text")
    def say(channel: str, text: str) -> None:
        """Write TEXT on the sandbox's phone and print what comes back, one line each."""
        _say(find_port(), channel, text)

    return say


def _say(port: int, channel: str, text: str) -> None:
    base_url = f"http://127.0.0.1:{port}"
    try:
        sent = _call("POST", f"{base_url}/sandbox/say", json={"channel": channel, "text": text})
        reason = _print_replies(base_url, channel, sent)
    except requests.ConnectionError as error:
        raise click.ClickException(f"the sandbox does not answer on port {port}; start it with `make run`") from error
    except requests.RequestException as error:
        raise click.ClickException(f"the sandbox on port {port} is too slow, or is not the sandbox") from error
    if reason:
        raise click.ClickException(reason)


def _print_replies(base_url: str, channel: str, sent: dict[str, Any]) -> str:
    """Print replies as they come; return why there was none, or ""."""
    contact, seen = quote(sent["contact_ref"], safe=""), sent["message"]["seq"]
    replies_url = f"{base_url}/sandbox/contacts/{channel}/{contact}/messages"
    ends_at, has_reply = time.monotonic() + WAIT_S, False
    while time.monotonic() < ends_at:
        for reply in _call("GET", replies_url, params={"after": seen})["items"]:
            click.echo(reply["text"])
            has_reply, seen, ends_at = True, reply["seq"], time.monotonic() + SILENCE_S
        time.sleep(POLL_S)
    return "" if has_reply else _why(base_url, channel, sent["message"]["at_ms"])


def _why(base_url: str, channel: str, since_ms: int) -> str:
    state = _call("GET", f"{base_url}/sandbox/state")
    none_came = f"no reply came within {WAIT_S:.0f} s"
    if state["trouble"]:
        return f"{none_came}: {state['trouble']}"
    phone = next(phone for phone in state["phones"] if phone["channel"] == channel)
    said = [line["text"] for line in phone["strip"] if line["tone"] == "attention" and line["at_ms"] >= since_ms]
    earlier = [line["text"] for line in phone["strip"] if line["tone"] == "attention"][-1:]
    if said or earlier:
        return f"{none_came}: {'; '.join(said or earlier)}"
    return f"{none_came}; the strip beside the phone shows whether the message arrived and who should answer it"


def _call(method: str, url: str, **values: Any) -> dict[str, Any]:
    reply = requests.request(method, url, timeout=_TIMEOUT_S, **values)
    body: dict[str, Any] = reply.json()
    if reply.status_code >= 400:
        raise click.ClickException(body.get("error", {}).get("message", f"the sandbox answered {reply.status_code}"))
    return body
