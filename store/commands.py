"""`flask --app app setting`: changes what the platform keeps in its store, as the pages of Settings do."""

from collections.abc import Callable, Collection

import click

from domain.errors import BadPayload, StoreError
from domain.platform_settings import SIMPLE, read_setting
from store.platform import Platform
from store.setting_words import LISTS

NAMES = """\b
  time_zone               NAME        in which times are shown and days begin (UTC)
  business_hours          HOURS       mon 09:00-12:00 13:00-18:00; sat 09:00-12:00; closed 2026-12-25 (always open)
  keeps_assignee          yes | no    the next conversation keeps the assignee (no)
  bot_back_on_at_close    yes | no    a close switches the bot on again (yes)
  bot_pauses_on_reply     yes | no    a user's message silences the bot (yes)
  bot_pauses_on_assign    yes | no    so does giving the conversation to a user (yes)
  auto_close_after_h      0 to 336    hours until forgotten ones close; 0: never (0)
  retention_days          0 to 3650   days from a contact's last close until it is deleted; 0: never (0)
  closing_note_mode       optional | category | both | disabled (optional)
  privacy_contact         TEXT        whom contacts ask about their data
  welcome_opens:CHANNEL   yes | no    a welcome event opens a conversation (yes)
  welcome_text:viber:BOT  TEXT        what a Viber bot says when the agent is late
  sender_name:viber:BOT   TEXT        the name that a Viber bot's contacts see

CHANNEL is facebook:PAGE or viber:BOT. An empty VALUE takes a setting back; so it does with the lists
closing_categories, canned_replies and custom_fields, which are kept in Settings."""
#: Of which kinds of channel a setting is said.
_PER_CHANNEL = {"welcome_opens": ("facebook", "viber"), "welcome_text": ("viber",), "sender_name": ("viber",)}


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
    if name in LISTS:
        return f"{name} is kept on the page of Settings; here it can only be emptied" if value else ""
    if name not in SIMPLE and setting not in _PER_CHANNEL:
        return f"there is no setting {name!r}; see --help"
    if setting in _PER_CHANNEL and not (kind in _PER_CHANNEL[setting] and account):
        examples = {"facebook": "facebook:1234567890", "viber": "viber:shop"}
        said = " or ".join(f"{setting}:{examples[one]}" for one in _PER_CHANNEL[setting])
        return f"{setting} is said of one channel, for example {said}"
    try:
        if value:
            read_setting(setting, value)
    except BadPayload as error:
        return f"{name}: {error}"
    return ""
