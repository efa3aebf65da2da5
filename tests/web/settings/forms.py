"""Filling in the forms of Settings as a browser would: with everything that the page put into them."""

from html.parser import HTMLParser

from tests.web.signed_in import Visitor


class _Forms(HTMLParser):
    """Reads what each form of a page would send as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        name = found.get("name", "")
        is_tick = found.get("type") in ("checkbox", "radio")
        if tag == "input" and name and (not is_tick or "checked" in found):
            self._fields[name] = found.get("value", "y")
        elif tag == "textarea":
            self._area = name
            self._fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found and self._select:
            self._fields[self._select] = found["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._fields[self._area] += data.removeprefix("\r").removeprefix("\n")

    @property
    def _fields(self) -> dict[str, str]:
        return self.forms[-1][1] if self.forms else {}


def form_of(visitor: Visitor, path: str, action: str = "") -> dict[str, str]:
    """Return what the form of a page sends if nobody changes anything. action: where the form leads."""
    page = visitor.get(path)
    assert page.status_code == 200, page.text
    reader = _Forms()
    reader.feed(page.text)
    return next(fields for leads, fields in reader.forms if leads == action)
