"""Days on which somebody comes, processes that count it, and a worker that sums it up."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.identities import Identity
from domain.metrics import Filters, ReportName
from domain.periods import Period
from store import Store, Summaries
from tests.conftest import StoppedClock
from tests.people import SUSAN, message
from tests.servers import Valkey
from turns.roll_ups import sum_up

SOFIA, KATHMANDU = ZoneInfo("Europe/Sofia"), ZoneInfo("Asia/Kathmandu")
HOUR_S, DAY_S = 3600, 86_400
FIRST = date(2027, 5, 10)
_numbers = itertools.count()
OPENED = ReportName.CONVERSATIONS


def another(valkey: Valkey, clock: StoppedClock) -> Store:
    """A process of its own."""
    store = Store(valkey.url, partitions=2, max_connections=20, timeout_s=5)
    store.now_ms = clock
    store.start()
    store.change_setting("time_zone", SOFIA.key)
    return store


def at(day: date, hour: int, minute: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=SOFIA).timestamp() * 1000)


def somebody_comes(store: Store, count: int = 1) -> None:
    """Contacts whom nobody knew open a conversation each."""
    for _ in range(count):
        store.receive([message(who=Identity("facebook", SUSAN.account, f"{store.now_ms()}{next(_numbers)}"))])


def look(store: Store) -> int:
    """The next look of a worker, once the claim of the last one is over."""
    store.connection.command(lambda client: client.delete(store.keys.roll_up))
    return sum_up(store)


def read(store: Store, days: int = 1, first: date = FIRST, **more: Any) -> Summaries:
    zone, filters = store.platform_settings().zone, more.pop("filters", Filters())
    return store.summaries(OPENED, Period(first, first + timedelta(days=days - 1)), zone, filters, **more)


def opened(store: Store, days: int = 1, first: date = FIRST, **more: Any) -> list[int]:
    """How many opened on each day, all of which must be there."""
    found = read(store, days, first, **more)
    assert found.missing == 0
    return totals(found)


def totals(found: Summaries) -> list[int]:
    return [summary.total("opened") for summary in found.days.values()]


def summed(store: Store, zone: ZoneInfo = SOFIA) -> set[str]:
    """The days that are stored; those that are not final end in PARTIAL."""
    return set(
        store.connection.command(lambda client: client.hkeys(store.keys.days(zone.key, store.sums().generation)))
    )


def live(store: Store, clock: StoppedClock, days: int) -> list[int]:
    """So many days on which somebody comes; return how many came on each. It is ten o'clock behind the last."""
    came = []
    for number in range(days):
        came.append(number % 3 + 1)
        somebody_comes(store, came[-1])
        clock.pass_s(DAY_S)
    return came
