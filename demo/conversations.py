"""Which kinds of conversations there are in a play, and how each goes."""

from collections.abc import Callable

from demo import texts
from demo.hours import HOUR_MS, MINUTE_MS, SECOND_MS
from demo.people import AGENTS, MANAGERS, TEAM
from demo.scene import Scene
from demo.steps import Assigns, Closes, Comments, UserWrites
from domain.answers import Answer, BotFailure
from domain.models import Source


def play_any(scene: Scene, *, is_new: bool) -> None:
    """Let a conversation of any kind happen; somebody new begins it, often by coming to the door before they write."""
    kinds = {play: share for play, share in _KINDS.items() if not (is_new and play in _BY_US)}
    [play] = scene.chance.choices(list(kinds), list(kinds.values()))
    if scene.chance.random() < (0.3 if is_new else 0.02) and play not in (*_BY_US, _came_only):
        scene.comes()
    play(scene)


def play_waiting(scene: Scene, how: int) -> None:
    """Let a conversation happen that is still open.

    how: 0 nobody has replied, 1 somebody has, and the contact waits again, 2 it is the contact who is to reply.
    """
    scene.asks_bot()
    scene.wants_human()
    if how:
        scene.user_replies(scene.pick_user(), is_first=True)
    if how == 1:
        scene.contact_replies()


def _solved(scene: Scene) -> None:
    for _ in range(scene.chance.choices((1, 2, 3), (55, 32, 13))[0]):
        scene.asks_bot()
    scene.thanks()


def _left(scene: Scene) -> None:
    scene.asks_bot()
    scene.closes_by_itself()


def _asked(scene: Scene) -> None:
    if scene.chance.random() < 0.6:
        scene.asks_bot()
    scene.wants_human()
    _people(scene)


def _not_understood(scene: Scene) -> None:
    for _ in range(scene.chance.choices((1, 2, 3), (40, 45, 15))[0]):
        scene.says_unmatched()
    if scene.chance.random() < 0.5:
        scene.wants_human()
    _people(scene)


def _failed(scene: Scene) -> None:
    failure = scene.chance.choice((BotFailure.TIMED_OUT, BotFailure.TIMED_OUT, BotFailure.UNREACHABLE))
    answer = Answer(failure=failure, failure_detail="no answer within 8 s", latency_ms=8 * SECOND_MS)
    scene.writes(scene.question()[1], answer)
    _people(scene)


def _sent_file(scene: Scene) -> None:
    scene.asks_bot()
    scene.writes("", scene.answer(), attachment="image")
    _people(scene)


def _reached_out(scene: Scene) -> None:
    user = scene.pick_user()
    scene.works(scene.chance.uniform(1, 60) * MINUTE_MS)
    text = scene.filled(scene.chance.choice(texts.OUTREACH))
    scene.add(UserWrites(at_ms=scene.at_ms, user=user, text=text, opens=Source.USER))
    if scene.chance.random() < 0.7:
        scene.contact_replies()
        scene.user_replies(user, is_first=False)
    _close(scene, user)


def _shipped(scene: Scene) -> None:
    scene.api_writes(scene.filled(texts.SHIPPED))
    if scene.chance.random() < 0.2:
        scene.contact_replies()
        _people(scene)
    elif scene.chance.random() < 0.6:
        scene.passes(2 * HOUR_MS)
        scene.add(Closes(at_ms=scene.at_ms, source=Source.API, category="Delivery"))
    else:
        scene.closes_by_itself()


def _came_only(scene: Scene) -> None:
    scene.comes()
    scene.closes_by_itself()


_KINDS: dict[Callable[[Scene], None], float] = {
    _solved: 34,
    _left: 11,
    _asked: 22,
    _not_understood: 12,
    _failed: 3,
    _sent_file: 5,
    _reached_out: 9,
    _shipped: 6,
    _came_only: 3,
}
#: That we begin; nobody writes to whom they do not know.
_BY_US = (_reached_out, _shipped)


def _people(scene: Scene) -> None:
    """The team answers, more or less soon, until the conversation is over."""
    chance, user = scene.chance, scene.pick_user()
    if chance.random() < 0.12:
        user = chance.choice(AGENTS)
        scene.works(scene.lognormal(3 * MINUTE_MS, 0.8))
        scene.add(Assigns(at_ms=scene.at_ms, user=chance.choice(MANAGERS), to=user))
    elif chance.random() < 0.1:
        scene.passes(chance.uniform(5, 40) * MINUTE_MS)
        scene.writes("?", scene.answer())
    scene.user_replies(user, is_first=True)
    for _ in range(chance.choices((0, 1, 2, 3, 4), (22, 36, 25, 12, 5))[0]):
        scene.contact_replies()
        user = _hand_on(scene, user)
        scene.user_replies(user, is_first=False)
    if chance.random() < 0.08:
        scene.passes(2 * MINUTE_MS)
        told = chance.randrange(len(TEAM)) if chance.random() < 0.5 else None
        scene.add(Comments(at_ms=scene.at_ms, user=user, text=chance.choice(texts.COMMENTS), mentioned=told))
    _close(scene, user)


def _hand_on(scene: Scene, user: int) -> int:
    """Now and then a user gives the conversation back to nobody, and somebody else goes on."""
    if scene.chance.random() > 0.04:
        return user
    scene.works(scene.lognormal(3 * MINUTE_MS, 0.8))
    scene.add(Assigns(at_ms=scene.at_ms, user=user, to=None))
    return scene.pick_user()


def _close(scene: Scene, user: int) -> None:
    chance = scene.chance
    if chance.random() < 0.07:
        scene.closes_by_itself()
        return
    if chance.random() < 0.4:
        scene.works(40 * SECOND_MS)
        scene.add(UserWrites(at_ms=scene.at_ms, user=user, text=chance.choice(texts.ENDINGS)))
    scene.works(scene.lognormal(9 * MINUTE_MS, 1.1))
    if chance.random() < 0.06:
        user = chance.choice(MANAGERS)
    [category] = chance.choices((*texts.CATEGORIES, ""), (30, 18, 14, 16, 8, 9, 6, 2, 12))
    summary = chance.choice(texts.CATEGORIES[category]) if category and chance.random() < 0.6 else ""
    scene.add(Closes(at_ms=scene.at_ms, source=Source.USER, user=user, category=category, summary=summary))
