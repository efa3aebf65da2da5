"""How long conversations take from their opening to their close."""

from domain.reports import Chart, Number, Table, Unit
from handlers.reports.stretches import Measure, Stretch
from handlers.reports.tables import Users, averages_table, durations_chart, steps_chart

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
STEPS = {
    "under 5 min": 5 * MINUTE_MS,
    "5–30 min": 30 * MINUTE_MS,
    "30–60 min": HOUR_MS,
    "1–4 h": 4 * HOUR_MS,
    "4–24 h": DAY_MS,
    "1–3 d": 3 * DAY_MS,
    "over 3 d": 0,
}
MEASURES: dict[str, tuple[str, str, Measure]] = {
    "average": (
        "Average Resolution Time",
        "From opened to closed, the mean of what closed in this period.",
        lambda one: one.average_ms("closed", "resolution_ms"),
    ),
    "median": (
        "Median Resolution Time",
        "Half of what closed took no longer. Within 2 %.",
        lambda one: one.percentile_ms("closed", 0.5),
    ),
    "p90": (
        "90 % resolved within",
        "Nine of ten that closed took no longer. Within 2 %.",
        lambda one: one.percentile_ms("closed", 0.9),
    ),
    "longest": (
        "Longest Resolution Time",
        "The longest of what closed. Within 2 %.",
        lambda one: one.longest_ms("closed"),
    ),
}


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return the Closed Count and the Resolution Time."""
    return (
        Number(
            key="closed",
            label="Closed Count",
            value=now.total("closed"),
            before=before.total("closed"),
            hint="Closings; open conversations are not resolved yet.",
            behind={"what": "closed"},
        ),
        *(
            Number(
                key=f"resolution_{key}",
                label=label,
                value=measure(now),
                before=measure(before),
                unit=Unit.DURATION,
                hint=hint,
                behind={"what": "closed"},
            )
            for key, (label, hint, measure) in MEASURES.items()
        ),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return the Resolution Time over time and in steps."""
    over_time = durations_chart(now, "closed", "resolution_ms", key="resolution_time", title="Resolution Time")
    return over_time, steps_chart(now, before, "closed", title="How long it took", steps=STEPS)


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return the Resolution Time by what is known of closings."""
    return tuple(
        averages_table(
            now,
            "closed",
            "resolution_ms",
            dimension,
            title=f"Resolution Time by {dimension}",
            users=users,
            what="closed",
        )
        for dimension in ("source", "category", "channel")
    )
