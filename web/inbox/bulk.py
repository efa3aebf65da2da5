"""Doing the same to several conversations: each by its number, and the answer says what was not done, and why."""

import re
from collections.abc import Callable
from typing import NamedTuple

from flask import flash, redirect, render_template, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from domain.errors import BadPayload, Conflict, NotFound
from web.access import current_user
from web.context import context
from web.inbox.blueprint import find, inbox, is_fragment
from web.inbox.deeds import assign, close, read_note
from web.inbox.profile import tag

MOST = 100
_PICKED = re.compile(r"([a-z2-7]{24})-([1-9][0-9]{0,9})\.([0-9]{1,10})")


class Picked(NamedTuple):
    """A conversation, and the last entry that the user saw of it in the list."""

    contact: str
    number: int
    last_entry: int


@inbox.post("/inbox/bulk")
def do_to_several() -> AnyResponse | str:
    """Close, assign or tag what was selected."""
    picked, (verb, do) = _read_picked(), _deed(request.form.get("do", ""))
    failed: list[tuple[str, str]] = []
    for one in picked:
        name = f"#{one.number}"
        try:
            contact = find(one.contact).contact
            name = f"{contact.name or 'Unnamed contact'} #{one.number}"
            if problem := do(one):
                failed.append((name, problem))
        except (Conflict, NotFound, BadPayload) as error:
            failed.append((name, str(error)))
        except Forbidden as error:
            failed.append((name, error.description or "Not for your role."))
    words = f"{verb} {len(picked) - len(failed)} of {len(picked)}."
    if is_fragment():
        return render_template("inbox/bulk_answer.html", words=words, failed=failed)
    flash(" ".join([words, *(f"{name}: {why}" for name, why in failed)]), "bad" if failed else "good")
    return redirect("/", 303)


def _read_picked() -> list[Picked]:
    matches = [_PICKED.fullmatch(text) for text in dict.fromkeys(request.form.getlist("picked"))]
    if not matches or not all(matches) or len(matches) > MOST:
        raise BadPayload(f"Select 1 to {MOST} conversations.")
    return [Picked(match[1], int(match[2]), int(match[3])) for match in matches if match]


def _deed(name: str) -> tuple[str, Callable[[Picked], str]]:
    """Return the word for what was done, and what does it to one; that returns why it was not done, or nothing."""
    user = current_user()
    if name == "close":
        note = read_note()
        return (
            "Closed",
            lambda one: "" if close(one.contact, user, one.number, one.last_entry, *note) else "It was closed already.",
        )
    if name == "assign":
        wanted = request.form.get("assignee", "")
        wanted = user.id if wanted == "me" else wanted

        def give(one: Picked) -> str:
            assign(one.contact, user, one.number, wanted)
            return ""

        return "Assigned", give
    if name == "tag":
        tags = tuple(part for part in request.form.get("tag", "").split(",") if part.strip())
        if not tags:
            raise BadPayload("Write a tag.")

        def give_tags(one: Picked) -> str:
            _check_open(one)
            tag(one.contact, tags)
            return ""

        return "Tagged", give_tags
    raise BadPayload("Choose what to do: close, assign or tag.")


def _check_open(one: Picked) -> None:
    is_open = context().store.snapshot(one.contact).open
    if is_open is None or is_open.number != one.number:
        raise Conflict(f"Conversation #{one.number} is not open.")
