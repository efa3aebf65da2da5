"""The form of an automation as a browser sends it: with everything that the page put into it."""

import re
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.web.signed_in import Visitor

#: What a form sends, by the names of its fields.
Fields = dict[str, list[str]]


class _Form(HTMLParser):
    """Reads what the form with this id or address would send as it stands, without any of its buttons."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.ids: set[str] = set()
        self.focus = ""
        self._wanted = wanted
        self._is_inside = False
        self._area: str | None = None
        self._select: tuple[str, list[str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            assert found["id"] not in self.ids, f"two have the id {found['id']}"
            self.ids.add(found["id"])
        if "autofocus" in found:
            assert not self.focus, "two want the focus"
            self.focus = found.get("id", tag)
        if tag == "form":
            self._is_inside = self._wanted in (found.get("id"), found.get("action"))
        if not self._is_inside:
            return
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.fields.setdefault(name, []).append(found.get("value", "on"))
        elif tag == "textarea":
            self._area = name
            self.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = (name, [], [])
        elif tag == "option" and self._select:
            self._select[1].append(found["value"])
            if "selected" in found:
                self._select[2].append(found["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea" and self._area is not None:
            self.fields[self._area][-1] = self.fields[self._area][-1].removeprefix("\n").replace("\n", "\r\n")
            self._area = None
        elif tag == "select" and self._select:
            name, offered, chosen = self._select
            self.fields.setdefault(name, []).append((chosen or offered)[0])
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area][-1] += data


def read_form(page: str, wanted: str = "editor") -> Fields:
    """Return what the form of a page sends if nobody changes anything."""
    form = _Form(wanted)
    form.feed(page)
    assert form.fields, f"there is no form {wanted}"
    return form.fields


def ids_in(page: str) -> set[str]:
    """Return all ids; no two elements have the same."""
    form = _Form("editor")
    form.feed(page)
    return form.ids


def focus_in(page: str) -> str:
    """Return the id of the element that gets the focus; empty where none does."""
    form = _Form("editor")
    form.feed(page)
    return form.focus


def problems_in(page: str) -> dict[str, str]:
    """Return what the summary of a page says is wrong, by the id that each line leads to."""
    summary = page.partition('id="problems"')[2].partition("</ul>")[0]
    return dict(re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary))


class Editor:
    """Somebody at work in the form, without any script."""

    def __init__(self, visitor: Visitor, path: str) -> None:
        self.visitor = visitor
        self.path = path
        self.answer: TestResponse = visitor.get(path)
        assert self.answer.status_code == 200, self.answer.text
        self.fields = read_form(self.answer.text)

    def type(self, **values: Any) -> "Editor":
        """Fill in fields; `__` in a name stands for a dot. A list is several of one name, or several ticks."""
        for name, value in values.items():
            self.fields[name.replace("__", ".")] = list(value) if isinstance(value, list | tuple) else [value]
        return self

    def press(self, do: str, status: int = 200) -> "Editor":
        """Press a button; the form that comes back is what is filled in next."""
        self.answer = self.visitor.post(self.path.partition("?")[0], {**self.fields, "do": do})
        assert self.answer.status_code == status, self.answer.text
        if status != 303:
            self.fields = read_form(self.answer.text)
        return self
