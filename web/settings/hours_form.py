"""The form of the business hours: a line for each day of the week, and the days when all is closed."""

from collections.abc import Callable
from typing import Any

from wtforms import Form, StringField, TextAreaField, ValidationError

from domain.business_hours import DAYS, MOST_CLOSED_DAYS, BusinessHours, read_closed_days, read_day, write_day
from domain.errors import BadPayload
from web.settings.forms import tidy


class Reads:
    """A validator: the function of domain/ can read what the field says."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    def __call__(self, form: Form, field: Any) -> None:
        try:
            self._read(field.data or "")
        except BadPayload as error:
            raise ValidationError(str(error)) from None


def _day(name: str) -> StringField:
    return StringField(name, [Reads(read_day)], filters=[tidy])


class HoursForm(Form):
    """When the business is open. The setting is one text, made of all of these."""

    mon, tue, wed, thu, fri, sat, sun = (_day(name) for name in DAYS.values())
    closed_days = TextAreaField(
        "Closed days",
        [Reads(read_closed_days)],
        filters=[tidy],
        description=f"Holidays and the like, one on each line, as 2026-12-25. At most {MOST_CLOSED_DAYS}.",
    )

    @classmethod
    def of(cls, hours: BusinessHours) -> "HoursForm":
        """Return the form filled in."""
        days = {name: write_day(day) for name, day in zip(DAYS, hours.week, strict=True)}
        return cls(data={**days, "closed_days": "\n".join(map(str, hours.closed_days))})

    @property
    def days(self) -> list[Any]:
        """The fields of the days, from Monday on."""
        return [self[name] for name in DAYS]

    @property
    def hours(self) -> BusinessHours:
        """What a form that is valid says."""
        week = tuple(read_day(field.data) for field in self.days)
        return BusinessHours(week, read_closed_days(self.closed_days.data))
