"""`flask --app app setting`: changes what the platform keeps in its store, until there is a page for it."""

from collections.abc import Callable, Collection

import click

from domain.errors import StoreError
from store.platform import Platform

NAMES = """\b
  welcome_opens:CHANNEL   yes | no    a welcome event opens a conversation (yes)
  welcome_text:viber:BOT  TEXT        what a Viber bot says when the agent is late
  sender_name:viber:BOT   TEXT        the name that a Viber bot's contacts see
  bot_back_on_at_close    yes | no    a close switches the bot on again (yes)

CHANNEL is facebook:PAGE or viber:BOT. An empty VALUE takes a setting back."""
_PLATFORM_WIDE = ("bot_back_on_at_close",)
#: Of which kinds of channel a setting is said.
_PER_CHANNEL = {"welcome_opens": ("facebook", "viber"), "welcome_text": ("viber",), "sender_name": ("viber",)}
_YES_OR_NO = ("welcome_opens", "bot_back_on_at_close")


def command(make_store: Callable[[], Platform], find_channels: Callable[[], Collection[str]]) -> click.Command:
    """Return the command; the arguments are called when it runs, so that its --help works without settings.

    find_channels: returns the connected ones, as `kind:account`.
    """

    @click.command("setting", help=f"Change a setting of the running platform.\n\n{NAMES}")
    @click.argument("name")
    @click.argument("value")
    def setting(name: str, value: str) -> None:
        if problem := _problem(name, value):
            raise click.UsageError(problem)
        store, channel = make_store(), name.partition(":")[2]
        if channel and value and channel not in (known := sorted(find_channels())):  # a channel that is gone is tidied
            raise click.ClickException(f"no channel {channel!r} is connected; connected: {', '.join(known) or 'none'}")
        try:
            store.change_setting(name, value)
        except StoreError as error:
            raise click.ClickException(f"{error}. Is the platform running?") from error
        click.echo(f"{name} is {'back to its default' if not value else 'set'}; it holds within 2 seconds.")

    return setting


def _problem(name: str, value: str) -> str:
    setting, _, channel = name.partition(":")
    kind, _, account = channel.partition(":")
    if name not in _PLATFORM_WIDE and setting not in _PER_CHANNEL:
        return f"there is no setting {name!r}; see --help"
    if setting in _PER_CHANNEL and not (kind in _PER_CHANNEL[setting] and account):
        examples = {"facebook": "facebook:1234567890", "viber": "viber:shop"}
        said = " or ".join(f"{setting}:{examples[one]}" for one in _PER_CHANNEL[setting])
        return f"{setting} is said of one channel, for example {said}"
    if setting in _YES_OR_NO and value not in ("yes", "no", ""):
        return f"{name} is yes or no"
    return ""
