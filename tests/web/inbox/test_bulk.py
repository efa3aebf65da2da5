"""The same for several conversations: each by its number, and the answer says what was not done and why."""

from werkzeug.test import TestResponse

from domain.identities import contact_id
from store import Store
from tests.people import SUSAN, SUSAN_ID
from tests.web.inbox.plays import FRAGMENT, arrive, close, give, name, somebody
from tests.web.signed_in import Visitor


def picked(store: Store, *contacts: str) -> list[str]:
    """What the checkboxes of these conversations hold now."""
    chosen = []
    for contact in contacts:
        number = store.snapshot(contact).contact.conversations
        chosen.append(f"{contact}-{number}.{store.timeline(contact, -1, 1).end - 1}")
    return chosen


def bulk(visitor: Visitor, chosen: list[str], **form: str) -> TestResponse:
    return visitor.post("/inbox/bulk", {"picked": chosen, **form}, headers=FRAGMENT)


def test_several_are_closed_and_what_is_not_closed_is_named_with_the_reason(
    alice: Visitor, charlie: Visitor, store: Store
) -> None:
    fine, wrote, closed, next_one = (arrive(store, somebody(i)) for i in range(4))
    chosen = picked(store, fine, wrote, closed, next_one)
    arrive(store, somebody(1), "wait", needs=False)
    close(store, closed)
    close(store, next_one)
    arrive(store, somebody(3))
    name(store, wrote, "Wanda Waits")
    answer = bulk(alice, chosen, do="close").text
    assert "Closed 1 of 4." in answer
    assert "Wanda Waits #1</strong>: The contact wrote meanwhile" in answer
    assert "It was closed already." in answer
    assert "#2 is open now" in answer
    still_open = [contact for contact in (fine, wrote, closed, next_one) if store.snapshot(contact).open]
    assert still_open == [wrote, next_one]


def test_several_are_assigned_and_tagged(alice: Visitor, bob: Visitor, store: Store) -> None:
    contacts = [arrive(store, somebody(i)) for i in range(3)]
    assert "Assigned 3 of 3." in bulk(alice, picked(store, *contacts), do="assign", assignee=bob.user.id).text
    assert "Tagged 3 of 3." in bulk(alice, picked(store, *contacts), do="tag", tag="vip, sofia").text
    assert "Assigned 2 of 2." in bulk(alice, picked(store, *contacts[:2]), do="assign", assignee="me").text
    opened = [store.snapshot(contact).open for contact in contacts]
    assert [one and one.assignee for one in opened] == [alice.user.card, alice.user.card, bob.user.card]
    assert {store.snapshot(contact).contact.tags for contact in contacts} == {("vip", "sofia")}


def test_a_restricted_agent_changes_only_their_own_and_nobodys(alice: Visitor, charlie: Visitor, store: Store) -> None:
    contacts = [arrive(store, somebody(i)) for i in range(2)]
    name(store, contacts[0], "A Secret")
    give(store, contacts[0], alice.user)
    answer = bulk(charlie, picked(store, *contacts), do="close").text
    assert "Closed 1 of 2." in answer and "Secret" not in answer and "somebody else has the conversation" in answer
    assert store.snapshot(contacts[0]).open


def test_a_bulk_close_asks_for_the_note_that_the_settings_want(alice: Visitor, store: Store, platform: Store) -> None:
    arrive(store, SUSAN)
    platform.change_setting("closing_note_mode", "both")
    assert bulk(alice, picked(store, SUSAN_ID), do="close").status_code == 400
    assert store.snapshot(SUSAN_ID).open
    assert "Closed 1 of 1." in bulk(alice, picked(store, SUSAN_ID), do="close", summary="all done").text


def test_nonsense_does_nothing(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    good = picked(store, SUSAN_ID)
    for chosen, form in (
        ([], {"do": "close"}),
        (["x"], {"do": "close"}),
        (good * 1 + [f"{contact_id(somebody(i))}-1.1" for i in range(100)], {"do": "close"}),
        (good, {"do": "delete"}),
        (good, {}),
        (good, {"do": "tag", "tag": " , "}),
    ):
        assert bulk(alice, chosen, **form).status_code == 400
    assert store.snapshot(SUSAN_ID).open
    assert "Assigned 0 of 1." in bulk(alice, good, do="assign", assignee="not-a-user").text


def test_a_contact_that_is_gone_is_one_of_those_that_were_not_done(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    answer = bulk(alice, [*picked(store, SUSAN_ID), f"{contact_id(somebody(9))}-1.1"], do="close").text
    assert "Closed 1 of 2." in answer and "There is no such contact" in answer
