"""What users do to a conversation from its header: open, close, assign, switch the bot, block, send again."""

from collections.abc import Callable

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from domain.actions import Action
from domain.errors import BadPayload, NotFound
from domain.models import Snapshot, Source
from domain.platform_settings import NoteMode, PlatformSettings
from domain.users import User
from handlers import users as deeds
from handlers.automations import by_hand
from web.access import current_user
from web.acting import act
from web.context import context
from web.inbox.asking import read_number
from web.inbox.blueprint import check_rights, done, find, inbox

SUMMARY_CHARS = 2_000
_RETRIED = "It was sent again before: look at the newer message."
Decide = Callable[[Snapshot], list[Action]]


@inbox.post("/conversations/<contact>/open")
def open_one(contact: str) -> AnyResponse:
    """Open a conversation without writing."""
    user = current_user()
    find(contact)
    act(contact, allowed(user, lambda now: deeds.open_conversation(now, source=Source.USER, by=user.card)))
    return done(contact)


@inbox.post("/conversations/<contact>/close")
def close_one(contact: str) -> AnyResponse:
    """Close the conversation that the user looked at, unless the contact wrote after the last entry they saw."""
    number, last_entry = read_number("number"), read_number("last_entry")
    if number is None:
        raise BadPayload("The form does not say which conversation to close; reload the page.")
    find(contact)
    was_closed = close(contact, current_user(), number, last_entry, *read_note())
    return done(contact, f"Conversation #{number} is closed." if was_closed else f"#{number} was closed already.")


@inbox.post("/conversations/<contact>/assignee")
def assign_one(contact: str) -> AnyResponse:
    """Give the conversation to a user, or to nobody."""
    number = read_number("number")
    find(contact)
    words = assign(contact, current_user(), number or 0, request.form.get("assignee", ""))
    return done(contact, words)


@inbox.post("/conversations/<contact>/bot")
def switch_bot(contact: str) -> AnyResponse:
    """Switch the bot on or off for the contact."""
    user, is_on = current_user(), request.form.get("on") == "1"
    find(contact)
    act(contact, allowed(user, lambda now: deeds.set_bot(now, is_on=is_on, by=user.card)))
    return done(contact)


@inbox.post("/conversations/<contact>/block")
def block_one(contact: str) -> AnyResponse:
    """Block the contact, which closes the open conversation, or take the block back."""
    user, is_blocked = current_user(), request.form.get("blocked") == "1"
    find(contact)
    act(contact, allowed(user, lambda now: deeds.block(now, is_blocked=is_blocked, by=user.card)))
    return done(contact, "The contact is blocked." if is_blocked else "The contact is not blocked any more.")


@inbox.post("/conversations/<contact>/run")
def run_by_hand(contact: str) -> AnyResponse:
    """Run an automation that waits to be run by hand."""
    user = current_user()
    find(contact)
    automation = context().store.automations(is_fresh=True).find(request.form.get("automation", ""))
    act(contact, allowed(user, lambda now: by_hand.run(now, automation, by=user.card)))
    return done(contact, f"“{automation.name}” runs." if automation else "")


@inbox.post("/conversations/<contact>/retry")
def retry_one(contact: str) -> AnyResponse:
    """Send a failed or unconfirmed message once more, as a new entry."""
    user, snapshot = current_user(), find(contact)
    part, _, text = request.form.get("entry", "").rpartition("-")
    number = int(text) if text.isdecimal() and len(text) < 12 else -1
    if part and part not in snapshot.contact.parts:
        raise NotFound("That message is not there any more.")
    store = context().store
    origin = store.snapshot(part).contact if part else None
    page = store.timeline(part or contact, number, 1)
    entry = next((entry for entry, _ in page.entries if entry.number == number), None)
    if entry is None:
        raise NotFound("That message is not there any more.")
    # On the part it may have been sent again before the merge.
    if origin and store.carried_out({part: deeds.retry_effect(origin, entry)}):
        return done(contact, _RETRIED)
    committed = act(contact, allowed(user, lambda now: deeds.retry(now, entry, by=user.card, origin=origin)))
    was_new = committed is not None and committed.results != (-1,)
    return done(contact, "It is on its way again." if was_new else _RETRIED)


def allowed(user: User, decide: Decide) -> Decide:
    """Decide only while the user may see the contact: somebody may have taken it meanwhile."""

    def checked(snapshot: Snapshot) -> list[Action]:
        check_rights(user, snapshot)
        return decide(snapshot)

    return checked


def close(contact: str, user: User, number: int, last_entry: int | None, category: str, summary: str) -> bool:
    """Close conversation `number`; False when it was closed already. Raises Conflict, Forbidden, BadPayload."""

    def decide(now: Snapshot) -> list[Action]:
        return deeds.close_conversation(
            now, source=Source.USER, by=user.card, number=number, category=category, summary=summary
        )

    committed = act(contact, allowed(user, decide), last_entry=last_entry)
    return committed is not None and any(result > 0 for result in committed.results)


def assign(contact: str, user: User, number: int, wanted: str) -> str:
    """Give conversation `number` to the user with this id, or to nobody; return what to say about it."""
    found = context().store.user(wanted) if wanted else None
    if wanted and (found is None or not found.is_active):
        raise BadPayload("This user is not there any more; choose another.")
    if found and not context().store.password_hash(found.id):
        raise BadPayload(f"{found.name or found.email} was invited and has not come in yet; choose another.")
    card = found.card if found else None
    pauses = context().store.platform_settings().bot_pauses_on_assign
    act(
        contact,
        allowed(user, lambda now: deeds.assign(now, card, number=number, by=user.card, pauses_bot=pauses)),
    )
    return f"Assigned to {found.name or found.email}." if found else "Assigned to nobody."


def read_note() -> tuple[str, str]:
    """Read the closing note of a form, as the settings want it. Raises BadPayload."""
    settings = context().store.platform_settings()
    category, summary = request.form.get("category", "").strip(), request.form.get("summary", "").strip()
    if problem := _check_note(settings, category, summary):
        raise BadPayload(problem)
    return ("", "") if settings.closing_note_mode is NoteMode.DISABLED else (category, summary)


def _check_note(settings: PlatformSettings, category: str, summary: str) -> str:
    mode, names = settings.closing_note_mode, {one.name for one in settings.active_categories}
    if mode is NoteMode.DISABLED:
        return ""
    if category and category not in names:
        return "This category is not there any more; choose another."
    # Without any category nobody can choose one, and nothing could be closed.
    if mode in (NoteMode.CATEGORY, NoteMode.BOTH) and names and not category:
        return "Choose a category."
    if mode is NoteMode.BOTH and not summary:
        return "Write a summary."
    return f"A summary has at most {SUMMARY_CHARS} characters." if len(summary) > SUMMARY_CHARS else ""
