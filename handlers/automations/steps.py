"""What a step of an automation comes to, on the contact as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.actions import Action, Close, NoteLine, Notify, Open, Send
from domain.automation_runs import Result
from domain.automations import MINUTE_MS, Automation, Run, Step, StepKind
from domain.errors import BadPayload
from domain.identities import Identity
from domain.models import AssignmentSource, Contact, Entry, Letter, Sender, Snapshot, Source
from domain.platform_settings import PlatformSettings
from domain.texts import split_text
from domain.users import User
from handlers import users as by_users
from handlers.canned import fill
from handlers.field_values import read_field
from handlers.profiles import change_profile, change_tags
from handlers.rights import may_see

PROFILE_FIELDS = ("name", "phone", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who can be given something. open_counts: by user's id. turn: the number of this assignment, for taking turns."""

    users: tuple[User, ...] = ()
    open_counts: Mapping[str, int] = field(default_factory=dict)
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a step is carried out in. entry: the undecided one that the run is about; None: it is decided, or none."""

    snapshot: Snapshot
    automation: Automation
    run: Run
    entry: Entry | None
    now_ms: int
    settings: PlatformSettings
    max_text_chars: int
    team: Team = Team()

    @property
    def card(self) -> dict[str, Any]:
        """What entries and conversations keep of who did it."""
        card, before = {**self.automation.card, "root": self.run.root}, self.run.chain[:-1]
        return {**card, "chain": list(before)} if before else card

    @property
    def has_conversation(self) -> bool:
        """The conversation that the run speaks for is open."""
        return self.snapshot.open is not None and self.snapshot.open.number == self.run.number


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """What a step came to. words: for people, none of them a contact's.

    number: of the conversation that the run speaks for from here on; None: the same. at_ms: when the run goes on; 0: at
    once. silences_bot: the bot does not answer the entry. ends: nothing behind it is done.
    """

    result: Result
    words: str = ""
    actions: tuple[Action, ...] = ()
    number: int | None = None
    at_ms: int = 0
    silences_bot: bool = False
    ends: bool = False


def carry_out(step: Step, scene: Scene) -> StepDone:
    """Return what a step does; CALL_URL is not among them: nothing outside is reached from here."""
    contact = scene.snapshot.contact
    if step.kind not in _NEEDS_NOBODY:
        if contact.merged_into:
            return _nothing("The contact was merged into another one.")
        if contact.is_blocked and step.kind in _REACHES_OUT:
            return _nothing("The contact is blocked.")
    if step.kind in _NEEDS_CONVERSATION and not scene.has_conversation:
        return _nothing(f"Conversation #{scene.run.number} is not open." if scene.run.number else "None is open.")
    try:
        return _DO[step.kind](step, scene)
    except BadPayload as error:
        return StepDone(result=Result.FAILED, words=str(error))


def goes_to(contact: Contact, entry: Entry | None) -> Identity | None:
    """Return where a message goes: where the one was written that it is about, else where the contact wrote last.

    None: the contact's own identity, as it is for nearly everybody.
    """
    if entry is None or entry.letter is Letter.LINE:
        return contact.reply_identity
    return contact.identity_of(entry) if "identity" in entry.data else None


def _open(_: Step, scene: Scene) -> StepDone:
    snapshot = scene.snapshot
    if snapshot.open:
        # If the run is about another one, it stays so: this one is somebody else's business.
        return _nothing(f"Conversation #{snapshot.open.number} is open already.")
    number = snapshot.contact.conversations + 1
    action = Open(source=Source.AUTOMATION, channel=snapshot.contact.answers_on.kind, by=scene.card)
    return replace(_done(f"Conversation #{number}", action), number=number)


def _close(step: Step, scene: Scene) -> StepDone:
    entry, contact = scene.entry, scene.snapshot.contact
    action = Close(
        number=scene.run.number,
        source=Source.AUTOMATION,
        by=scene.card,
        category=step.text("category"),
        summary=_fill(step.text("summary"), scene),
        entry=entry.number if entry else None,
        # Whoever wrote what nobody has decided yet gets the next conversation.
        later_from=entry.number + 1 if entry else contact.cursor,
    )
    # The conversation is over: what the bot would say about its last message comes too late.
    return replace(_done(f"Conversation #{scene.run.number}", action), silences_bot=entry is not None)


def _send(step: Step, scene: Scene) -> StepDone:
    contact, entry, text = scene.snapshot.contact, scene.entry, _fill(step.text("text"), scene)
    pieces = split_text(text, scene.max_text_chars)
    if not pieces:
        return _nothing("There is nothing left to send when the variables are filled in.")
    to = goes_to(contact, entry)
    # What answers Viber's conversation_started goes in its HTTP answer: to many it is the only thing that arrives.
    tokens = [str(entry.data.get("token", "")) if entry else ""] + [""] * (len(pieces) - 1)
    sends = [
        Send(
            number=scene.run.number,
            text=piece,
            sender=Sender.AUTOMATION,
            by=scene.card,
            to=to,
            welcome_token=token,
        )
        for piece, token in zip(pieces, tokens, strict=True)
    ]
    return _done("", *sends)


def _assign(step: Step, scene: Scene) -> StepDone:
    user = _assignee(step, scene.team)
    if user is None:
        why = "They cannot log in any more." if step.text("to") == "user" else "Nobody is available."
        return StepDone(result=Result.FAILED, words=why)
    return _give(user.card, user.name, scene)


def _unassign(_: Step, scene: Scene) -> StepDone:
    return _give(None, "", scene)


def _give(user: dict[str, Any] | None, words: str, scene: Scene) -> StepDone:
    actions = by_users.assign(
        scene.snapshot,
        user,
        number=scene.run.number,
        by=scene.card,
        source=AssignmentSource.AUTOMATION,
        pauses_bot=scene.settings.bot_pauses_on_assign,
    )
    return _done(words, *actions) if actions else _nothing("It is so already.")


def _assignee(step: Step, team: Team) -> User | None:
    if step.text("to") == "user":
        return next((user for user in team.users if user.id == step.text("user") and user.is_active), None)
    there = sorted((user for user in team.users if user.is_active and user.is_available), key=lambda user: user.id)
    if not there:
        return None
    # Who is first moves on each time, so that those with equally many open ones are taken in turn as well.
    first = team.turn % len(there)
    in_turn = [*there[first:], *there[:first]]
    if step.text("to") == "least_open":
        return min(in_turn, key=lambda user: team.open_counts.get(user.id, 0))
    return in_turn[0]


def _add_tags(step: Step, scene: Scene) -> StepDone:
    actions = change_tags(scene.snapshot, add=step.texts("tags"), by=scene.card)
    return _done(", ".join(step.texts("tags")), *actions) if actions else _nothing("They are there already.")


def _remove_tags(step: Step, scene: Scene) -> StepDone:
    actions = change_tags(scene.snapshot, remove=step.texts("tags"), by=scene.card)
    return _done(", ".join(step.texts("tags")), *actions) if actions else _nothing("They are not there.")


def _set_field(step: Step, scene: Scene) -> StepDone:
    name, value = step.text("field"), _fill(step.text("value"), scene)
    if name not in PROFILE_FIELDS:
        custom = next((one for one in scene.settings.custom_fields if one.id == name), None)
        if custom is None:
            return StepDone(result=Result.FAILED, words=f"There is no field {name} any more.")
        name, value = f"fields.{name}", read_field(custom, value)
    actions = change_profile(scene.snapshot, {name: value}, by=scene.card)
    return _done("", *actions) if actions else _nothing("It is so already.")


def _bot(step: Step, scene: Scene) -> StepDone:
    is_on = step.kind is StepKind.BOT_ON
    actions = by_users.set_bot(scene.snapshot, is_on=is_on, by=scene.card, source=Source.AUTOMATION)
    return _done("", *actions) if actions else _nothing("It is so already.")


def _comment(step: Step, scene: Scene) -> StepDone:
    return _done("", *by_users.comment(scene.snapshot, _fill(step.text("text"), scene), by=scene.card))


def _notify(step: Step, scene: Scene) -> StepDone:
    told = _told(step, scene)
    if not told:
        return StepDone(result=Result.FAILED, words="There is nobody to notify.")
    number = scene.run.number
    line = NoteLine(number=number, kind="notified", details={"text": _fill(step.text("text"), scene), "by": scene.card})
    notice = Notify(number=number, users=tuple(user.id for user in told), kind="automation", by=scene.card)
    return _done(", ".join(user.name for user in told[:5]), line, notice)


def _told(step: Step, scene: Scene) -> list[User]:
    active = [user for user in scene.team.users if user.is_active]
    if wanted := step.texts("users"):
        return [user for user in active if user.id in wanted]
    conversation = scene.snapshot.open
    assignee = conversation.assignee if conversation else None
    if assignee and (theirs := [user for user in active if user.id == assignee["id"]]):
        return theirs
    return [user for user in active if may_see(user, scene.snapshot.contact, conversation)]


def _wait(step: Step, scene: Scene) -> StepDone:
    return StepDone(result=Result.DONE, at_ms=scene.now_ms + step.number("minutes") * MINUTE_MS)


def _stop(step: Step, _: Scene) -> StepDone:
    return StepDone(result=Result.DONE, ends=True, silences_bot=step.kind is StepKind.STOP_WITHOUT_BOT)


def _fill(text: str, scene: Scene) -> str:
    return fill(text, scene.snapshot.contact, user=None)


def _done(words: str, *actions: Action) -> StepDone:
    return StepDone(result=Result.DONE, words=words, actions=actions)


def _nothing(words: str) -> StepDone:
    return StepDone(result=Result.NOTHING, words=words)


_NEEDS_NOBODY = frozenset({StepKind.NOTIFY, StepKind.WAIT, StepKind.STOP, StepKind.STOP_WITHOUT_BOT})
_REACHES_OUT = frozenset({StepKind.OPEN_CONVERSATION, StepKind.SEND_MESSAGE})
_NEEDS_CONVERSATION = frozenset({StepKind.CLOSE_CONVERSATION, StepKind.ASSIGN, StepKind.UNASSIGN})
_DO: Mapping[StepKind, Callable[[Step, Scene], StepDone]] = {
    StepKind.OPEN_CONVERSATION: _open,
    StepKind.CLOSE_CONVERSATION: _close,
    StepKind.SEND_MESSAGE: _send,
    StepKind.ASSIGN: _assign,
    StepKind.UNASSIGN: _unassign,
    StepKind.ADD_TAGS: _add_tags,
    StepKind.REMOVE_TAGS: _remove_tags,
    StepKind.SET_FIELD: _set_field,
    StepKind.BOT_ON: _bot,
    StepKind.BOT_OFF: _bot,
    StepKind.COMMENT: _comment,
    StepKind.NOTIFY: _notify,
    StepKind.WAIT: _wait,
    StepKind.STOP: _stop,
    StepKind.STOP_WITHOUT_BOT: _stop,
}
