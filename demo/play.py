"""A whole play: who comes when, what happens to each of them, and who turns out to be one and the same person.

The same numbers, the same seed and the same moment give the same play, to the letter.
"""

import random
from dataclasses import dataclass, field

from demo.conversations import play_any, play_waiting
from demo.hours import DAY_MS, HOUR_MS, MINUTE_MS, Quarter
from demo.people import AGENTS, MANAGERS, email_of, name_of, phone_of
from demo.scene import Scene
from demo.steps import AnyStep, BotDecides, Closes, Learns
from demo.texts import TAGS
from domain.identities import Identity, contact_id
from domain.models import Source

#: So many of those who write are new; of the others, who has written most comes back most often.
NEW_SHARE = 0.45
VIBER_SHARE = 0.35
#: Between two conversations of a contact there is at least that.
GAP_MS = HOUR_MS
#: One pair of contacts who are one person for so many conversations; one of four is found out and merged.
EACH_PAIR, FOUND_OUT = 120, 4
#: One conversation that waits at the end for so many, but never fewer than MIN_WAITING; since when: from, to.
EACH_WAITING, MIN_WAITING, WAITING_MS = 150, 6, (4 * MINUTE_MS, 26 * HOUR_MS)


@dataclass(slots=True)
class Story:
    """What happens to one contact. conversations: the steps of each; after: what users did behind the first one."""

    number: int
    identity: Identity
    name: str
    conversations: list[list[AnyStep]] = field(default_factory=list)
    after: list[AnyStep] = field(default_factory=list)

    @property
    def id(self) -> str:
        return contact_id(self.identity)

    @property
    def ends_ms(self) -> int:
        """When the last thing happens."""
        return max(self.conversations[-1][-1].at_ms, *(step.at_ms for step in self.after), 0)

    def steps(self, now_ms: int) -> list[AnyStep]:
        """Return what has happened by `now_ms`, in order."""
        found = [step for steps in (*self.conversations, self.after) for step in steps if step.at_ms <= now_ms]
        return sorted(found, key=lambda step: step.at_ms)

    def open_since_ms(self, now_ms: int) -> int | None:
        """Return when the conversation began that is open at `now_ms`; None when none is."""
        last = self.conversations[-1]
        end = last[-1]
        closes = isinstance(end, Closes) or (isinstance(end, BotDecides) and end.answer.commands.mark_done)
        return None if closes and end.at_ms <= now_ms else last[0].at_ms


@dataclass(frozen=True, slots=True)
class Merge:
    """A manager makes the second contact a part of the first."""

    at_ms: int
    primary: Story
    secondary: Story
    user: int


@dataclass(frozen=True, slots=True)
class Play:
    """Everything that happens. now_ms: nothing later than that has happened yet."""

    now_ms: int
    stories: list[Story]
    merges: list[Merge]


def name_of_play(conversations: int, days: int, seed: int) -> str:
    """Return what tells a play from another one; its contacts carry it."""
    return f"demo.{seed}.{conversations}.{days}"


def make_play(conversations: int, quarter: Quarter, seed: int, facebook: str, viber: str) -> Play:
    """Return the play of so many conversations. facebook, viber: the channels (`kind:account`) that contacts are on."""
    name = name_of_play(conversations, quarter.days, seed)
    chance = random.Random(f"{name} begins")
    waiting = min(max(conversations // EACH_WAITING, MIN_WAITING), conversations // 3)
    begins: list[tuple[int, int | None]] = [
        (at_ms, None) for at_ms in quarter.begins_ms(chance, conversations - waiting)
    ]
    begins += [(quarter.now_ms - ago_ms, how % 3) for how, ago_ms in enumerate(_waits_ms(waiting))]
    stories: list[Story] = []
    guests: list[Story] = []  # once for each conversation they have had
    for number, (at_ms, how) in enumerate(sorted(begins, key=lambda pair: pair[0])):
        chance = random.Random(f"{name} {number}")
        story = _who(chance, guests, at_ms)
        if story is None:
            channel = viber if chance.random() < VIBER_SHARE else facebook
            identity = Identity.parse(f"{channel}:{name}.{len(stories)}")
            story = Story(len(stories), identity, name_of(chance))
            stories.append(story)
        guests.append(story)
        scene = Scene(chance, quarter, at_ms, is_messenger=story.identity.kind == "facebook")
        if how is None:
            play_any(scene, is_new=not story.conversations)
        else:
            play_waiting(scene, how)
        story.conversations.append(scene.steps)
    chance = random.Random(f"{name} ends")
    for story in stories:
        if chance.random() < 0.3:
            _learn(story, chance)
    merges = _merge(_pairs(stories, conversations, quarter.now_ms, chance), quarter, chance)
    return Play(quarter.now_ms, stories, merges)


def _waits_ms(count: int) -> list[int]:
    """For how long those at the end have waited: evenly by how often it doubles."""
    first, last = WAITING_MS
    return [int(first * (last / first) ** (number / max(count - 1, 1))) for number in range(count)]


def _who(chance: random.Random, guests: list[Story], at_ms: int) -> Story | None:
    """Who begins a conversation then; None: somebody new."""
    if not guests or chance.random() < NEW_SHARE:
        return None
    tried = (chance.choice(guests) for _ in range(8))
    return next((story for story in tried if story.ends_ms + GAP_MS <= at_ms), None)


def _learn(story: Story, chance: random.Random, phone: str = "") -> None:
    """A user writes down, after the first conversation, how the contact can be reached."""
    at_ms = story.conversations[0][-1].at_ms + 90_000
    has_phone = chance.random() < 0.6
    story.after = [
        Learns(
            at_ms=at_ms,
            user=chance.choice(AGENTS),
            phone=phone or (phone_of(story.number) if has_phone else ""),
            email="" if has_phone or phone else email_of(story.name, story.number),
            tags=(chance.choice(TAGS),) if chance.random() < 0.4 else (),
        )
    ]


def _pairs(stories: list[Story], conversations: int, now_ms: int, chance: random.Random) -> list[tuple[Story, Story]]:
    """Who of Messenger and who of Viber have the same phone number, and the same name."""
    known = [story for story in stories if story.conversations[0][-1].at_ms < now_ms - DAY_MS]
    ones = [story for story in known if story.identity.kind == "facebook"]
    others = [story for story in known if story.identity.kind == "viber"]
    count = min(max(conversations // EACH_PAIR, 1), len(ones), len(others))
    pairs = list(zip(chance.sample(ones, count), chance.sample(others, count), strict=True))
    for one, other in pairs:
        other.name = one.name
        for story in (one, other):
            _learn(story, chance, phone_of(one.number))
    return pairs


def _merge(pairs: list[tuple[Story, Story]], quarter: Quarter, chance: random.Random) -> list[Merge]:
    merges: list[Merge] = []
    for one, other in pairs:
        if len(merges) >= -(-len(pairs) // FOUND_OUT):
            break
        at_ms = quarter.after_work(max(one.ends_ms, other.ends_ms) + GAP_MS, chance.randrange(5 * HOUR_MS))
        if at_ms > quarter.now_ms:
            continue
        last = other.conversations[-1]
        if len(merges) % 2 == 0 and isinstance(last[-1], Closes) and last[-1].source is Source.USER:
            last.pop()  # the merge closes it
        merges.append(Merge(at_ms, one, other, chance.choice(MANAGERS)))
    return merges
