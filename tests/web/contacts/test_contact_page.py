"""A contact's page: what it shows, what users may write on it, and who may not see it."""

import re

import pytest

from domain.actions import Send
from domain.models import Sender
from store import Store
from tests.conftest import StoppedClock
from tests.people import BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID
from tests.web.contacts.doings import act, close, define_fields, describe, give_tags, give_to, hear
from tests.web.signed_in import Visitor

CITY = {"id": "CITY", "name": "City"}
SIZE = {"id": "SIZE", "name": "Size", "kind": "list", "options": ["S", "M"]}
CARD = {"id": "CARD", "name": "Has a card", "kind": "checkbox"}
BORN = {"id": "BORN", "name": "Birthday", "kind": "date"}


def test_the_page_shows_profile_identities_and_what_every_conversation_came_to(
    store: Store, clock: StoppedClock, agent: Visitor
) -> None:
    define_fields(store, CITY)
    hear(store)
    describe(store, phone="+15550001", fields__CITY="Varna", fields__GONE="old value")
    clock.pass_s(300)
    act(store, Send(number=1, text="Hi", sender=Sender.USER, by=BOB))
    clock.pass_s(3600)
    give_to(store, BOB)
    close(store, category="Sold", summary="Two blue ones")
    clock.pass_s(86_400)
    hear(store)
    page = agent.get(f"/contacts/{SUSAN_ID}").text
    for shown in ("Susan Quiet", "+15550001", "Varna", "GONE", "old value", SUSAN.contact_ref, "BG", "First seen"):
        assert shown in page
    for shown in ("1 h 5 min", "5 min", "1 / 1", "Sold · Two blue ones", "the contact wrote", "Bob", "#2", "Open"):
        assert shown in page
    assert re.findall(r'href="(/conversations/[^"?]+\?at=\d+)"', page)[1] == f"/conversations/{SUSAN_ID}?at=0"


def test_what_was_changed_is_saved_and_what_was_not_stays_a_colleagues(store: Store, agent: Visitor) -> None:
    define_fields(store, CITY, SIZE, CARD)
    hear(store)
    describe(store, phone="+15550009")  # by a colleague, after the page was opened
    form = {"name": "Susan B", "was.name": "Susan Quiet", "phone": "", "was.phone": "", "email": "S@Example.com"}
    fields = {"fields.CITY": " Varna ", "fields.SIZE": "M", "fields.CARD": "yes"}
    answer = agent.post(f"/contacts/{SUSAN_ID}/profile", {**form, **fields})
    assert (answer.status_code, answer.location) == (303, f"/contacts/{SUSAN_ID}")
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.name, contact.phone, contact.email) == ("Susan B", "+15550009", "s@example.com")
    assert contact.fields == {"CITY": "Varna", "SIZE": "M", "CARD": "yes"}
    assert "Saved." in agent.get(f"/contacts/{SUSAN_ID}").text


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"phone": "call me"}, "A phone number has"),
        ({"email": "nobody"}, "looks like"),
        ({"name": "x" * 100}, "at most 60"),
        ({"fields.SIZE": "XXL"}, "Size: choose one"),
        ({"fields.BORN": "31.12.2000"}, "Birthday: write a day"),
        ({"fields.CITY": "x" * 1001}, "City: at most"),
    ],
)
def test_what_cannot_be_kept_is_shown_again_and_nothing_is_saved(
    store: Store, agent: Visitor, form: dict[str, str], problem: str
) -> None:
    define_fields(store, CITY, SIZE, BORN)
    hear(store)
    answer = agent.post(f"/contacts/{SUSAN_ID}/profile", {"email": "s@example.com", **form})
    assert answer.status_code == 400 and problem in answer.text
    assert f'value="{next(iter(form.values()))}"' in answer.text or "fields.SIZE" in form
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.phone, contact.email, contact.fields) == ("", "", {})


def test_tags_are_given_and_taken(store: Store, agent: Visitor) -> None:
    hear(store)
    agent.post(f"/contacts/{SUSAN_ID}/tags", {"add": "vip, big  spender,,"})
    assert store.snapshot(SUSAN_ID).contact.tags == ("vip", "big spender")
    assert store.tags() == ["big spender", "vip"]
    agent.post(f"/contacts/{SUSAN_ID}/tags", {"remove": "vip"})
    assert store.snapshot(SUSAN_ID).contact.tags == ("big spender",)
    answer = agent.post(f"/contacts/{SUSAN_ID}/tags", {"add": "x" * 41})
    assert answer.status_code == 400 and "A tag has 1 to 40 characters" in answer.text


