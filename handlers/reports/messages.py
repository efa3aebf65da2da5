"""Who writes how much."""

from domain.reports import Chart, Number, Shape, Table
from domain.summaries import Summary
from handlers.reports.labels import SENDERS
from handlers.reports.stretches import Stretch
from handlers.reports.tables import Users, counts_table


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return messages in and out."""
    return (
        Number(
            key="messages_in",
            label="Messages in",
            value=now.one_of("message", "sender", "contact"),
            before=before.one_of("message", "sender", "contact"),
            hint="Written by contacts.",
        ),
        Number(
            key="messages_out",
            label="Messages out",
            value=_out(now.whole),
            before=_out(before.whole),
            hint="Written by users, the bot, automations and the API, whether or not they arrived.",
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return messages over time by who wrote them."""
    axis, labels, _ = now.points
    return (
        Chart(
            key="messages",
            title="Messages",
            shape=Shape.LINES,
            axis=axis,
            labels=labels,
            series=tuple(now.part_over_time("message", "sender", sender, label) for sender, label in SENDERS.items()),
        ),
    )


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return messages by sender and by channel."""
    return tuple(
        counts_table(now, before, "message", dimension, title=f"Messages by {dimension}", users=users)
        for dimension in ("sender", "channel")
    )


def _out(whole: Summary) -> int:
    return sum(count for sender, count in whole.by("message", "sender").items() if sender != "contact")
