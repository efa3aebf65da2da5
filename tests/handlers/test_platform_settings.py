"""Changes of settings by users who looked at them at different times."""

import pytest

from domain.errors import BadPayload, Conflict, NotFound
from domain.platform_settings import PlatformSettings
from domain.setting_lists import CannedReply
from handlers.platform_settings import (
    ChangedMeanwhile,
    add_item,
    change_item,
    change_values,
    mark_of,
    move_item,
    remove_item,
)

A, B, C = (CannedReply(id=f"r{i}", name=name, text="x") for i, name in enumerate("ABC"))
NEW_B = CannedReply(id=B.id, name="B", text="y")


def test_only_what_differs_from_what_was_seen_is_written() -> None:
    now = PlatformSettings(time_zone="Europe/Sofia", retention_days=30)
    seen = {"time_zone": "UTC", "retention_days": "30", "keeps_assignee": "no"}
    wanted = {"time_zone": "UTC", "retention_days": "31", "keeps_assignee": "no"}
    assert change_values(now, wanted, seen) == {"retention_days": "31"}


def test_what_somebody_else_changed_is_not_written_over_and_is_named() -> None:
    now = PlatformSettings(time_zone="Europe/Sofia", retention_days=30)
    with pytest.raises(ChangedMeanwhile) as caught:
        change_values(
            now, {"time_zone": "Asia/Tokyo", "retention_days": "7"}, {"time_zone": "UTC", "retention_days": "30"}
        )
    assert caught.value.values == {"time_zone": "Europe/Sofia"}


def test_two_who_want_the_same_do_not_disagree() -> None:
    now = PlatformSettings(retention_days=30)
    assert change_values(now, {"retention_days": "30"}, {"retention_days": "0"}) == {"retention_days": "30"}


def test_a_value_that_cannot_be_is_refused_but_may_be_taken_back() -> None:
    with pytest.raises(BadPayload):
        change_values(PlatformSettings(), {"retention_days": "soon"}, {"retention_days": "0"})
    assert change_values(PlatformSettings(), {"privacy_contact": ""}, {"privacy_contact": "x"}) == {
        "privacy_contact": ""
    }


def test_adding_twice_adds_once() -> None:
    assert add_item(add_item((A,), B), B) == (A, B)
    with pytest.raises(BadPayload):
        add_item((A,), CannedReply(id="r9", name="a", text="x"))


def test_an_item_is_changed_in_its_place_if_it_is_as_it_was_seen() -> None:
    assert change_item((A, B, C), NEW_B, mark_of(B)) == (A, NEW_B, C)
    assert change_item((A, NEW_B, C), NEW_B, mark_of(B)) == (A, NEW_B, C), "the same once more"
    with pytest.raises(Conflict):
        change_item((A, CannedReply(id=B.id, name="B", text="z"), C), NEW_B, mark_of(B))
    with pytest.raises(NotFound):
        change_item((A, C), NEW_B, mark_of(B))


def test_an_item_is_removed_if_it_is_as_it_was_seen() -> None:
    assert remove_item((A, B, C), B.id, mark_of(B)) == (A, C)
    assert remove_item((A, C), B.id, mark_of(B)) == (A, C)
    with pytest.raises(Conflict):
        remove_item((A, NEW_B, C), B.id, mark_of(B))


@pytest.mark.parametrize(
    ("item", "places", "order"),
    [("r0", 1, "BAC"), ("r2", -1, "ACB"), ("r0", -1, "ABC"), ("r2", 5, "ABC"), ("r2", -9, "CAB")],
)
def test_an_item_moves_as_far_as_the_list_goes(item: str, places: int, order: str) -> None:
    assert "".join(one.name for one in move_item((A, B, C), item, places)) == order
