"""How quarters of an hour become a local day: what each counted, with its hour, and days in the place of times."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from domain.metrics import HOURLY, METRICS
from domain.periods import QUARTER_MS, day_of


def add_quarter(counters: dict[str, int], counted: Mapping[str, int], quarter: int, day: date, zone: tzinfo) -> None:
    """Add what was counted in a quarter of an hour of `day` to the day's counters."""
    hour = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, zone).hour
    for name, count in counted.items():
        metric, _, rest = name.partition("|")
        dimensions = METRICS.get(metric)
        if dimensions is None:
            continue  # written by a later version
        if dimensions[-1] == "gap":
            name = f"{metric}|{_with_gap(rest, day, zone)}"
        counters[name] = counters.get(name, 0) + count
        if metric in HOURLY:
            name = f"{metric}_hour|{_with_hour(metric, rest, hour)}"
            counters[name] = counters.get(name, 0) + count


def _with_hour(metric: str, rest: str, hour: int) -> str:
    """The values with the hour in the place of what the metric by itself has there."""
    values = rest.split("|", len(METRICS[metric]) - 1)
    values[METRICS[f"{metric}_hour"].index("hour")] = str(hour)
    return "|".join(values)


def _with_gap(rest: str, day: date, zone: tzinfo) -> str:
    values, _, quarter = rest.rpartition("|")
    if not quarter:
        return rest
    before = day_of(int(quarter) * QUARTER_MS, zone)
    # A clock that was set back makes it the same day.
    return f"{values}|{max((day - before).days, 0)}"
