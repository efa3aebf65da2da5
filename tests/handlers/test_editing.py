"""Changes of automations by users who looked at them at different times."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.automations import MOST_AUTOMATIONS, Automation, Step, StepKind, Trigger, TriggerKind
from domain.errors import BadPayload, Conflict, NotFound
from handlers.automations import editing

NOW_MS = 1_700_000_000_000


def automation(name: str, **changes: object) -> Automation:
    values = {
        "id": name.lower(),
        "name": name,
        "trigger": Trigger(kind=TriggerKind.BY_HAND),
        "steps": (Step(id="s1", kind=StepKind.STOP),),
    }
    return Automation(**{**values, **changes})  # type: ignore[arg-type]


A, B, C = (automation(name, position=at, created_at_ms=1) for at, name in enumerate("ABC"))
ALL = (A, B, C)
RENAMED_B = replace(B, name="Better")


def names(items: tuple[Automation, ...]) -> str:
    assert [item.position for item in items] == list(range(len(items)))
    return "".join(item.name for item in items)


def test_a_new_one_comes_last_and_is_off() -> None:
    new = automation("N", is_active=True, active_since_ms=5)
    made = editing.add(ALL, new, NOW_MS)
    assert names(made) == "ABCN"
    assert made[-1] == replace(new, is_active=False, active_since_ms=0, created_at_ms=NOW_MS, position=3)


def test_what_is_sent_twice_is_added_once() -> None:
    once = editing.add(ALL, automation("N"), NOW_MS)
    assert editing.add(once, automation("N"), NOW_MS + 5) == once
    with pytest.raises(Conflict, match="added already"):
        editing.add(once, automation("N", description="another"), NOW_MS)


def test_there_is_an_end_to_adding_and_copying() -> None:
    full = tuple(automation(f"a{at}", position=at) for at in range(MOST_AUTOMATIONS))
    with pytest.raises(BadPayload, match="100 automations already"):
        editing.add(full, automation("N"), NOW_MS)
    with pytest.raises(BadPayload, match="100 automations already"):
        editing.clone(full, "a3", "new", NOW_MS)


def test_one_is_changed_in_its_place_and_stays_on() -> None:
    on = editing.set_active(ALL, "b", True, 7)
    changed = editing.change(on, replace(automation("b"), name="Better"), editing.mark_of(B), NOW_MS)
    assert changed == (A, replace(RENAMED_B, is_active=True, active_since_ms=7), C)


def test_a_change_of_what_somebody_else_changed_is_refused() -> None:
    now = editing.change(ALL, RENAMED_B, editing.mark_of(B), NOW_MS)
    with pytest.raises(Conflict, match="“Better”"):
        editing.change(now, replace(B, description="mine"), editing.mark_of(B), NOW_MS)
    with pytest.raises(Conflict):
        editing.remove(now, "b", editing.mark_of(B))
    assert editing.change(now, RENAMED_B, editing.mark_of(B), NOW_MS) == now, "both wanted the same"


def test_switching_and_moving_are_no_change_of_what_somebody_edits() -> None:
    now = editing.move(editing.set_active(ALL, "b", True, NOW_MS), "b", -1)
    assert editing.change(now, RENAMED_B, editing.mark_of(B), NOW_MS)[0].name == "Better"


def test_what_waits_for_something_else_is_as_if_switched_on_now() -> None:
    on = editing.set_active(ALL, "b", True, 7)
    silence = Trigger(kind=TriggerKind.NO_ANSWER_FROM_US, values={"minutes": 5})
    changed = editing.change(on, replace(B, trigger=silence), editing.mark_of(B), NOW_MS)
    assert changed[1].active_since_ms == NOW_MS
    longer = replace(silence, values={"minutes": 6})
    mark = editing.mark_of(changed[1])
    assert editing.change(changed, replace(B, trigger=longer), mark, NOW_MS + 9)[1].active_since_ms == NOW_MS


def test_what_is_gone_cannot_be_changed_moved_switched_or_copied_but_deleted() -> None:
    gone = automation("gone")
    changes: list[Callable[[], object]] = [
        lambda: editing.change(ALL, gone, "", NOW_MS),
        lambda: editing.move(ALL, "gone", 1),
        lambda: editing.set_active(ALL, "gone", True, NOW_MS),
        lambda: editing.clone(ALL, "gone", "new", NOW_MS),
    ]
    for change in changes:
        with pytest.raises(NotFound):
            change()
    assert editing.remove(ALL, "gone", "") == ALL


def test_the_others_close_up_when_one_is_deleted() -> None:
    assert names(editing.remove(ALL, "a", editing.mark_of(A))) == "BC"


@pytest.mark.parametrize(("places", "order"), [(-1, "BAC"), (1, "ACB"), (-9, "BAC"), (9, "ACB"), (0, "ABC")])
def test_one_moves_as_far_as_the_list_goes(places: int, order: str) -> None:
    assert names(editing.move(ALL, "b", places)) == order


def test_a_copy_stands_behind_what_was_copied_and_is_off() -> None:
    on = editing.set_active(ALL, "a", True, 7)
    made = editing.clone(on, "a", "new", NOW_MS)
    assert names(made) == "AA (copy)BC"
    assert made[1] == replace(A, id="new", name="A (copy)", created_at_ms=NOW_MS, position=1)
    assert editing.clone(made, "a", "new", NOW_MS) == made, "sent twice"


def test_a_copy_of_a_long_name_can_be_saved() -> None:
    long = replace(automation("long"), name="x" * 200)
    assert len(editing.clone((long,), "long", "new", NOW_MS)[1].name) == 200


def test_switching_on_sets_since_when_and_again_changes_nothing() -> None:
    on = editing.set_active(ALL, "c", True, NOW_MS)
    assert on[2] == replace(C, is_active=True, active_since_ms=NOW_MS)
    assert editing.set_active(on, "c", True, NOW_MS + 5) == on
    assert editing.set_active(on, "c", False, NOW_MS + 5) == ALL


def test_several_changes_are_one() -> None:
    both = editing.one_after_the_other(
        lambda items: editing.add(items, automation("N"), NOW_MS),
        lambda items: editing.set_active(items, "n", True, NOW_MS),
    )
    assert both(ALL)[-1].is_active
