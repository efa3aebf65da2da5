"""What a page of reports is asked for, all of it in its address, and the addresses with something changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from domain.errors import BadPayload
from domain.metrics import Filters, ReportName
from domain.periods import Period, Preset, period_of
from domain.texts import clean
from handlers.reports import filterable
from web.reports.reading import parse_filters, parse_period

FILTERS = ("channel", "source", "user", "category")
_KNOWN = ("preset", "from", "to", *FILTERS, "sort")
MAX_SORT_CHARS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as it was asked for. errors: a sentence by what is wrong (period, filters), with a default instead."""

    name: ReportName
    period: Period
    preset: Preset | None
    filters: Filters = field(default_factory=Filters)
    sort: str = ""  # table.column, or table.-column with the largest first
    words: dict[str, str] = field(default_factory=dict)  # as they were written
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where this very page is."""
        return self._address(f"/reports/{self.name}", self._period_words(), {"sort": self.sort})

    def with_preset(self, preset: Preset) -> str:
        """The same for a period with a name."""
        return self._address(f"/reports/{self.name}", {"preset": preset}, {"sort": self.sort})

    def without_filters(self) -> str:
        """The same for everything."""
        return replace(self, filters=Filters()).address

    def sorted_by(self, sort: str) -> str:
        """The same in another order."""
        return replace(self, sort=sort).address

    def of_report(self, name: ReportName) -> str:
        """Another report of the same period, with those of the filters that it can take."""
        given = {key: value for key, value in self.filters.given().items() if key in filterable(name)}
        return replace(self, name=name, filters=Filters(**given), sort="").address

    def behind(self, behind: Mapping[str, str]) -> str:
        """The list of conversations behind a number."""
        dates = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        what = {"what": behind["what"]}
        return self._address("/reports/list", {**what, **dates}, behind)

    def file(self) -> str:
        """The same as a file."""
        return self._address(f"/reports/{self.name}.csv", self._period_words(), {})

    def _period_words(self) -> dict[str, str]:
        if self.preset:
            return {"preset": self.preset}
        return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}

    def _address(self, path: str, first: Mapping[str, str], more: Mapping[str, str]) -> str:
        words = {**first, **self.filters.given(), **more}
        return f"{path}?{urlencode({name: value for name, value in words.items() if value})}"


def read_asked(words: Mapping[str, str], name: ReportName, today: date) -> Asked:
    """Return what is asked for; what cannot be is said in its errors."""
    words = {key: clean(words.get(key, "")).strip() for key in _KNOWN}
    asked = Asked(name, *parse_period({}, today), sort=words["sort"][:MAX_SORT_CHARS], words=words)
    errors = {}
    try:
        period, preset = parse_period(words, today)
        asked = replace(asked, period=period, preset=preset)
    except BadPayload as error:
        errors["period"] = str(error)
    try:
        asked = replace(asked, filters=parse_filters(words, name))
    except BadPayload as error:
        errors["filters"] = str(error)
    return replace(asked, errors=errors)


def is_roundabout(words: Mapping[str, str]) -> bool:
    """Tell whether a form wrote the address: with what is empty in it, or a period's name beside its dates."""
    return any(not words[key] for key in _KNOWN if key in words) or ("preset" in words and "from" in words)


def plain_address(asked: Asked, today: date) -> str:
    """Return the address as people pass it on: the period by its name, where its dates were left as they were."""
    try:
        preset = Preset(asked.words["preset"])
    except ValueError:
        return asked.address
    return replace(asked, preset=preset if period_of(preset, today) == asked.period else None).address
