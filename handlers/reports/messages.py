"""Who writes how much."""

from domain.reports import Chart, Number, Shape, Table
from handlers.reports.labels import SENDERS
from handlers.reports.stretches import Stretch
from handlers.reports.tables import Users, counts_table


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return messages in and out."""
    return (
        Number(
            key="messages_in",
            label="Messages in",
            value=_in(now),
            before=_in(before),
            hint="Written by contacts.",
        ),
        Number(
            key="messages_out",
            label="Messages out",
            value=_out(now),
            before=_out(before),
            hint="Written by users, the bot, automations and the API, whether or not they arrived.",
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return messages over time by who wrote them; with a user, only what users wrote."""
    axis, labels, _ = now.points
    senders = {"user": SENDERS["user"]} if now.filters.user else SENDERS
    return (
        Chart(
            key="messages",
            title="Messages",
            shape=Shape.LINES,
            axis=axis,
            labels=labels,
            series=tuple(now.part_over_time("message", "sender", sender, label) for sender, label in senders.items()),
        ),
    )


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return messages by sender and by channel."""
    return tuple(
        counts_table(
            now,
            before,
            "message",
            dimension,
            title=f"Messages by {dimension}",
            users=users,
            key=f"messages_by_{dimension}",
        )
        for dimension in ("sender", "channel")
    )


def _in(stretch: Stretch) -> int | None:
    return None if stretch.filters.user else stretch.one_of("message", "sender", "contact")


def _out(stretch: Stretch) -> int | None:
    counts = stretch.whole.by("message", "sender")
    return sum(counts.values()) - counts.get("contact", 0) if stretch.knows("message") else None
