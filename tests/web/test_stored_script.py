"""Markup in whatever a contact, the agent or a user can write stays text on every page that shows it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.actions import Action, ChangeProfile, NeedPerson, NoteLine, Notify, Send
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from domain.setting_lists import CannedReply, ClosingCategory, CustomField, FieldKind, Item
from domain.users import Role
from handlers import profiles
from handlers import users as deeds
from store import BotRecord, Store
from store.setting_words import write_list
from tests.conftest import BOT, PAGE, body, sign_facebook, sign_viber
from tests.servers import ROOT
from tests.web.routes import ROUTES, filled
from tests.web.signed_in import Visitor, sign_in
from tests.web.world import make_world

SCRIPT_URL = "javascript:evil()"
WEB_URL = "https://example.com/\"evil=1'evil=1><evil>"
COUNTRY = "<s>"  # at most four letters are kept
PSID, VIBER_REF = "7000000000000710", "Ev1l+Viber=="
MALLORY = contact_id(Identity("facebook", PAGE, PSID))
BORIS = contact_id(Identity("viber", BOT, VIBER_REF))


def evil(place: str) -> str:
    """Text that becomes an element or an attribute wherever it is not escaped, with the place where it was put."""
    return f"{place} evil=1 \"'><evil evil=2>"


#: Where a contact, the agent and users put it.
PLACES = [
    *("text", "title", "quick reply", "link title", "web title", "kind", "link ref", "button", "edit", "echo", "emoji"),
    *("name", "lang", "card", "phone of card", "file name", "context"),
    *("tag", "field of agent", "intent", "parameter", "webhook", "ask", "failure", "log intent", "log detail"),
    *("user name", "comment", "canned name", "canned text", "category", "about category", "field", "option"),
    *(
        "contact name",
        "phone",
        "mail",
        "summary",
        "value",
        "privacy",
        "welcome",
        "sender",
        "file of user",
        "colleague",
        "added",
    ),
]


@pytest.fixture
def world(store: Store) -> dict[str, str]:
    made = make_world(store)
    make_lists(store)
    return made | HOSTILE_ITEMS


@pytest.fixture
def owner(app: Flask, store: Store, world: dict[str, str]) -> Visitor:
    made = sign_in(app, store, Role.OWNER, name="Olga")
    made.post("/account/name", {"name": evil("user name")})
    return made


def test_markup_stays_text_on_every_page(
    client: FlaskClient, owner: Visitor, store: Store, world: dict[str, str]
) -> None:
    write_as_contacts(client)
    write_as_agent(store)
    write_as_users(owner, store)
    bulk = {"picked": f"{MALLORY}-99.1", "do": "close"}
    assert owner.post("/inbox/bulk", bulk).status_code == 303  # and the next page says what was not done
    wrong, seen = [], ""
    assert "contact name evil" in owner.get("/notifications").text
    assert re.search(r"user name evil.*colleague evil", owner.get("/settings/audit").text, re.DOTALL)
    for path in every_path(world, store):
        answer = owner.get(path)
        assert answer.status_code < 400, path
        if answer.mimetype == "text/html":
            seen += answer.text
            wrong += [f"{path}: {problem}" for problem in Page(answer.text).problems()]
    assert wrong == []
    shown = {place for place in PLACES if re.search(rf"{place} evil=1", seen, re.IGNORECASE)}
    assert set(PLACES) - shown == set() and "&lt;s&gt;" in seen, "nothing is shown of it, so nothing was tried"


@pytest.mark.parametrize("path", ["/account?x=", "/login?next=/account?x=", "/nowhere/", "/link?token="])
def test_so_does_an_address_that_somebody_was_sent(client: FlaskClient, path: str) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}):
        answer = client.get(f"{path}{evil('asked')}", headers=headers)
        assert list(Page(answer.text).problems()) == []


def test_nothing_is_said_to_be_safe() -> None:
    """Every page escapes by itself, and no script of ours makes elements of text but of what the server escaped."""
    pages = [*(ROOT / "web").rglob("*.html"), *(ROOT / "web").rglob("*.py")]
    scripts = list((ROOT / "web").rglob("*.js"))
    assert len(pages) > 50 and len(scripts) > 5
    safe = {path.name for path in pages if re.search(r"\|\s*safe\b|\bMarkup\(|autoescape", path.read_text())}
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert safe == set()
    assert [path.name for path in scripts if re.search(makers, path.read_text())] == ["parts.js"]


def test_the_test_itself_sees_what_is_not_escaped() -> None:
    for text in (
        f"<p>{evil('text')}</p>",
        f'<input value="{evil("value")}">',
        f"<input value={evil('value')}>",
        f'<a href="{SCRIPT_URL}">x</a>',
        '<a href=" JavaScript:evil()">x</a>',
        '<img src="data:text/html,x">',
        "<p onclick='x'>",
        "<script>x</script>",
        "<p style='x'>",
    ):
        assert list(Page(text).problems()), text


class Page(HTMLParser):
    """Reads a page as a browser does, and finds what should not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def problems(self) -> Iterator[str]:
        for tag, attributes in self.elements:
            given = dict(attributes)
            if tag in ("evil", "s", "style") or (
                tag == "script" and not (given.get("src") or "").startswith("/static/")
            ):
                yield f"<{tag}>"
            for name, value in attributes:
                leads = re.sub(r"[\s\x00-\x1f]", "", value or "").lower()
                if name.startswith(("evil", "on")) or name == "style" or "'" in name or "<" in name:
                    yield f"<{tag} {name}>"
                if name in ("href", "src", "action", "formaction") and re.match(r"(javascript|data|vbscript):", leads):
                    yield f"<{tag} {name}={value}>"


