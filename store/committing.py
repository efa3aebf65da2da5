"""Actions carried out in one script, if the contact is still as it was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.actions import Action, Send
from domain.errors import Conflict, NotFound
from domain.models import Snapshot
from store.action_words import Moment, write_action
from store.automations import AutomationsKept
from store.base import check_contact, digest, flag, status_of
from store.entries import decode_snapshot
from store.turns import Turn

_WORDS = ("ok", "conflict", "newer", "repeated", "lost", "decided", "merged", "gone")


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit came to.

    status: ok; conflict (the contact changed: decide again on `snapshot`); newer (the contact wrote meanwhile);
    repeated (this operation was carried out before); lost (another worker has the turn); decided (that entry is
    decided already).
    is_released: the turn was given back with it, as nothing is left to do.
    results: per stored action what it did: a number, 1 or 0 for done or nothing to do, -1 for done before.
    """

    status: str
    snapshot: Snapshot | None = None
    results: tuple[int, ...] = ()
    is_released: bool = False

    @property
    def is_done(self) -> bool:
        return self.status == "ok"


class Committing(AutomationsKept):
    """The store's hand."""

    def commit(
        self,
        snapshot: Snapshot,
        actions: Sequence[Action],
        *,
        turn: Turn | None = None,
        decides: int | None = None,
        keeps_lease: bool = False,
        last_entry: int | None = None,
        if_quiet: bool = False,
        bot_back_on: bool = True,
        keeps_assignee: bool = False,
        operation: str = "",
        wake_ms: int = 0,
    ) -> Committed:
        """Carry out `actions` on the contact as `snapshot` saw it; all of them or, with any other status than ok, none.

        turn, decides: the turn and the entry that this decides; both or neither.
        last_entry: refuse with status `newer` when a message of the contact after this entry is there; if_quiet: when
        anything is.
        operation: makes the whole of it happen at most once within seven days; a repeat has status `repeated`.
        bot_back_on: a close switches the bot on again for this contact.
        wake_ms: of a turn: when the contact is to be looked at by itself at the latest; 0: nothing new about that.
        keeps_assignee: whoever had the conversation that is closed gets the next one, too.
        Texts must fit the channel's limit already.
        Raises Conflict outside of a turn when the contact was merged into another one, NotFound when it was deleted,
        StoreError.
        """
        contact = snapshot.contact.id
        check_contact(contact)
        moment = Moment(
            contact=contact,
            channel=snapshot.contact.identity.kind,
            now_ms=self.now_ms(),
            is_subscribed=bool(snapshot.contact.is_subscribed),
            bot_back_on=bot_back_on,
            keeps_assignee=keeps_assignee,
            fires=self.automations().wanted,
            keys=self.keys,
            extra_keys=[],
        )
        token = next(
            (action.welcome_token for action in actions if isinstance(action, Send) and action.welcome_token), ""
        )
        args: list[str | int | bytes] = [
            snapshot.contact.version,
            turn.fence if turn else "",
            "" if decides is None else decides,
            flag(keeps_lease),
            "" if last_entry is None else last_entry,
            flag(if_quiet),
            digest(operation) if operation else "",
            " ".join(sorted(moment.fires)),
            wake_ms or "",
        ]
        for action in actions:
            args += write_action(action, moment)
        extra_keys = [self.keys.welcome(contact, token), *moment.extra_keys]
        answer = self.connection.run(self._call("commit", contact, *args, extra_keys=extra_keys))
        word = status_of(answer, _WORDS)
        if word == "ok":
            is_released = turn is not None and "lease" not in answer[2][0][::2]
            return Committed(word, decode_snapshot(contact, answer[2]), tuple(answer[1]), is_released)
        if word == "gone":
            raise NotFound("there is no such contact any more")
        if word == "merged":
            raise Conflict(f"The contact was merged into another one: id:{answer[1]}.")
        return Committed(word, decode_snapshot(contact, answer[1]) if len(answer) > 1 else None)
