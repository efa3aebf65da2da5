"""What happened in closed conversations that are loaded to be measured: the same mixture in a store of any size."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from bench.bodies import PAGE
from domain.identities import Identity, contact_id

USERS, CATEGORIES, INTENTS = 20, 8, 30
FREQUENT_CHANNEL, OTHER_CHANNEL = f"facebook:{PAGE}", "viber:shop"
OTHER_PART, WELCOME_PART = 0.35, 0.1
#: Of twenty contacts in a row so many have had so many conversations: forty together.
OF_TWENTY = (*(1,) * 12, *(2,) * 5, *(4,) * 2, 10)
#: A conversation begins in the first half day of a stretch of its own, and is over before the next stretch begins.
STRETCH_MS = 2 * 86_400_000
STRETCHES = 44
BEGINS_WITHIN_MS = STRETCH_MS // 4
ANSWER_MS, SECOND_MS, IDLE_MS = 900, 1_000, 86_400_000
#: When the first stretch begins at the earliest: what begins last is over now.
LONGEST_AGO_MS = STRETCHES * STRETCH_MS + BEGINS_WITHIN_MS + IDLE_MS + 60_000


class Kind(Enum):
    """How a conversation went."""

    BOT = "bot"  # it answered, was thanked, and closed
    PERSON = "person"  # it asked for a person, who replied twice and closed
    BY_USER = "by_user"  # a user wrote first; the contact wrote back, was answered
    IDLE = "idle"  # the bot answered, and nobody wrote any more


KINDS = {Kind.BOT: 45, Kind.PERSON: 38, Kind.BY_USER: 7, Kind.IDLE: 10}


class Talk(NamedTuple):
    """One conversation. at_ms: when its moments were; user: a number, and so is category, 0 being none."""

    number: int
    kind: Kind
    comes_first: bool  # to the door, before the first message
    at_ms: tuple[int, ...]
    user: int
    category: int
    intent: int
    is_fallback: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """A contact and all that was talked about."""

    identity: Identity
    id: str
    name: str
    talks: list[Talk]


def who(conversations: int) -> Iterator[tuple[int, int]]:
    """Yield the contacts' numbers, each with how many conversations it has had."""
    left, number = conversations, 0
    while left > 0:
        count = min(OF_TWENTY[number * 7 % 20], left)
        yield number, count
        left, number = left - count, number + 1


def identity_of(number: int) -> Identity:
    """Return where a contact writes."""
    channel = OTHER_CHANNEL if number * 0.618034 % 1 < OTHER_PART else FREQUENT_CHANNEL
    return Identity.parse(f"{channel}:72{number:014d}")


def guest(number: int, count: int, now_ms: int, chance: random.Random) -> Guest:
    """Return a contact with so many conversations, all closed by `now_ms`."""
    identity = identity_of(number)
    # Everybody's stretches begin at another moment, so that each quarter of an hour has as much as the next.
    first_ms = now_ms - LONGEST_AGO_MS + int(chance.random() * STRETCH_MS)
    stretches = sorted(chance.sample(range(STRETCHES), count))
    begins = (first_ms + stretch * STRETCH_MS + int(chance.random() * BEGINS_WITHIN_MS) for stretch in stretches)
    talks = [_talk(place + 1, at_ms, chance) for place, at_ms in enumerate(begins)]
    return Guest(identity, contact_id(identity), f"Guest {number}", talks)


_KINDS, _SHARES = list(KINDS), list(KINDS.values())


def _talk(number: int, at_ms: int, chance: random.Random) -> Talk:
    [kind] = chance.choices(_KINDS, _SHARES)
    if kind is Kind.BY_USER and number == 1:
        kind = Kind.BOT  # nobody writes to whom they do not know
    roll = chance.random
    waits = [SECOND_MS + int(chance.expovariate(1 / 900_000)) for _ in range(4)]
    moments = [at_ms]
    for wait in waits:
        moments.append(moments[-1] + min(wait, 4 * 3_600_000))
    return Talk(
        number,
        kind,
        comes_first=kind is not Kind.BY_USER and roll() < WELCOME_PART,
        at_ms=tuple(moments),
        user=int(USERS * roll() * roll()),
        category=int((CATEGORIES + 1) * roll()),
        intent=int(INTENTS * roll()),
        is_fallback=roll() < 0.2,
    )
