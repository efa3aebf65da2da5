"""Automations as JSON: as a file to keep or to take elsewhere, read from one, and edited as text."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from domain import errors
from domain.automations import MAX_DEFINITION_BYTES, Automation
from domain.definitions import BadDefinition, Problem, read_definition, write_definition
from handlers.automations.editing import mark_of
from web.automations.blueprint import automations_pages
from web.automations.choices import read_choices
from web.automations.saving import add_automation, change_automation, find_automation, is_new_id, new_id, saved

#: A file may be laid out with more space than what is kept of it.
_MAX_FILE_BYTES = 4 * MAX_DEFINITION_BYTES
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_CHANGED = (
    "Somebody else changed this meanwhile. What you typed is still here; save again to put it in the place of theirs."
)

Page = Response | str | tuple[str, int]


@automations_pages.get("/<automation_id>/export")
def export(automation_id: str) -> Response:
    """Download one as a file."""
    automation = find_automation(automation_id)
    answer = make_response(as_json(write_definition(automation)))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(automation.name)}"'
    return answer


@automations_pages.get("/import")
def show_import() -> str:
    """Show where a file or a text goes."""
    return _import_page()


@automations_pages.post("/import")
def import_one() -> Page:
    """Add what a file or a text says, switched off."""
    file, text = request.files.get("file"), request.form.get("definition", "")
    if file and file.filename:
        text = file.stream.read(_MAX_FILE_BYTES + 1).decode("utf-8-sig", "replace")
    own = request.form.get("new_id", "")
    own = own if is_new_id(own) else new_id()
    try:
        made = _parse(text)
        add_automation(replace(made, id=own), did="imported")
    except BadDefinition as error:
        return _import_page(text, error.problems), 400
    except errors.BadPayload as error:
        return _import_page(text, [Problem("", str(error))]), 400
    except errors.Conflict as error:
        return _import_page(text, [Problem("", str(error))]), 409
    return saved(own, made.name, is_active=False)


@automations_pages.get("/<automation_id>/json")
def show_json(automation_id: str) -> str:
    """Show one as text, to be edited."""
    automation = find_automation(automation_id)
    return _json_page(automation, as_json(write_definition(automation)))


@automations_pages.post("/<automation_id>/json")
def save_json(automation_id: str) -> Page:
    """Save what the text says."""
    there, text = find_automation(automation_id), request.form.get("definition", "")
    seen = request.form.get("seen", "")
    try:
        made = _parse(text)
        change_automation(made, automation_id, seen)
    except BadDefinition as error:
        return _json_page(there, text, error.problems, seen=seen), 400
    except errors.Conflict:
        return _json_page(find_automation(automation_id), text, [Problem("", _CHANGED)], is_conflict=True), 409
    return saved(automation_id, made.name, is_active=there.is_active)


def as_json(definition: Mapping[str, Any]) -> str:
    """Write a definition as people read it."""
    return json.dumps(definition, ensure_ascii=False, indent=2) + "\n"


def _parse(text: str) -> Automation:
    if len(text.encode()) > _MAX_FILE_BYTES:
        raise _no_definition(f"This is too large: a file has at most {_MAX_FILE_BYTES:,} bytes.")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        words = f"This is no JSON: look at line {error.lineno}, at the {error.colno}. character."
        raise _no_definition(words if text.strip() else "Choose a file, or paste its text.") from None
    except (ValueError, RecursionError):
        raise _no_definition("This is no automation.") from None
    return read_definition(data, read_choices().known)


def _no_definition(words: str) -> BadDefinition:
    return BadDefinition((Problem("", words),))


def _file_name(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{_NOT_IN_NAMES.sub('-', letters).strip('-')[:60] or 'automation'}.json"


def _import_page(text: str = "", problems: Sequence[Problem] = ()) -> str:
    return render_template("automations/import.html", text=text, problems=problems, new_id=new_id())


def _json_page(
    automation: Automation,
    text: str,
    problems: Sequence[Problem] = (),
    *,
    seen: str = "",
    is_conflict: bool = False,
) -> str:
    return render_template(
        "automations/json.html",
        automation=automation,
        text=text,
        problems=problems,
        seen=seen or mark_of(automation),
        theirs=as_json(write_definition(automation)) if is_conflict else "",
    )
