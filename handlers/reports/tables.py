"""Tables and charts that several reports have."""

from domain.durations import percentile_ms
from domain.reports import Axis, Chart, Column, Row, Series, Shape, Table, Unit
from handlers.reports.labels import label_of
from handlers.reports.stretches import Stretch, ratio

Users = dict[str, str]


def counts_table(
    now: Stretch,
    before: Stretch,
    metric: str,
    dimension: str,
    *,
    title: str,
    users: Users,
    what: str = "",
    key: str = "",
) -> Table:
    """Return a metric by a dimension, with its share and the previous period.

    what: leads to those conversations. key: of the table, if that is not metric_by_dimension.
    """
    counts, earlier = now.whole.by(metric, dimension), before.whole.by(metric, dimension)
    total = sum(counts.values())
    rows = [
        Row(
            key=value,
            label=label_of(dimension, value, users),
            values=(
                counts.get(value, 0),
                ratio(counts.get(value, 0), total),
                earlier.get(value, 0) if before.is_counted else None,
            ),
            behind={"what": what, dimension: value} if what and value and counts.get(value) else {},
        )
        for value in sorted({*counts, *earlier}, key=lambda value: (-counts.get(value, 0), value))
    ]
    return Table(
        key=key or f"{metric}_by_{dimension}",
        title=title,
        of=dimension.capitalize(),
        columns=(
            Column("count", "Number"),
            Column("share", "Share", Unit.SHARE),
            Column("previous", "Previous period"),
        ),
        rows=tuple(rows),
        is_known=now.knows(metric),
    )


def averages_table(
    now: Stretch, metric: str, sum_metric: str, dimension: str, *, title: str, users: Users, what: str = ""
) -> Table:
    """Return how often and how long in the mean, by a dimension."""
    counts, sums = now.whole.by(metric, dimension), now.whole.by(sum_metric, dimension)
    rows = [
        Row(
            key=value,
            label=label_of(dimension, value, users),
            values=(count, ratio(sums.get(value, 0), count)),
            behind={"what": what, dimension: value} if what and value else {},
        )
        for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return Table(
        key=f"{sum_metric.removesuffix('_ms')}_time_by_{dimension}",
        title=title,
        of=dimension.capitalize(),
        columns=(Column("count", "Number"), Column("average", "Average", Unit.DURATION)),
        rows=tuple(rows),
        is_known=now.knows(metric),
    )


def durations_chart(now: Stretch, metric: str, sum_metric: str, *, key: str, title: str) -> Chart:
    """Return median, 90th percentile and average over time."""
    axis, labels, _ = now.points
    return Chart(
        key=key,
        title=title,
        shape=Shape.LINES,
        axis=axis,
        labels=labels,
        series=(
            now.over_time("median", "Median", lambda one: percentile_ms(one.durations(metric), 0.5)),
            now.over_time("p90", "90th percentile", lambda one: percentile_ms(one.durations(metric), 0.9)),
            now.over_time("average", "Average", lambda one: ratio(one.total(sum_metric), one.total(metric))),
        ),
        unit=Unit.DURATION,
    )


def steps_chart(now: Stretch, before: Stretch, metric: str, *, title: str, steps: dict[str, int]) -> Chart:
    """Return how many durations lie in each step. steps: the longest of each but the last (ms), by its name."""
    edges, labels = tuple(steps.values())[:-1], tuple(steps)
    values, earlier = now.steps(metric, edges), before.steps(metric, edges)
    return Chart(
        key=f"{metric}_steps",
        title=title,
        shape=Shape.BARS,
        axis=Axis.STEP,
        labels=labels,
        series=(
            Series("now", "This period", tuple(values or [None] * len(labels))),
            Series("previous", "Previous period", tuple(earlier or [None] * len(labels))),
        ),
    )
