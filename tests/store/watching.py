"""Lets everything happen once that the scripts do for automations."""

from dataclasses import replace

from domain.actions import Action, Close, CountRun, KeepRuns, NoteAnswer, Send
from domain.automation_runs import Outcome, RunRecord
from domain.automations import LINES, Automation, Run, RunState, TriggerKind
from domain.definitions import read_definition
from domain.identities import MERGES_ID, Identity, contact_id
from domain.models import Letter, Sender, Source
from store import Deleted, Store
from tests.people import ALICE, message, take, welcome
from turns.merges import carry_out


def let_automations_run(store: Store) -> None:
    """Let automations watch two contacts: lines that they wait for, silences, a run that waits, and its end."""
    for kind in (*LINES, TriggerKind.NO_ANSWER_FROM_CONTACT):
        store.change_automations(lambda items, kind=kind: (*items, _waiting_for(kind)))  # type: ignore[misc]
    ann, ben = (Identity("viber", "shop", name) for name in ("watched", "watched too"))
    data = {"kind": "message", "text": "Bob here", "sender": "user"}
    for who in (ann, ben):
        store.receive([welcome(who=who, token="t9"), message(who=who), message("bye", who=who)])
        store.claim_welcome(contact_id(who), "t9", "Configured")
        store.receive([message(who=who, letter=Letter.SENT, data=data, opens=None, external_id="m_w")])
    contact = contact_id(ann)
    turn, snapshot = take(store, contact)
    assert snapshot.undecided and snapshot.undecided.data["kind"] == "created" and snapshot.contact.wake_at_ms
    run = Run(
        id="r", automation="a", trigger=TriggerKind.WELCOME, entry=1, number=1, step="s", started_at_ms=1, chain=()
    )
    missed = RunRecord(contact=contact, at_ms=1, outcome=Outcome.NOT_MATCHED)
    begun: list[Action] = [KeepRuns(state=RunState(runs=(run,)), seen_wake_ms=snapshot.contact.wake_at_ms, wake_ms=1)]
    said: list[Action] = [
        Send(number=1, text="x", sender=Sender.AUTOMATION),
        NoteAnswer(entry=1, channel="viber", is_fallback=True),
    ]
    counted: list[Action] = [CountRun(automation="a", counts_as="triggered", record=missed)]
    committed = store.commit(snapshot, [*said, *begun, *counted], turn=turn, keeps_lease=True)
    assert committed.snapshot and committed.snapshot.contact.wake_at_ms == 1
    ended: list[Action] = [KeepRuns(state=RunState(), seen_wake_ms=seen, wake_ms=0) for seen in (1, 2)]
    closed: list[Action] = [Close(number=1, source=Source.AUTOMATION, later_from=committed.snapshot.contact.cursor)]
    number = snapshot.undecided.number
    assert store.commit(committed.snapshot, [*ended, *closed], turn=turn, decides=number, wake_ms=5).is_done
    assert store.snapshot(contact).contact.openings and store.snapshot(contact).open
    store.note_misses([("a", missed)])
    assert (
        store.automation_numbers()["a"].triggered and len(store.run_history("a")) == 2 and store.next_assignment_turn()
    )
    asked = store.request_merge(contact, contact_id(ben), by=ALICE)
    turn, snapshot = take(store, MERGES_ID)
    assert snapshot.undecided
    assert store.commit(snapshot, carry_out(store, snapshot.undecided), turn=turn, decides=asked).is_done
    assert store.delete_contact(contact, ALICE) is Deleted.DONE
    store.forget_automation("a")
    store.change_automations(lambda items: ())


def _waiting_for(kind: TriggerKind) -> Automation:
    values = {"minutes": 1} if kind is TriggerKind.NO_ANSWER_FROM_CONTACT else {}
    definition = {"name": kind, "trigger": {"kind": kind, **values}, "steps": [{"kind": "stop"}]}
    return replace(
        read_definition(definition), id="a" if kind is TriggerKind.CONVERSATION_OPENED else kind, is_active=True
    )
