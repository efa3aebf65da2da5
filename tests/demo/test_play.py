"""What happens in a play: the same for the same numbers, of any size, and such as a team's quarter is."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from demo.hours import DAY_MS, Quarter
from demo.people import TEAM
from demo.play import Play, make_play
from demo.steps import AnyStep, Assigns, BotDecides, Closes, Comes, UserWrites, Writes
from demo.texts import INTENTS
from domain.models import Source

NOW_MS = 1_795_350_000_000  # 2026-11-22, half past eleven in London
UTC, LONDON = ZoneInfo("UTC"), ZoneInfo("Europe/London")
CHANNELS = ("facebook:demo", "viber:demo")


def played(conversations: int, *, seed: int = 7, days: int = 90, now_ms: int = NOW_MS, zone: ZoneInfo = UTC) -> Play:
    return make_play(conversations, Quarter(now_ms, days, zone), seed, *CHANNELS)


def steps_of(play: Play) -> list[AnyStep]:
    return [step for story in play.stories for step in story.steps(play.now_ms)]


@pytest.fixture(scope="module")
def quarter() -> Play:
    return played(1500, zone=LONDON)


def test_the_same_numbers_give_the_same_play_to_the_letter() -> None:
    assert played(60) == played(60)
    texts = [[step.text for step in steps_of(played(60, seed=seed)) if isinstance(step, Writes)] for seed in (7, 8)]
    assert texts[0] != texts[1]
    assert {story.id for story in played(60).stories}.isdisjoint(story.id for story in played(60, seed=8).stories)


def test_a_week_later_it_is_the_same_a_week_later() -> None:
    before, after = played(60), played(60, now_ms=NOW_MS + 7 * DAY_MS)
    assert [story.id for story in before.stories] == [story.id for story in after.stories]
    moments = [[step.at_ms for step in steps_of(play)] for play in (before, after)]
    assert [at_ms + 7 * DAY_MS for at_ms in moments[0]] == moments[1]


@pytest.mark.parametrize("days", [1, 3, 400])
@pytest.mark.parametrize("conversations", [1, 2, 3, 20, 61])
def test_it_may_have_any_size(conversations: int, days: int) -> None:
    play = played(conversations, days=days)
    assert sum(len(story.conversations) for story in play.stories) == conversations
    assert min(step.at_ms for step in steps_of(play)) > NOW_MS - (days + 1) * DAY_MS


def test_nothing_is_later_than_now_and_no_two_things_happen_to_a_contact_at_once(quarter: Play) -> None:
    for story in quarter.stories:
        moments = [step.at_ms for step in story.steps(quarter.now_ms)]
        assert moments == sorted(set(moments)) and max(moments) <= quarter.now_ms


def test_one_conversation_of_a_contact_is_over_before_the_next_begins(quarter: Play) -> None:
    for story in quarter.stories:
        ends = [(steps[0].at_ms, steps[-1].at_ms) for steps in story.conversations]
        assert all(end < begin for (_, end), (begin, _) in pairwise(ends))


def test_some_wait_for_different_times_at_the_end(quarter: Play) -> None:
    since = sorted(at_ms for story in quarter.stories if (at_ms := story.open_since_ms(quarter.now_ms)))
    assert len(since) >= 10 and quarter.now_ms - since[-1] < 3_600_000 < 20 * 3_600_000 < quarter.now_ms - since[0]


def test_people_write_in_the_day_on_weekdays_and_more_at_the_end(quarter: Play) -> None:
    begins = [
        datetime.fromtimestamp(steps[0].at_ms / 1000, LONDON)
        for story in quarter.stories
        for steps in story.conversations
    ]
    hours, weekdays = Counter(at.hour for at in begins), Counter(at.weekday() for at in begins)
    assert hours[12] < hours[10] > 5 * hours[3], "lunch dips, the night sleeps"
    assert weekdays[6] < weekdays[1] / 1.5
    middle = sorted(begins)[len(begins) // 2]
    assert max(begins) - middle < 0.9 * (middle - min(begins)), "half of it comes in less than half of the time"


def test_users_work_in_their_hours_only(quarter: Play) -> None:
    wrote = [
        datetime.fromtimestamp(step.at_ms / 1000, LONDON) for step in steps_of(quarter) if isinstance(step, UserWrites)
    ]
    in_hours = sum(at.weekday() < 6 and 9 <= at.hour < 18 for at in wrote)
    assert in_hours > 0.99 * len(wrote) > 1000, "what was begun may end a minute late"


def test_one_week_is_bad(quarter: Play) -> None:
    def first_replies_s(is_bad: bool) -> list[float]:
        found = []
        for story in quarter.stories:
            for steps in story.conversations:
                wrote = next((step for step in steps if isinstance(step, UserWrites) and step.opens is None), None)
                if wrote and Quarter(NOW_MS, 90, LONDON).is_bad(steps[0].at_ms) == is_bad:
                    found.append((wrote.at_ms - steps[0].at_ms) / 1000)
        return sorted(found)

    bad, usual = first_replies_s(True), first_replies_s(False)
    assert bad[len(bad) // 2] > 2 * usual[len(usual) // 2]


def test_everything_that_reports_tell_apart_is_there(quarter: Play) -> None:
    steps = steps_of(quarter)
    intents = {step.answer.intent for step in steps if isinstance(step, BotDecides)}
    assert {intent.name for intent in INTENTS} <= intents and "" in intents
    assert {step.source for step in steps if isinstance(step, Closes)} == {Source.USER, Source.API, Source.AUTO_CLOSE}
    assert any(step.answer.commands.mark_done for step in steps if isinstance(step, BotDecides))
    assert {step.to is None for step in steps if isinstance(step, Assigns)} == {True, False}
    assert any(isinstance(step, Comes) for step in steps) and quarter.merges
    assert {step.user for step in steps if isinstance(step, UserWrites)} == set(range(len(TEAM)))
    viber = sum(story.identity.kind == "viber" for story in quarter.stories) / len(quarter.stories)
    assert 0.3 < viber < 0.4
    counts = sorted(len(story.conversations) for story in quarter.stories)
    assert counts[len(counts) // 2] == 1 and counts[-1] > 10, "few come often, most come once"


def test_a_merge_comes_after_all_that_happens_to_both(quarter: Play) -> None:
    for merge in quarter.merges:
        assert merge.at_ms > max(merge.primary.ends_ms, merge.secondary.ends_ms)
        assert (merge.primary.identity.kind, merge.secondary.identity.kind) == ("facebook", "viber")
