"""How reports name and write things for programs: in the API and in CSV files, both alike."""

from domain.reports import Unit, Value

UNITS = {Unit.COUNT: "count", Unit.DURATION: "seconds", Unit.SHARE: "share"}


def machine_key(key: str, unit: Unit) -> str:
    """Return a key as programs read it; those of durations end in `_s`."""
    return f"{key}_s" if unit is Unit.DURATION else key


def machine_value(value: Value, unit: Unit) -> Value:
    """Return a value as programs read it: durations in seconds, shares from 0 to 1."""
    if value is None or unit is Unit.COUNT:
        return value
    return round(value / 1000, 3) if unit is Unit.DURATION else round(value, 6)
