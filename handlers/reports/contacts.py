"""How many people write, and how many come back."""

from domain.reports import Chart, Column, Number, Row, Shape, Table
from handlers.reports.labels import label_of
from handlers.reports.stretches import Stretch
from handlers.reports.tables import Users


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return new and returning contacts, and those of closed conversations."""

    def number(key: str, label: str, hint: str, values: tuple[int | None, int | None], what: str = "") -> Number:
        behind = {"what": what} if what else {}
        return Number(key=key, label=label, value=values[0], before=values[1], hint=hint, behind=behind)

    both = (now, before)
    new, again = (tuple(one.one_of("opened", "age", age) for one in both) for age in ("new", "returning"))
    returning = tuple(one.contacts("contact_opened") for one in both)
    closed = tuple(one.contacts("contact_closed") for one in both)
    return (
        number("new", "New contacts", "Their first conversation opened.", (new[0], new[1])),
        number(
            "returning",
            "Returning contacts",
            "Different contacts who opened a conversation and had opened one before this period.",
            (returning[0], returning[1]),
        ),
        number(
            "returning_conversations",
            "Conversations of returning contacts",
            "Openings that were not a contact's first.",
            (again[0], again[1]),
        ),
        number(
            "unique_contacts_closed",
            "Unique contacts closed",
            "Different contacts whose conversations closed; the list has all of these conversations.",
            (closed[0], closed[1]),
            "closed",
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return conversations of new and of returning contacts over time."""
    axis, labels, _ = now.points
    names = {"new": "Of new contacts", "returning": "Of returning contacts"}
    return (
        Chart(
            key="new_and_returning",
            title="Conversations of new and of returning contacts",
            shape=Shape.LINES,
            axis=axis,
            labels=labels,
            series=tuple(now.part_over_time("opened", "age", age, label) for age, label in names.items()),
        ),
    )


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return both by channel."""
    counts = now.whole.by("opened", "channel", "age")
    rows = [
        Row(
            key=channel,
            label=label_of("channel", channel, users),
            values=tuple(counts.get(f"{channel}|{age}", 0) for age in ("new", "returning")),
        )
        for channel in sorted({key.split("|")[0] for key in counts})
    ]
    columns = (Column("new", "New contacts"), Column("returning", "Conversations of returning contacts"))
    return (Table(key="contacts_by_channel", title="By channel", of="Channel", columns=columns, rows=tuple(rows)),)
