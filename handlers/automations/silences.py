"""When nobody answers: which automations wait for that, and when their time has come."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.automations import Automation, Automations, RunState, TriggerKind
from domain.models import OpenConversation, Snapshot


@dataclass(frozen=True, slots=True)
class Silence:
    """One automation's wait. mark: names it, so that it is dealt with once. chain: who led to what is not answered."""

    automation: Automation
    mark: str
    ends_at_ms: int
    chain: tuple[str, ...]


def silences(snapshot: Snapshot, state: RunState, automations: Automations) -> Iterator[Silence]:
    """Yield what is waited for now and was not dealt with yet, in the order of the list."""
    conversation, contact = snapshot.open, snapshot.contact
    if not automations.silences or conversation is None or contact.is_blocked or contact.merged_into:
        return
    for automation in automations.silences:
        since = _since(automation, conversation)
        # What was before it was switched on does not concern it.
        if since is None or since[0] < automation.active_since_ms:
            continue
        since_ms, base, chain = since
        mark = f"{automation.id}:{conversation.number}:{base}"
        if mark not in state.silences:
            yield Silence(automation, mark, since_ms + automation.silence_ms, chain)


def marked(snapshot: Snapshot, state: RunState, mark: str) -> tuple[str, ...]:
    """Return the marks to keep: this one, and the last ones of other automations in the open conversation."""
    number = str(snapshot.open.number) if snapshot.open else ""
    automation = mark.split(":")[0]
    others = (one for one in state.silences if one.split(":")[0] != automation and one.split(":")[1] == number)
    return (*others, mark)


def next_look_ms(snapshot: Snapshot, state: RunState, automations: Automations, now_ms: int) -> int:
    """Return when the contact is to be looked at by itself (ms), 0 for never: runs that go on, silences that end.

    For what is written at this very moment the store sees to that.
    """
    moments = [run.at_ms for run in state.runs]
    moments += [one.ends_at_ms for one in silences(snapshot, state, automations)]
    return max(min(moments), now_ms) if moments else 0


def _since(automation: Automation, conversation: OpenConversation) -> tuple[int, int, tuple[str, ...]] | None:
    """Since when it lasts, what tells it from the next one, and who led to it; None: it does not."""
    if automation.trigger.kind is TriggerKind.NO_ANSWER_FROM_US:
        waiting = conversation.waiting_since_ms
        return None if waiting is None else (waiting, waiting, ())
    word = conversation.last_word
    if word is None or word.incoming != conversation.incoming or automation.id in word.chain:
        return None
    return word.at_ms, word.entry, word.chain
