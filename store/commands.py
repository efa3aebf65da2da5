"""`flask --app app setting`: changes what the platform keeps in its store, until there is a page for it."""

from collections.abc import Callable

import click

from domain.errors import StoreError
from store.platform import Platform

NAMES = """\b
  welcome_opens:CHANNEL   yes | no    a welcome event opens a conversation (yes)
  welcome_text:CHANNEL    TEXT        what a Viber bot says when the agent is late
  sender_name:CHANNEL     TEXT        the name that a Viber bot's contacts see
  bot_back_on_at_close    yes | no    a close switches the bot on again (yes)

CHANNEL is facebook:PAGE or viber:BOT. An empty VALUE takes a setting back."""
_YES_OR_NO = ("welcome_opens", "bot_back_on_at_close")


def command(make_store: Callable[[], Platform]) -> click.Command:
    """Return the command; `make_store` is called when it runs, so that its --help works without settings."""

    @click.command("setting", help=f"Change a setting of the running platform.\n\n{NAMES}")
    @click.argument("name")
    @click.argument("value")
    def setting(name: str, value: str) -> None:
        if problem := _problem(name, value):
            raise click.UsageError(problem)
        try:
            make_store().change_setting(name, value)
        except StoreError as error:
            raise click.ClickException(f"{error}. Is the platform running?") from error
        click.echo(f"{name} is {'back to its default' if not value else 'set'}; it holds within 2 seconds.")

    return setting


def _problem(name: str, value: str) -> str:
    kind, _, channel = name.partition(":")
    if kind in ("welcome_opens", "welcome_text", "sender_name"):
        if not channel.startswith(("facebook:", "viber:")):
            return f"{kind} is said of one channel, for example {kind}:viber:shop"
    elif name != "bot_back_on_at_close":
        return f"there is no setting {name!r}; see --help"
    if kind in _YES_OR_NO and value not in ("yes", "no", ""):
        return f"{name} is yes or no"
    return ""
