"""A dry run imagines what the store would do: steps that are imagined and steps that are committed leave the same."""

from dataclasses import replace
from typing import Any

import pytest

from domain.automations import Run
from domain.definitions import read_definition
from domain.models import Snapshot
from handlers.automations.dry_run import MAX_TEXT_CHARS
from handlers.automations.imagining import imagine
from handlers.automations.steps import Scene, Team, carry_out
from store import Store
from tests.people import SUSAN, SUSAN_ID, take
from tests.web.automations.doings import KEPT
from tests.web.inbox.plays import arrive, tag
from tests.web.signed_in import Visitor

STEPS: list[list[dict[str, Any]]] = [
    [{"kind": "close_conversation"}],
    [{"kind": "close_conversation"}, {"kind": "open_conversation"}],
    [{"kind": "bot_off"}],
    [{"kind": "bot_off"}, {"kind": "bot_on"}],
    [{"kind": "bot_off"}, {"kind": "close_conversation"}, {"kind": "open_conversation"}],
    [{"kind": "assign", "to": "round_robin"}],
    [{"kind": "assign", "to": "round_robin"}, {"kind": "unassign"}],
    [{"kind": "assign", "to": "least_open"}, {"kind": "bot_off"}, {"kind": "bot_on"}],
    [{"kind": "add_tags", "tags": ["one", "two"]}, {"kind": "remove_tags", "tags": ["old", "one"]}],
    [{"kind": "set_field", "field": "name", "value": "Sue"}, {"kind": "set_field", "field": "name", "value": ""}],
    [{"kind": "set_field", "field": "phone", "value": "+359 88 123 4567"}],
    [{"kind": "set_field", "field": "email", "value": "Sue@Example.com"}, {"kind": "send_message", "text": "Hi"}],
]


@pytest.mark.parametrize("steps", STEPS, ids=lambda steps: ",".join(step["kind"] for step in steps))
@pytest.mark.parametrize("needs", [True, False], ids=["needs a person", "with the bot"])
@pytest.mark.parametrize("back_on", [True, False], ids=["bot back on", "bot stays off"])
def test_what_is_imagined_is_what_the_store_makes_of_it(
    store: Store, maria: Visitor, steps: list[dict[str, Any]], needs: bool, back_on: bool
) -> None:
    arrive(store, SUSAN, needs=needs)
    turn, taken = take(store)
    assert taken.undecided and store.commit(taken, [], turn=turn, decides=taken.undecided.number).is_done
    tag(store, SUSAN_ID, "old")
    settings = replace(store.platform_settings(), bot_back_on_at_close=back_on)
    made = replace(read_definition({"name": "It", "trigger": {"kind": "by_hand"}, "steps": steps}), id="it")
    real = imagined = store.snapshot(SUSAN_ID)
    run = Run(
        id="r",
        automation="it",
        trigger=made.trigger.kind,
        entry=-1,
        number=1,
        step="s1",
        started_at_ms=1,
        chain=("it",),
    )
    for step in made.steps:
        scene = Scene(
            snapshot=imagined,
            automation=made,
            run=run,
            entry=None,
            now_ms=store.now_ms(),
            settings=settings,
            max_text_chars=MAX_TEXT_CHARS,
            team=Team(users=(maria.user,)),
        )
        actions = carry_out(step, scene).actions
        assert actions, "the step does something"
        assert store.commit(real, list(actions), bot_back_on=back_on).is_done
        real = store.snapshot(SUSAN_ID)
        imagined = imagine(imagined, actions, settings=settings, now_ms=store.now_ms())
        assert seen(imagined) == seen(real)


def test_the_page_says_what_is_supposed(maria: Visitor, store: Store) -> None:
    arrive(store, SUSAN, "an order")
    trigger = {"kind": "message_received", "match": "contains", "texts": ["order"]}
    definition = {"name": "It", "trigger": trigger, "steps": [{"kind": "comment", "text": "Look"}]}
    store.change_automations(lambda _: (replace(read_definition(definition), id=KEPT),))
    page = maria.get(f"/automations/{KEPT}?contact={SUSAN_ID}").text
    assert "with the last message that they wrote, in conversation #1." in page and "It would run:" in page
    arrive(store, SUSAN, "thanks", needs=False)
    page = maria.get(f"/automations/{KEPT}?contact={SUSAN_ID}").text
    assert "It would not run now. The last message that they wrote is not one that it waits for." in page


def seen(snapshot: Snapshot) -> dict[str, Any]:
    """What conditions and steps look at."""
    contact, opened = snapshot.contact, snapshot.open
    about = {name: getattr(contact, name) for name in ("name", "phone", "email", "tags", "fields", "conversations")}
    about["is_bot_off"] = bool(contact.bot_off)
    names = ("number", "source", "channel", "assignee", "needs", "paused")
    return about | {f"open.{name}": getattr(opened, name) if opened else None for name in names}