def test_who_is_not_there_or_not_theirs_is_not_found(store: Store, agent: Visitor, restricted: Visitor) -> None:
    for path in (f"/contacts/{SUSAN_ID}", "/contacts/nobody", "/contacts/" + "a" * 24):
        assert agent.get(path).status_code == 404
    hear(store)
    give_to(store, BOB)
    assert agent.get(f"/contacts/{SUSAN_ID}").status_code == 200
    assert restricted.get(f"/contacts/{SUSAN_ID}").status_code == 404
    for path in ("profile", "tags"):
        assert restricted.post(f"/contacts/{SUSAN_ID}/{path}", {"name": "X", "add": "x"}).status_code == 404
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.name, contact.tags) == ("Susan Quiet", ())


def test_a_form_without_the_token_does_nothing(store: Store, manager: Visitor) -> None:
    hear(store)
    for path in ("profile", "tags", "delete", f"merge/{PETAR_ID}"):
        answer = manager.client.post(f"/contacts/{SUSAN_ID}/{path}", data={"add": "x", "confirmed": "yes"})
        assert answer.status_code == 400
    assert store.snapshot(SUSAN_ID).contact.tags == ()


def test_a_merged_contact_leads_to_the_one_that_it_is_part_of(store: Store, agent: Visitor) -> None:
    susan, petar = hear(store), hear(store, "Petar", who=PETAR)
    store.connection.command(lambda client: client.hset(store.keys.contact(petar), "merged_into", susan))
    answer = agent.get(f"/contacts/{petar}")
    assert (answer.status_code, answer.location) == (302, f"/contacts/{susan}")
    assert "was merged into this one" in agent.get(f"/contacts/{susan}").text


def test_the_same_phone_or_email_suggests_a_merge(store: Store, agent: Visitor, manager: Visitor) -> None:
    for who, name in ((SUSAN, "Susan"), (PETAR, "Petar")):
        hear(store, name, who=who)
    assert "Perhaps the same" not in agent.get(f"/contacts/{SUSAN_ID}").text
    describe(store, email="s@example.com")
    describe(store, PETAR_ID, email="S@example.com", name="s@example.com")
    page = agent.get(f"/contacts/{SUSAN_ID}").text
    assert "Perhaps the same" in page and f"/contacts/{PETAR_ID}" in page and "/merge/" not in page
    assert f"/contacts/{SUSAN_ID}/merge/{PETAR_ID}" in manager.get(f"/contacts/{SUSAN_ID}").text
    listed = manager.get("/contacts/suggestions").text
    assert (
        listed.count("Both have s@example.com") == 1 and f"/merge/{PETAR_ID}" in listed
    ) or f"/merge/{SUSAN_ID}" in listed
    assert "/merge/" not in agent.get("/contacts/suggestions").text


def test_suggestions_name_nobody_whom_the_user_may_not_see(store: Store, restricted: Visitor) -> None:
    for who, name in ((SUSAN, "Susan"), (PETAR, "Petar")):
        hear(store, name, who=who)
    describe(store, phone="+15550001")
    describe(store, PETAR_ID, phone="+15550001")
    assert "Petar" in restricted.get("/contacts/suggestions").text
    give_to(store, BOB, PETAR_ID)
    for path in ("/contacts/suggestions", f"/contacts/{SUSAN_ID}"):
        assert PETAR_ID not in restricted.get(path).text


SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"


def test_nothing_that_a_contact_or_a_user_wrote_becomes_part_of_a_page(store: Store, manager: Visitor) -> None:
    define_fields(store, CITY, {"id": "LINK", "name": SCRIPT[:50], "kind": "url"})
    hear(store, SCRIPT[:60])
    hear(store, SCRIPT[:59], who=PETAR)
    for contact in (SUSAN_ID, PETAR_ID):
        describe(store, contact, email='"><script>@x.y', fields__CITY=SCRIPT, fields__LINK="javascript:alert(1)")
        give_tags(store, SCRIPT[:40].replace(",", ""), contact=contact)
    close(store, category=SCRIPT, summary=SCRIPT)
    pages = ["", "/merge", "/merge?q=script", f"/merge/{PETAR_ID}", "/delete"]
    paths = [f"/contacts/{SUSAN_ID}{page}" for page in pages] + ["/contacts", "/contacts/suggestions"]
    paths += [f"/contacts?q={SUSAN_ID}&tag=%22%3E%3Cscript%3Ealert", "/contacts?channel=%22%3E%3Cscript%3Ealert"]
    for path in paths:
        answer = manager.get(path)
        assert answer.status_code == 200, path
        assert (
            "<script>alert" not in answer.text
            and "<img src=x" not in answer.text
            and "49" not in re.sub(r"\d\d:49|\w*49\w+|\w+49\w*", "", answer.text)
        ), path
        assert not re.search(r'(href|src|action)="\s*javascript:', answer.text), path
