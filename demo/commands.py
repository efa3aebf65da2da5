"""`flask --app app demo`: fills the store of the running platform with a quarter of a support team, to look at."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import click

from demo.hours import Quarter
from demo.patience import patiently
from demo.people import AGENTS, TEAM
from demo.performing import days_to_sum_up, perform
from demo.play import Play, make_play, name_of_play
from domain.errors import AppError, StoreError
from store import Store
from store.reenacting import SETTLED_MS

#: A play ends so long ago; the scripts must be able to tell its times from now.
ENDED_MS = SETTLED_MS + 60_000
MADE_UP = "demo"
HELP = """Fill the store of the running platform with a made-up quarter of a support team, to look at.

The same numbers give the same contacts, conversations and texts. It may be stopped, and goes on when it is run again.
What it adds cannot be taken out again, other than contact by contact. Nothing is sent to anybody."""


def command(
    make_store: Callable[[], Store], find_channels: Callable[[], tuple[str, str]], find_address: Callable[[], str]
) -> click.Command:
    """Return the command; the arguments are called when it runs.

    find_channels: returns the two channels that contacts are on, of Facebook and of Viber. find_address: where users
    find the platform.
    """

    @click.command("demo", help=HELP)
    @click.option("--conversations", type=click.IntRange(1, 1_000_000), default=3_000, show_default=True)
    @click.option("--days", type=click.IntRange(1, 400), default=90, show_default=True, help="Until today.")
    @click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another one, another quarter.")
    @click.option("--yes", is_flag=True, help="Do not ask first.")
    @click.option("--yes-add-to-real-contacts", "is_among_real", is_flag=True, help="Also where real people write.")
    def demo(conversations: int, days: int, seed: int, yes: bool, is_among_real: bool) -> None:
        with _errors_said():
            store = make_store()
            store.start()
            channels = find_channels()
            _look_around(store, channels, is_among_real=is_among_real)
            name = name_of_play(conversations, days, seed)
            _ask_first(store, name, conversations, days, channels, yes=yes)
            began = time.monotonic()
            play = _begin(store, name, conversations, days, seed, channels)
            with click.progressbar(length=conversations, label="Conversations") as bar:
                for count in perform(store, make_store, play):
                    bar.update(count)
            with click.progressbar(patiently(lambda: days_to_sum_up(store)), label="Sums of days") as left:
                for day in left:
                    patiently(partial(_sum_up, store, day))
            took = f"in {time.monotonic() - began:.0f} s"
            contacts = f"{len(play.stories):,} contacts with {conversations:,} conversations"
            click.echo(f"{contacts} are there, and summed up, {took}. Look at {find_address()}/reports.")
            click.echo(f"Nobody can log in as one of the team: user link {TEAM[AGENTS[0]].email} makes a link for it.")

    return demo


def choose_channels(own: Collection[str], of_run: Collection[str]) -> tuple[str, str]:
    """Return a channel of Facebook and one of Viber for contacts who are nobody.

    own: what is connected for real: then they are on accounts that are not connected, so that nothing can reach a
    platform. of_run: what a run beside us made up, which is this machine's sandbox.
    """
    found = [next((one for one in sorted(of_run) if one.startswith(f"{kind}:")), "") for kind in ("facebook", "viber")]
    if not own and all(found):
        return found[0], found[1]
    account = MADE_UP
    while {f"facebook:{account}", f"viber:{account}"} & set(own):
        account += "-play"
    return f"facebook:{account}", f"viber:{account}"


def _look_around(store: Store, channels: tuple[str, str], *, is_among_real: bool) -> None:
    if not store.has_users():
        raise click.ClickException(
            "nobody can log in yet, and the team's users would void the link for the first owner. Open the link that "
            "make run printed (user add EMAIL --role owner makes another), then run this again."
        )
    others = store.count_contacts_off(*channels)
    if others and not is_among_real:
        raise click.ClickException(
            f"the store at {store.place} has contacts of its own ({others:,}). Made-up ones among them would be in "
            "every list and every report, for good. If that is what you want: --yes-add-to-real-contacts."
        )


def _ask_first(store: Store, name: str, conversations: int, days: int, channels: tuple[str, str], *, yes: bool) -> None:
    what = (
        f"{conversations:,} conversations of {days} days, on {channels[0]} and {channels[1]}, and a team of {len(TEAM)}"
    )
    if store.find_play(name):
        click.echo(f"The store at {store.place} has some or all of these already; only what is missing is added.")
    click.echo(f"This adds {what} to the store at {store.place}. It cannot be undone.")
    if not yes:
        click.confirm("Go on?", abort=True)


def _begin(store: Store, name: str, conversations: int, days: int, seed: int, channels: tuple[str, str]) -> Play:
    """The play as it was when it began first: also on another day it is the same one that goes on."""
    zone = store.platform_settings().time_zone
    said = store.begin_play(name, f"{store.now_ms() - ENDED_MS} {zone} {' '.join(channels)}")
    now_ms, zone, facebook, viber = said.split(" ")
    return make_play(conversations, Quarter(int(now_ms), days, ZoneInfo(zone)), seed, facebook, viber)


def _sum_up(store: Store, day: date) -> None:
    store.sum_up_day(day, store.platform_settings().zone)


@contextmanager
def _errors_said() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise click.ClickException(
            f"{error}. Is the platform running? What was added so far is kept. Run the same command again: it goes on "
            "from here."
        ) from error
    except AppError as error:
        raise click.ClickException(str(error)) from error
