"""What users write: replies and files to the contact, comments to colleagues; and that they are about to."""

import re

from flask import Response, request
from werkzeug.exceptions import HTTPException

from domain.actions import Action
from domain.errors import AppError, BadPayload, Conflict, StoreError
from domain.models import Sender, Snapshot, Source
from domain.texts import clean
from domain.users import User
from handlers import users as deeds
from handlers.notices import who_to_tell
from handlers.refusals import FileToSend, refusal
from store import StoredFile, sniff
from web.access import current_user
from web.acting import act
from web.context import context
from web.files import can_fetch_files, file_details
from web.inbox.asking import read_number
from web.inbox.blueprint import done, find, inbox
from web.inbox.deeds import allowed

TEXT_CHARS = 20_000
MOST_FILES = 5
MAX_KEY_CHARS = 64
#: A channel that is not connected (any more) may have any limit; this fits all.
CAUTIOUS_TEXT_CHARS = 1900


@inbox.post("/conversations/<contact>/messages")
def write_message(contact: str) -> Response:
    """Reply to the contact, or comment for colleagues; the form's key makes it happen once."""
    user, text = current_user(), clean(request.form.get("text", "").replace("\r\n", "\n")).strip()
    snapshot = find(contact)
    operation = _operation(user, contact, text)
    if request.form.get("kind") == "comment":
        act(contact, allowed(user, lambda now: _comment(now, text, user)), operation=operation)
    else:
        _reply(snapshot, user, text, operation)
    return done(contact)  # type: ignore[return-value]


@inbox.post("/conversations/<contact>/typing")
def say_typing(contact: str) -> Response:
    """Tell the contact and the colleagues that the user writes."""
    snapshot, user = find(contact), current_user()
    if snapshot.open and not snapshot.contact.is_blocked:
        context().store.say_typing(contact, user.card)
    return Response("", 204)


def _reply(snapshot: Snapshot, user: User, text: str, operation: str) -> None:
    contact = snapshot.contact
    if len(text) > TEXT_CHARS:
        raise BadPayload(f"A message has at most {TEXT_CHARS:,} characters; this has {len(text):,}.")
    given = _read_files(snapshot)
    if not text and not given:
        raise BadPayload("There is nothing to send yet: write something.")
    number, opens = read_number("number"), request.form.get("open") == "1"
    settings = context().store.platform_settings()

    files: list[dict[str, object]] = []

    def decide(now: Snapshot) -> list[Action]:
        deeds.refuse_unreachable(now)
        if number and now.open and now.open.number != number:
            raise Conflict(f"#{number} was closed meanwhile, and #{now.open.number} is open. Look at it, then send.")
        if now.open is None and not opens:
            raise Conflict("The conversation was closed meanwhile. Send again to open a new one.")
        channel = context().channels.get(now.contact.answers_on.channel)
        return deeds.write(
            now,
            text,
            sender=Sender.USER,
            opens=Source.USER if opens else None,
            max_text_chars=channel.max_text_chars if channel else CAUTIOUS_TEXT_CHARS,
            by=user.card,
            files=files,
            pauses_bot=settings.bot_pauses_on_reply,
        )

    store, may_be_sent = context().store, False
    kept: list[StoredFile] = []
    try:
        for name, content in given:
            kept.append(store.keep_file(contact.id, name, content))
            files.append(file_details(kept[-1]))
        may_be_sent = True  # as long as nobody says no: of a commit only the answer may be lost
        committed = act(contact.id, allowed(user, decide), operation=operation)
        may_be_sent = committed is not None and committed.is_done
    except (AppError, HTTPException) as error:
        may_be_sent = may_be_sent and isinstance(error, StoreError)
        raise
    finally:
        # Refused, or the repeat of what was sent before.
        for file in () if may_be_sent else kept:
            store.drop_file(contact.id, file.token)


def _operation(user: User, contact: str, text: str) -> str:
    """What makes a form happen once: its key, and what it says. The same key for something else is something else."""
    key = request.form.get("operation", "")[:MAX_KEY_CHARS]
    if not key:
        return ""
    names = [one.filename or "" for one in request.files.getlist("file")]
    return f"page {user.id} {contact} {key} {request.form.get('kind', '')} {names} {text}"


def _comment(snapshot: Snapshot, text: str, user: User) -> list[Action]:
    users, folded = context().store.users(), text.casefold()
    named = set()
    # The longest names first: @Anna is not Ann.
    for one in sorted(users, key=lambda one: len(one.name or one.email), reverse=True):
        mention = re.compile(rf"@{re.escape((one.name or one.email).casefold())}(?!\w)")
        if mention.search(folded):
            named.add(one.id)
            if sum(other.name == one.name for other in users) == 1:
                folded = mention.sub("", folded)
    told = who_to_tell(users, "mentioned", snapshot.contact, snapshot.open, by=user.card, mentioned=named)
    return deeds.comment(snapshot, text, by=user.card, mentioned=told)


def _read_files(snapshot: Snapshot) -> list[tuple[str, bytes]]:
    """Return names and contents of what the form brings along; refused where the platform would not take it."""
    given = [one for one in request.files.getlist("file") if one.filename]
    if len(given) > MOST_FILES:
        raise BadPayload(f"At most {MOST_FILES} files at once.")
    identity, now_ms = snapshot.contact.answers_on, context().store.now_ms()
    channel = context().channels.get(identity.channel)
    found = []
    for one in given:
        name, content = one.filename or "file", one.stream.read()
        wanted = FileToSend(
            len(content),
            channel.file_limit_bytes(sniff(content, name).kind) if channel else len(content),
            channel is None or can_fetch_files(channel),
        )
        refused = refusal(snapshot.contact, identity, now_ms, now_ms, with_file=wanted)
        if refused and refused.is_final:
            raise BadPayload(refused.text)
        found.append((name, content))
    return found
