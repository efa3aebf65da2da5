"""What the API changes about a contact: profile, custom fields, tags, the bot, the block."""

from msgspec import UNSET

from domain.errors import BadPayload
from handlers import profiles
from handlers.field_values import read_field
from handlers.users import block, set_bot
from web.acting import Decide, act
from web.api_answers import contact_body
from web.api_models import BlockChange, BotChange, ContactAnswer, ContactChange, Tags
from web.api_references import find_contact
from web.api_requests import read_body
from web.context import context


def change_contact(ref: str) -> ContactAnswer:
    """Change name, phone, email or custom fields; says whether that changed anything."""
    wanted = read_body(ContactChange)
    given = {"name": wanted.name, "phone": wanted.phone, "email": wanted.email}
    changes = {name: value or "" for name, value in given.items() if value is not UNSET}
    changes |= _field_changes(wanted)
    return _act(ref, lambda now: profiles.change_profile(now, changes, by=None))


def switch_bot(ref: str) -> ContactAnswer:
    """Switch the bot on or off for a contact; says whether that changed anything."""
    is_on = read_body(BotChange).status == "on"
    return _act(ref, lambda now: set_bot(now, is_on=is_on, by=None))


def block_contact(ref: str) -> ContactAnswer:
    """Take nothing from a contact any more, or again; says whether that changed anything."""
    is_blocked = read_body(BlockChange).blocked
    return _act(ref, lambda now: block(now, is_blocked=is_blocked, by=None))


def list_tags() -> Tags:
    """List every tag that was ever given."""
    return Tags(context().store.tags())


def list_tags_of_contact(ref: str) -> Tags:
    """List a contact's tags."""
    return Tags(list(find_contact(ref).contact.tags))


def add_tags(ref: str) -> Tags:
    """Give a contact tags; answers with all that it has then."""
    wanted = tuple(profiles.read_tag(tag) for tag in read_body(Tags).tags)
    find_contact(ref)
    context().store.know_tags(wanted)
    return Tags(_act(ref, lambda now: profiles.change_tags(now, add=wanted, by=None)).contact.tags)


def remove_tags(ref: str) -> Tags:
    """Take tags from a contact; answers with those that it has then."""
    wanted = tuple(read_body(Tags).tags)
    return Tags(_act(ref, lambda now: profiles.change_tags(now, remove=wanted, by=None)).contact.tags)


def _act(ref: str, decide: Decide) -> ContactAnswer:
    contact = find_contact(ref).contact.id
    committed = act(contact, decide)
    now = committed.snapshot if committed and committed.snapshot else context().store.snapshot(contact)
    return ContactAnswer(committed is not None, contact_body(now.contact, now.open))


def _field_changes(wanted: ContactChange) -> dict[str, str]:
    if not wanted.fields:
        return {}
    known = {field.id: field for field in context().store.platform_settings().custom_fields}
    if wanted.fields.keys() - known.keys():
        raise BadPayload(f"There is no such custom field; there are {', '.join(sorted(known)) or 'none'}.")
    return {f"fields.{name}": read_field(known[name], _text(value)) for name, value in wanted.fields.items()}


def _text(value: str | float | bool | None) -> str:
    """Write a JSON value as the fields are kept: a checkbox is yes or nothing."""
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)
