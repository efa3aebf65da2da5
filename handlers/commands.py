"""What the RB_ parameters of a turn do, whether they come with the fulfillment call, with the answer, or with both."""

from domain.actions import Action, Close, NeedPerson, Open, SetBot
from domain.answers import Commands
from domain.identities import conversation_id
from domain.models import Contact, Source

NOTIFY_CHARS = 500


def turn_key(contact: Contact, number: int, what: int | str) -> str:
    """Return what makes the effects of a turn happen once. what: the entry that it decides, or a caller's response.

    A contact that was deleted and writes again counts from the beginning: when it was first heard of tells them apart.
    """
    return f"{conversation_id(contact.id, number)} {contact.created_at_ms} {what}"


def before_replies(commands: Commands, *, key: str, number: int, entry: int | None) -> list[Action]:
    """Return what takes effect before the replies go out.

    key: what makes these effects happen once; the same for the call and the answer of one turn. Empty: nothing does.
    """
    actions: list[Action] = []
    if commands.bot_status is not None:
        effect = _effect(key, f"RB_BOTSTATUS {commands.bot_status}")
        is_on = commands.bot_status
        actions.append(SetBot(number=number, is_on=is_on, source=Source.DIALOGFLOW, entry=entry, effect=effect))
    if commands.notify and number:
        effect = _effect(key, f"RB_NOTIFY {commands.notify}")
        actions.append(NeedPerson(number=number, reason="notify", text=commands.notify[:NOTIFY_CHARS], effect=effect))
    return actions


def after_replies(
    commands: Commands, *, key: str, number: int, entry: int | None, later_from: int, channel: str, may_open: bool
) -> list[Action]:
    """Return what takes effect when the replies are on their way: RB_MARKDONE.

    later_from: messages from this entry on open the next conversation if this closes theirs.
    may_open: whether RB_MARKDONE=false opens a conversation here.
    """
    if commands.mark_done is None:
        return []
    effect = _effect(key, f"RB_MARKDONE {commands.mark_done}")
    if commands.mark_done and number:
        return [Close(number=number, source=Source.DIALOGFLOW, entry=entry, later_from=later_from, effect=effect)]
    if not commands.mark_done and may_open:
        return [Open(source=Source.DIALOGFLOW, channel=channel, effect=effect)]
    return []


def _effect(key: str, what: str) -> str:
    return f"{key} {what}" if key else ""
