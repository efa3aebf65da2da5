"""Who gets conversations, from whom."""

from domain.reports import Chart, Number, Shape, Table
from handlers.reports.stretches import Stretch
from handlers.reports.tables import Users, counts_table


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return assignments, and how many of them took a conversation away."""
    return (
        Number(
            key="assigned",
            label="Assignments",
            value=now.total("assigned"),
            before=before.total("assigned"),
            hint="Each time an open conversation is given to a user, or taken from one.",
        ),
        Number(
            key="unassigned",
            label="Of these, to nobody",
            value=_to_nobody(now),
            before=_to_nobody(before),
            hint="A conversation was taken from a user and given to nobody.",
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return assignments over time."""
    axis, labels, _ = now.points
    series = (now.counts_over_time("assigned", "Assignments"),)
    return (Chart(key="assignments", title="Assignments", shape=Shape.BARS, axis=axis, labels=labels, series=series),)


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return assignments by source, by who got them and by who made them."""
    titles = {
        "source": ("By source", "assigned_by_source"),
        "user": ("Given to", "assigned_to"),
        "by": ("Given by", "assigned_by"),
    }
    return tuple(
        counts_table(now, before, "assigned", dimension, title=title, users=users, key=key)
        for dimension, (title, key) in titles.items()
    )


def _to_nobody(stretch: Stretch) -> int | None:
    return None if stretch.filters.user else stretch.one_of("assigned", "user", "")
