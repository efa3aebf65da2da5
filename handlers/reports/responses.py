"""How long contacts wait for a person."""

from domain.reports import Chart, Number, Table, Unit
from handlers.reports.stretches import Measure, Stretch
from handlers.reports.tables import Users, averages_table, durations_chart, steps_chart

MINUTE_MS = 60_000
STEPS = {
    "under 30 s": 30_000,
    "30 s–2 min": 2 * MINUTE_MS,
    "2–5 min": 5 * MINUTE_MS,
    "5–10 min": 10 * MINUTE_MS,
    "10–30 min": 30 * MINUTE_MS,
    "30–60 min": 60 * MINUTE_MS,
    "over 1 h": 0,
}
KINDS = {"first_response": "First response", "response": "Response"}
HINTS = {
    "first_response": "From the opening to the first reply of a person; bot, automations and API do not count.",
    "response": "From the first message that waited to the reply of a person, every time.",
}


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return how many there were of each kind, and how long they took."""
    return tuple(number for kind in KINDS for number in _numbers(now, before, kind))


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return each kind over time and in steps."""
    return tuple(
        chart
        for kind, label in KINDS.items()
        for chart in (
            durations_chart(now, kind, f"{kind}_ms", key=f"{kind}_time", title=f"{label} time"),
            steps_chart(now, before, kind, title=f"How long a {label.lower()} took", steps=STEPS),
        )
    )


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return both by channel."""
    return tuple(
        averages_table(now, kind, f"{kind}_ms", "channel", title=f"{label} time by channel", users=users)
        for kind, label in KINDS.items()
    )


def _numbers(now: Stretch, before: Stretch, kind: str) -> tuple[Number, ...]:
    behind = {"what": "responded"} if kind == "first_response" else {}
    label, hint = KINDS[kind], HINTS[kind]
    measured: tuple[tuple[str, str, str, Measure], ...] = (
        ("average", "average", "The mean.", lambda one: one.average_ms(kind, f"{kind}_ms")),
        ("median", "median", "Half took no longer. Within 2 %.", lambda one: one.percentile_ms(kind, 0.5)),
        ("p90", "90 % within", "Nine of ten took no longer. Within 2 %.", lambda one: one.percentile_ms(kind, 0.9)),
    )
    return (
        Number(
            key=kind,
            label=f"{label}s",
            value=now.total(kind),
            before=before.total(kind),
            hint=hint,
            behind=behind,
        ),
        *(
            Number(
                key=f"{kind}_{key}",
                label=f"{label} time, {words}",
                value=measure(now),
                before=measure(before),
                unit=Unit.DURATION,
                hint=f"{what} {hint}",
                behind=behind,
            )
            for key, words, what, measure in measured
        ),
    )
