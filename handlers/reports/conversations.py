"""How many conversations opened and closed, and when."""

from domain.reports import Axis, Chart, Number, Series, Shape, Table
from handlers.reports.labels import WEEKDAYS
from handlers.reports.stretches import Stretch
from handlers.reports.tables import Users, counts_table

HOURS = tuple(str(hour) for hour in range(24))


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return opened and closed."""
    return (
        Number(
            key="opened",
            label="Conversations opened",
            value=now.total("opened"),
            before=before.total("opened"),
            hint="Openings, whatever opened them.",
            behind={"what": "opened"},
        ),
        Number(
            key="closed",
            label="Conversations closed",
            value=now.total("closed"),
            before=before.total("closed"),
            hint="Closings, whatever closed them; a conversation closes once.",
            behind={"what": "closed"},
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return opened against closed, and when in the week they open."""
    return _opened_and_closed(now), _heat(now)


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return both by everything that is known of them."""

    def table(metric: str, dimension: str, title: str) -> Table:
        return counts_table(now, before, metric, dimension, title=title, users=users, what=metric)

    return (
        table("opened", "source", "Opened by source"),
        table("closed", "source", "Closed by source"),
        table("opened", "channel", "Opened by channel"),
        table("closed", "category", "Closed by category"),
        table("closed", "user", "Closed by user"),
    )


def _opened_and_closed(now: Stretch) -> Chart:
    names = {"opened": "Opened", "closed": "Closed"}
    if now.period.length == 1:
        axis, labels = Axis.HOUR, HOURS
        series = tuple(_by_hour(now, metric, label) for metric, label in names.items())
    else:
        axis, labels, _ = now.points
        series = tuple(now.counts_over_time(metric, label) for metric, label in names.items())
    return Chart(
        key="opened_and_closed",
        title="Opened and closed",
        shape=Shape.LINES,
        axis=axis,
        labels=labels,
        series=series,
    )


def _by_hour(now: Stretch, metric: str, label: str) -> Series:
    counts, day, is_known = now.whole.by(f"{metric}_hour", "hour"), now.period.first, now.knows(metric)
    begun = (is_known and now.has_begun(day, int(hour)) for hour in HOURS)
    return Series(
        metric, label, tuple(counts.get(hour, 0) if has else None for hour, has in zip(HOURS, begun, strict=True))
    )


def _heat(now: Stretch) -> Chart:
    """A weekday that is not in the period has no values, nor has an hour that is still to come."""
    counts: dict[tuple[int, int], int] = {}
    for day, summary in now.days.items() if now.knows("opened") else ():
        found = summary.by("opened_hour", "hour")
        for hour in range(len(HOURS)):
            if now.has_begun(day, hour):
                place = (day.weekday(), hour)
                counts[place] = counts.get(place, 0) + found.get(str(hour), 0)
    return Chart(
        key="openings_by_hour",
        title="Openings by weekday and hour",
        shape=Shape.HEAT,
        axis=Axis.HOUR,
        labels=HOURS,
        series=tuple(
            Series(name.lower(), name, tuple(counts.get((weekday, hour)) for hour in range(len(HOURS))))
            for weekday, name in enumerate(WEEKDAYS)
        ),
    )
