"""Lets Bob write and the platform fail, and shows what became of it."""

from collections.abc import Callable, Iterator

from domain.errors import ChannelError, Outcome
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from handlers import users
from tests.conftest import StoppedClock
from tests.people import SUSAN, SUSAN_ID, write
from tests.turns.stage import Stage


def say(stage: Stage, *texts: str, who: Identity = SUSAN) -> None:
    """Let Bob write, in a conversation of his own making if there is none."""
    contact = contact_id(who)
    if not stage.store.contacts(100).items or contact not in [c.id for c, _ in stage.store.contacts(100).items]:
        write(stage.store, who=who)
    for text in texts:
        snapshot = stage.store.snapshot(contact)
        actions = users.write(snapshot, text, sender=Sender.USER, opens=Source.USER, max_text_chars=1900)
        assert stage.store.commit(snapshot, actions).is_done


def fail(*errors: ChannelError | Exception | None) -> Callable[[str, str], None]:
    """Let the platform fail so, one call after the other, and be well from then on."""
    left: Iterator[ChannelError | Exception | None] = iter(errors)

    def on_send(text: str, tag: str) -> None:
        if error := next(left, None):
            raise error

    return on_send


def statuses(stage: Stage, contact: str = SUSAN_ID) -> list[tuple[str, str, str]]:
    """Text, status and reason of everything that was to be sent."""
    page = stage.store.timeline(contact, 0, 1000)
    return [(entry.text, str(entry.status), entry.reason) for entry, _ in page.entries if entry.status]


def wait_s(stage: Stage, clock: StoppedClock) -> float:
    """How long until somebody has to do something again."""
    due_ms = stage.store.next_due_ms()
    assert due_ms is not None, "nothing is due"
    return (due_ms - clock.ms) / 1000


RETRY = ChannelError(Outcome.RETRY, "platform_error")
WAIT = ChannelError(Outcome.WAIT, "rate_limited", 1800)
PERMANENT = ChannelError(Outcome.PERMANENT, "window_closed")
AMBIGUOUS = ChannelError(Outcome.AMBIGUOUS, "timed_out")
PAGE_RESTS = ChannelError(Outcome.RETRY, "rate_limited", 60, is_account_wide=True)
