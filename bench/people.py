"""Who is in a crowd: names, channels, tags, and what befell each; the same people in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.bodies import PAGE
from domain.identities import Identity, contact_id

#: Part of the contacts on the other channels; FEW of them are on the rare one.
FREQUENT_CHANNEL, OTHER_CHANNEL, RARE_CHANNEL = f"facebook:{PAGE}", "viber:shop", "facebook:104200000000098"
CHANNELS = (FREQUENT_CHANNEL, OTHER_CHANNEL, RARE_CHANNEL)
FREQUENT_CHANNEL_PART, FREQUENT_TAG_PART = 0.7, 0.05
FREQUENT_TAG, RARE_TAG = "vip", "complaint"
#: What does not grow with the number of contacts: who is on the rare channel or has the rare tag, and what a user has.
FEW, OF_EACH_USER = 50, 20
USERS = 20
NEEDY, ANSWERED, RETURNED = 0.3, 0.5, 0.2
#: Every so many a contact has phone and email address, beginning with number 7.
REACHABLE_EACH = 3
RARE_NAME = "Zsofia Ypsilon"
#: Of the contact that stands for all when a conversation is opened.
TYPICAL_FURTHER = 24
#: How many messages a contact has, beside the first one: often few, seldom many; the mean is MESSAGES_EACH - 1.
FURTHER = ((0.80, 3), (0.15, TYPICAL_FURTHER), (0.05, 60))
MESSAGES_EACH = 10
DAYS = 30

_FIRST = (
    *("Ana", "Ben", "Carla", "Dan", "Elif", "Farid", "Gita", "Hugo", "Ines", "Jan"),
    *("Kim", "Lea", "Max", "Nora", "Omar", "Pia", "Quinn", "Rosa", "Sven", "Tara"),
)
_MIDDLE = (
    *("Adler", "Berg", "Costa", "Dimov", "Evans", "Fischer", "Garcia", "Horvat", "Ivanova", "Jensen"),
    *("Kaya", "Lopez", "Meyer", "Novak", "Okafor"),
)
_LAST = (
    *("Petrov", "Quist", "Rossi", "Silva", "Tanaka", "Urban", "Vasquez", "Weber", "Xu", "Yilmaz"),
    *("Zeman", "Anders", "Brandt", "Castro", "Duarte"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes. further: how many messages there are beside the first."""

    number: int
    identity: Identity
    id: str
    name: str
    began_ms: int
    further: int
    has: frozenset[str]  # what befell them


def people(contacts: int, now_ms: int) -> Iterator[Person]:
    """Yield so many people, who came one after the other during the last DAYS."""
    chance = random.Random(20261122)
    for number in range(contacts):
        yield _person(number, contacts, now_ms, chance)


def phone_of(number: int) -> str:
    """Return the phone of a contact who has one: every third one, number 7 among them."""
    return f"+359{number:08d}"


def email_of(number: int) -> str:
    """Return the email address of the same."""
    return f"contact{number}@example.com"


def _person(number: int, contacts: int, now_ms: int, chance: random.Random) -> Person:
    # Evenly spread over the numbers, so that both stores hold everything in every stretch of time.
    place, is_few = number * 0.618034 % 1, number % max(contacts // FEW, 2) == 1
    channel = RARE_CHANNEL if is_few else FREQUENT_CHANNEL if place < FREQUENT_CHANNEL_PART else OTHER_CHANNEL
    identity = Identity.parse(f"{channel}:71{number:014d}")
    parts = {"needy": NEEDY, "answered": ANSWERED, "returned": RETURNED}
    has = {name for name, part in parts.items() if chance.random() < part}
    regular = {
        FREQUENT_TAG: number % round(1 / FREQUENT_TAG_PART) == 7,
        RARE_TAG: is_few,
        "assigned": number % max(contacts // (USERS * OF_EACH_USER), 2) == 0,
        "reachable": number % REACHABLE_EACH == 7 % REACHABLE_EACH,
    }
    has |= {name for name, is_so in regular.items() if is_so}
    roll, further = chance.random(), FURTHER[-1][1]
    for part, count in FURTHER:
        if roll < part:
            further = count
            break
        roll -= part
    name = RARE_NAME if number == contacts // 2 else " ".join(map(chance.choice, (_FIRST, _MIDDLE, _LAST)))
    began_ms = now_ms - DAYS * 86_400_000 * (contacts - number) // contacts
    return Person(number, identity, contact_id(identity), name, began_ms, further, frozenset(has))
