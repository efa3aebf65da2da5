"""`flask --app app connect`: tells Facebook and Viber where we listen, and says how it went, channel by channel."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

from channels import ngrok
from channels.base import Step, is_loopback
from channels.facebook import Facebook
from channels.viber import Viber


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report. is_ok: False when something is left to do."""

    text: str
    is_ok: bool = True


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the command needs of the settings. public_url: empty leaves it to a running ngrok agent."""

    facebook: Facebook | None
    vibers: Sequence[Viber]
    public_url: str
    port: int


def command(load: Callable[[], Wiring]) -> click.Command:
    """Return the command; `load` is called when it runs, so that its --help works without settings."""

    @click.command("connect", help="Tell Facebook and Viber where Markdone listens. The web process must be running.")
    @click.option("--public-url", default="", help="Where the platforms reach us; goes before PUBLIC_URL and ngrok.")
    def run(public_url: str) -> None:
        wiring = load()
        url = public_url or wiring.public_url
        lines = list(_shown(connect(wiring.facebook, wiring.vibers, url, wiring.port, ngrok.API_URL)))
        if not all(line.is_ok for line in lines):
            raise click.exceptions.Exit(1)

    return run


def connect(
    facebook: Facebook | None, vibers: Sequence[Viber], public_url: str, port: int, ngrok_api_url: str
) -> Iterator[Line]:
    """Register every channel at `public_url`, or where the ngrok agent's tunnel to `port` ends; yield what happened.

    Nothing is registered when the address is of no use. No line holds a token.
    """
    if not (facebook or vibers):
        yield Line("No channel is configured: set FACEBOOK_PAGES or VIBER_BOTS first (docs/connect.md).", is_ok=False)
        return
    try:
        base = usable_url(public_url) if public_url else ngrok.find_public_url(port, ngrok_api_url)
    except ngrok.NoPublicAddress as error:
        yield Line(str(error), is_ok=False)
        return
    yield Line(f"Public address: {base}")
    if facebook:
        yield from _lines("facebook", facebook.register(f"{base}/webhooks/facebook"))
    for viber in vibers:
        yield from _lines("viber", viber.register(f"{base}/webhooks/viber/{viber.name}"))


def usable_url(url: str) -> str:
    """Return `url` without the slash at its end. Raises NoPublicAddress unless it is https, or http on this machine."""
    try:
        parts = urlsplit(url)
        is_plain = bool(parts.hostname) and not (parts.username or parts.query or parts.fragment)
    except ValueError:
        is_plain = False
    if is_plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        return url.rstrip("/")
    # Without the address: somebody may have put a password into it.
    raise ngrok.NoPublicAddress(
        "The public address cannot be registered: Facebook and Viber call nothing but https, without user, query or "
        "fragment. Give it as in --public-url https://markdone.example.com, or set PUBLIC_URL."
    )


def _lines(kind: str, steps: Iterator[Step]) -> Iterator[Line]:
    for step in steps:
        if step.problem:
            yield Line(f"{kind}: FAILED {step.what}: {step.problem}", is_ok=False)
        else:
            yield Line(f"{kind}: ok {step.what}")


def _shown(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        click.echo(line.text, err=not line.is_ok)
        yield line
