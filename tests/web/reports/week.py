"""A week of work for tests of reports: two channels, a bot, users with hostile names, categories with hostile names."""

from dataclasses import dataclass, replace
from typing import Any

from domain.actions import Action, Assign, Close, NeedPerson, NoteAnswer, Send
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from domain.users import User
from store import Store
from tests.conftest import BOT, PAGE, StoppedClock
from tests.people import message
from tests.web.signed_in import add_user

MINUTE_MS, DAY_MS = 60_000, 86_400_000
HOSTILE_NAME = "Bob <b>Stone</b>"
HOSTILE_CATEGORY = '<script>alert("1")</script>|x'
UNKNOWN_TEXT = "</textarea><script>what about the blue one?</script>"


@dataclass(frozen=True)
class Week:
    """Who worked."""

    bob: User
    gone: User


def make_week(store: Store, clock: StoppedClock, *, days: int = 7) -> Week:
    """Let three conversations happen on each day before today and today; every day is summed up."""
    now_ms = clock.ms
    bob, gone = add_user(store, name=HOSTILE_NAME), add_user(store, name="Gone")
    store.change_user(gone.id, lambda user: replace(user, is_active=False))
    first_ms = now_ms - (days - 1) * DAY_MS
    for day in range(days):
        clock.ms = first_ms + day * DAY_MS - 60 * MINUTE_MS
        _answered_by_user(store, clock, f"{day}", bob if day % 2 else gone, wait_ms=(day + 1) * MINUTE_MS)
        _closed_by_bot(store, clock, f"{day}")
        _not_understood(store, clock, f"{day}")
    clock.ms = now_ms
    sum_all_up(store, first_ms - 60 * MINUTE_MS)
    return Week(bob, gone)


def sum_all_up(store: Store, since_ms: int) -> None:
    """Do what the worker does."""
    zone = store.platform_settings(is_fresh=True).zone
    store.forget_sums(since_ms)
    for day in store.days_to_sum_up(zone):
        store.sum_up_day(day, zone)


def _answered_by_user(store: Store, clock: StoppedClock, key: str, user: User, *, wait_ms: int) -> None:
    contact = _write(store, Identity("facebook", PAGE, f"71{key}"), "where is it?")
    _do(store, contact, NeedPerson(number=1, reason="notify"), Assign(number=1, user=user.card, by=user.card))
    clock.ms += wait_ms
    _do(store, contact, Send(number=1, text="here", sender=Sender.USER, by=user.card))
    clock.ms += MINUTE_MS
    _do(store, contact, Close(number=1, source=Source.USER, by=user.card, category=HOSTILE_CATEGORY))


def _closed_by_bot(store: Store, clock: StoppedClock, key: str) -> None:
    contact = _write(store, Identity("viber", BOT, f"v{key}=="), "when do you open?")
    _do(store, contact, NoteAnswer(entry=1, channel="viber", intent="opening hours"))
    _do(store, contact, Send(number=1, text="at 9", sender=Sender.BOT))
    _do(store, contact, Close(number=1, source=Source.DIALOGFLOW))


def _not_understood(store: Store, clock: StoppedClock, key: str) -> None:
    contact = _write(store, Identity("viber", BOT, f"w{key}=="), UNKNOWN_TEXT)
    entry = next(one.number for one, _ in store.timeline(contact, 0, 10).entries if one.text)
    _do(store, contact, NoteAnswer(entry=entry, channel="viber", is_fallback=True))


def _write(store: Store, who: Identity, text: str) -> str:
    store.receive([message(text, who=who)])
    return contact_id(who)


def _do(store: Store, contact: str, *actions: Action, **options: Any) -> None:
    assert store.commit(store.snapshot(contact), list(actions), **options).is_done