def every_path(world: dict[str, str], store: Store) -> list[str]:
    """All that can be got, with each of the hostile contacts in it."""
    paths = [route.path for route in ROUTES.values() if route.method == "GET" and not route.path.startswith("/api/v1")]
    paths = [path for path in paths if not path.startswith(("/live", "/webhooks", "/metrics"))]
    contacts = (MALLORY, BORIS)
    of_contacts = [
        filled(path, {**world, "susan": contact, "petar": next(one for one in contacts if one != contact)})
        for path in paths
        if "{susan}" in path
        for contact in contacts
    ]
    users = [f"/settings/users/{user.id}" for user in store.users()]
    others = [filled(path, world) for path in paths if "{susan}" not in path]
    searched = ["/?q=evil", f"/conversations/{MALLORY}/search?q=evil", "/?closed=1", "/contacts?q=phone", "/?q=contact"]
    echoed = [f"{path}{evil('asked')}" for path in ("/?q=", "/?tag=", "/?channel=", "/contacts?q=", "/contacts?tag=")]
    # First, for whoever looks at a conversation has read what was told about it.
    return ["/notifications", *of_contacts, *others, *users, *searched, *echoed, f"/contacts/{MALLORY}/merge?q=contact"]


# ---- contacts ----


def write_as_contacts(client: FlaskClient) -> None:
    link = {"type": "fallback", "title": evil("link title"), "payload": {"url": SCRIPT_URL, "title": evil("title")}}
    web = {"type": "fallback", "payload": {"url": WEB_URL, "title": evil("web title")}}
    strange = {"type": evil("kind")[:40], "payload": {"url": SCRIPT_URL}}
    for item in (
        {"message": {"mid": "m1", "text": evil("text"), "quick_reply": {"payload": "x"}}},
        {"message": {"mid": "m2", "quick_reply": {"payload": evil("quick reply")}}},
        {"message": {"mid": "m3", "attachments": [link, {**link, "payload": None}, web, strange]}},
        {"message": {"mid": "m4", "text": "hi", "referral": {"ref": evil("link ref"), "source": "SHORTLINK"}}},
        {"postback": {"mid": "m5", "title": evil("button"), "payload": evil("payload")}},
        {"message_edit": {"mid": "m1", "text": evil("edit"), "num_edit": 1}},
        {"reaction": {"mid": "m1", "action": "react", "emoji": evil("emoji"), "reaction": "other"}},
    ):
        facebook(client, {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": 1795000000000, **item})
    echo = {"is_echo": True, "app_id": 5, "mid": "m7", "text": evil("echo")}
    facebook(client, {"sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": 1795000000000, "message": echo})
    card = {"name": evil("card"), "phone_number": evil("phone of card")}
    for number, message in enumerate(
        (
            {"type": "text", "text": "hello"},
            {"type": "contact", "text": "", "contact": card},
            {"type": "file", "media": SCRIPT_URL, "file_name": evil("file name")},
            {"type": "url", "media": SCRIPT_URL},
        )
    ):
        viber(client, {"event": "message", "message_token": 70 + number, "sender": PERSON, "message": message})
    viber(client, {"event": "conversation_started", "message_token": 69, "user": PERSON, "context": evil("context")})


PERSON = {
    "id": VIBER_REF,
    "name": evil("name"),
    "avatar": SCRIPT_URL,
    "language": "<evil>lang evil=1",  # at most twenty
    "country": COUNTRY,
}


def facebook(client: FlaskClient, item: dict[str, Any]) -> None:
    raw = body({"object": "page", "entry": [{"id": PAGE, "time": 1795000000000, "messaging": [item]}]})
    assert client.post("/webhooks/facebook", data=raw, headers=sign_facebook(raw)).status_code == 200


def viber(client: FlaskClient, event: dict[str, Any]) -> None:
    raw = body({"timestamp": 1795000000000, **event})
    assert client.post(f"/webhooks/viber/{BOT}", data=raw, headers=sign_viber(raw)).status_code == 200


# ---- the agent ----


def write_as_agent(store: Store) -> None:
    facts = {
        "intent": evil("intent"),
        "confidence": 0.5,
        "parameters": {evil("parameter"): [evil("parameter"), SCRIPT_URL]},
        "webhook": evil("webhook"),
    }
    commit(store, profiles.change_tags(store.snapshot(MALLORY), add=(evil("tag"), "script"), by=None))
    store.know_tags([evil("tag")])
    commit(store, profiles.change_profile(store.snapshot(MALLORY), {"fields.AGE": evil("field of agent")}, by=None))
    commit(store, [Send(number=1, text=evil("text"), sender=Sender.BOT, details={"bot": facts})])
    commit(store, [NeedPerson(number=1, reason="notify", text=evil("ask"))])
    commit(store, [NoteLine(number=1, kind="bot_failed", details={"bot": facts, "detail": evil("failure")})])
    store.log_bot(BotRecord(kind="answer", contact=MALLORY, conversation=1, intent=evil("log intent"), latency_ms=5))
    store.log_bot(BotRecord(kind="fulfillment", contact=MALLORY, failure="x", detail=evil("log detail")))


# ---- users ----

HOSTILE_ITEMS = {"reply": "e1", "category": "e2", "field": "EVIL"}


def make_lists(store: Store) -> None:
    lists: dict[str, tuple[Item, ...]] = {
        "canned_replies": (CannedReply(id="e1", name=evil("canned name"), text=evil("canned text")),),
        "closing_categories": (ClosingCategory(id="e2", name=evil("category"), description=evil("about category")),),
        "custom_fields": (
            CustomField(id="EVIL", name=evil("field"), kind=FieldKind.LIST, options=(evil("option"), "two")),
            CustomField(id="AGE", name="Age"),
            CustomField(id="MORE", name="More"),
        ),
    }
    written = {name: write_list(items) for name, items in lists.items()}
    more = {
        "privacy_contact": evil("privacy"),
        f"welcome_text:viber:{BOT}": evil("welcome"),
        f"sender_name:viber:{BOT}": evil("sender")[:28],
    }
    store.change_settings(lambda now: {**written, **more})


def write_as_users(owner: Visitor, store: Store) -> None:
    for contact in (MALLORY, BORIS):
        refused = owner.post(f"/contacts/{contact}/profile", {"phone": evil("phone"), "email": evil("mail")})
        assert refused.status_code == 400 and list(Page(refused.text).problems()) == []
        form = {"name": evil("contact name"), "fields.EVIL": evil("option"), "fields.MORE": evil("value")}
        if contact == MALLORY:
            assert owner.post(f"/contacts/{contact}/profile", form).status_code == 303
        # No form takes them; a mistake elsewhere may.
        raw = ChangeProfile(number=1, values={"phone": evil("phone"), "email": evil("mail")})
        assert store.commit(store.snapshot(contact), [raw]).is_done
    comment = {"kind": "comment", "text": f"@{evil('user name')} {evil('comment')}"}
    assert owner.post(f"/conversations/{MALLORY}/messages", comment).status_code == 303
    colleague, link = store.add_user("colleague@example.com", Role.AGENT)
    store.use_link(store.find_link(link), name=evil("colleague"), password_hash="")
    store.add_user(f"{evil('address')}@example.com", Role.AGENT)
    store.begin_session(owner.user, store.password_hash(owner.user.id), evil("device"))
    assert owner.post(f"/settings/users/{colleague.id}/role", {"role": "manager"}).status_code == 303
    form = {"id": "e9", "name": evil("added"), "text": "Hello"}
    assert owner.post("/settings/canned-replies/new", form).status_code == 303
    commit(store, deeds.assign(store.snapshot(MALLORY), owner.user.card | {"name": evil("user name")}, number=1))
    told = Notify(number=1, users=(owner.user.id,), kind="mentioned", by={"name": evil("user name")})
    file = {"url": SCRIPT_URL, "name": evil("file of user"), "kind": "file", "size": 1}
    commit(store, [told, Send(number=1, text="", sender=Sender.USER, by=owner.user.card, file=file)])
    snapshot, category, summary = store.snapshot(MALLORY), evil("category"), evil("summary")
    commit(store, deeds.close_conversation(snapshot, source=Source.USER, category=category, summary=summary))
    commit(store, deeds.open_conversation(store.snapshot(MALLORY), source=Source.USER, by={"name": evil("user name")}))
    commit(store, [told])


def commit(store: Store, actions: list[Action]) -> None:
    assert store.commit(store.snapshot(MALLORY), actions).is_done
