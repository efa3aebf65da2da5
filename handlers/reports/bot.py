"""How the bot does: what it answers, what it misses, and what it gives to people."""

from domain.reports import Chart, Column, Number, Row, Shape, Table, Unit
from domain.summaries import Summary
from handlers.reports.labels import FAILURES, label_of
from handlers.reports.stretches import Measure, Stretch, ratio
from handlers.reports.tables import Users, counts_table


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return answers, fallbacks, failures, hand-offs and what the bot finished."""

    def number(key: str, label: str, hint: str, what: dict[str, str] | None = None, unit: Unit = Unit.COUNT) -> Number:
        values = [MEASURES[key](one) for one in (now, before)]
        return Number(key=key, label=label, value=values[0], before=values[1], unit=unit, hint=hint, behind=what or {})

    closed = {"what": "closed", "source": "dialogflow"}
    return (
        number("answers", "Answers", "Messages and events that the agent answered."),
        number("fallback_share", "Fallback share", "Answers by a fallback intent or none.", unit=Unit.SHARE),
        number("failures", "Failures", "Questions that Dialogflow did not answer."),
        number("handed_off", "Hand-offs", "Conversations in which a person was asked for or took over."),
        number("rb_markdone", "Closed by RB_MARKDONE", "Conversations that the agent closed.", closed),
        number("solved_by_bot", "Solved by the bot alone", "Closed without any person having been there."),
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """Return answers, fallbacks and hand-offs over time."""
    axis, labels, _ = now.points
    return (
        Chart(
            key="bot",
            title="Answers, fallbacks and hand-offs",
            shape=Shape.LINES,
            axis=axis,
            labels=labels,
            series=(
                now.over_time("answers", "Answers", _answers),
                now.part_over_time("answered", "outcome", "fallback", "Fallbacks"),
                now.counts_over_time("handed_off", "Hand-offs"),
            ),
        ),
    )


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return intents, reasons of hand-offs and failures."""
    return (
        _intents(now, before),
        counts_table(now, before, "handed_off", "reason", title="Hand-offs by reason", users=users),
        _failures(now, before),
    )


def _answers(one: Summary) -> int:
    outcomes = one.by("answered", "outcome")
    return outcomes.get("matched", 0) + outcomes.get("fallback", 0)


MEASURES: dict[str, Measure] = {
    "answers": lambda one: _answers(one.whole) if one.knows("answered") else None,
    "fallback_share": lambda one: ratio(one.one_of("answered", "outcome", "fallback"), _answers(one.whole)),
    "failures": lambda one: one.one_of("answered", "outcome", "failed"),
    "handed_off": lambda one: one.total("handed_off"),
    "rb_markdone": lambda one: one.one_of("closed", "source", "dialogflow"),
    "solved_by_bot": lambda one: one.total("solved_by_bot"),
}


def _intents(now: Stretch, before: Stretch) -> Table:
    def counts(one: Stretch) -> dict[tuple[str, str], int]:
        found = one.whole.by("answered", "outcome", "intent")
        return {(key.split("|", 1)[0], key.split("|", 1)[1]): count for key, count in found.items()}

    these, earlier, total = counts(now), counts(before), _answers(now.whole)
    rows = [
        Row(
            key=intent,
            label=label_of("intent", intent, {}) + (" (fallback)" if outcome == "fallback" and intent else ""),
            values=(count, ratio(count, total), earlier.get((outcome, intent), 0)),
        )
        for (outcome, intent), count in sorted(these.items(), key=lambda pair: (-pair[1], pair[0]))
        if outcome != "failed"
    ]
    columns = (Column("count", "Answers"), Column("share", "Share", Unit.SHARE), Column("previous", "Previous period"))
    return Table(key="intents", title="Intents", of="Intent", columns=columns, rows=tuple(rows))


def _failures(now: Stretch, before: Stretch) -> Table:
    def counts(one: Stretch) -> dict[str, int]:
        found = one.whole.by("answered", "outcome", "intent")
        return {key.split("|", 1)[1]: count for key, count in found.items() if key.startswith("failed|")}

    these, earlier = counts(now), counts(before)
    rows = [
        Row(key=failure, label=FAILURES.get(failure, failure), values=(these.get(failure, 0), earlier.get(failure, 0)))
        for failure in sorted({*these, *earlier}, key=lambda failure: (-these.get(failure, 0), failure))
    ]
    columns = (Column("count", "Number"), Column("previous", "Previous period"))
    return Table(key="failures", title="Failures", of="Reason", columns=columns, rows=tuple(rows))
