"""What happens before somebody looks at the inbox, and how its pages are read."""

import re
from typing import Any

from werkzeug.test import TestResponse

from domain.actions import Action, NeedPerson
from domain.identities import Identity, contact_id
from domain.models import Sender, Source
from domain.users import User
from handlers import profiles
from handlers import users as deeds
from store import Store
from tests.conftest import BOT, PAGE
from tests.people import SUSAN_ID, message
from tests.web.signed_in import Visitor

FRAGMENT = {"HX-Request": "true"}


def somebody(i: int, kind: str = "facebook") -> Identity:
    """One of many contacts."""
    return Identity(kind, PAGE if kind == "facebook" else BOT, f"70000000000009{i:02d}")


def commit(store: Store, contact: str, actions: list[Action]) -> None:
    assert store.commit(store.snapshot(contact), actions).is_done


def arrive(store: Store, who: Identity, text: str = "hello", *, needs: bool = True) -> str:
    """Let somebody write, and wait for a person unless the bot does it."""
    store.receive([message(text, who=who)])
    contact = contact_id(who)
    number = store.snapshot(contact).contact.conversations
    if needs:
        commit(store, contact, [NeedPerson(number=number, reason="notify")])
    return contact


def give(store: Store, contact: str, user: User) -> None:
    number = store.snapshot(contact).contact.conversations
    commit(store, contact, deeds.assign(store.snapshot(contact), user.card, number=number))


def answer(store: Store, contact: str, text: str, user: User) -> None:
    snapshot = store.snapshot(contact)
    written = deeds.write(snapshot, text, sender=Sender.USER, opens=None, max_text_chars=2000, by=user.card)
    commit(store, contact, written)


def close(store: Store, contact: str, *, category: str = "", summary: str = "") -> None:
    snapshot = store.snapshot(contact)
    closing = deeds.close_conversation(snapshot, source=Source.USER, category=category, summary=summary)
    commit(store, contact, closing)


def name(store: Store, contact: str, text: str) -> None:
    commit(store, contact, profiles.change_profile(store.snapshot(contact), {"name": text}, by=None))


def tag(store: Store, contact: str, *tags: str) -> None:
    store.know_tags(tags)
    commit(store, contact, profiles.change_tags(store.snapshot(contact), add=tags, by=None))


def do(visitor: Visitor, path: str, contact: str = SUSAN_ID, **form: Any) -> TestResponse:
    """Send a form of the conversation as the page's script does."""
    return visitor.post(f"/conversations/{contact}/{path}", form, headers=FRAGMENT)


def contacts_in(page: TestResponse) -> list[str]:
    """The contacts of a list's rows, in order."""
    assert page.status_code == 200, page.text
    return re.findall(r'<li class="row-of[^"]*" id="row-([a-z2-7]{24})-\d+"', page.text)


def kinds(store: Store, contact: str = SUSAN_ID) -> list[str]:
    return [str(entry.data["kind"]) for entry, _ in store.timeline(contact, 0, 1000).entries]


def texts(store: Store, contact: str = SUSAN_ID) -> list[str]:
    """What was written to the contact."""
    return [entry.text for entry, _ in store.timeline(contact, 0, 1000).entries if entry.status]
