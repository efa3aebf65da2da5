"""The list of conversations behind a number: what it shows, in which order, and that it never claims a wrong total."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from domain.identities import Identity, contact_id
from store import Store
from tests.conftest import PAGE, StoppedClock
from tests.people import ALICE, message
from tests.store.counting import close, merge, reply
from tests.web.inbox.plays import name as give_name
from tests.web.reports.week import DAY_MS, HOSTILE_CATEGORY, HOSTILE_NAME, Week, sum_all_up
from tests.web.signed_in import Visitor, sign_in
from web.reports import lists, samples

RIGHT_TO_LEFT = "\u202e=evil\u200f"


def path_of(what: str = "closed", **words: str) -> dict[str, Any]:
    return {"path": "/reports/list", "query_string": {"what": what, "preset": "last_30_days", **words}}


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


def text_of(page: str) -> str:
    return words_of(page.split("<main")[1].partition(">")[2].split("</main>")[0])


def rows_of(page: str) -> list[str]:
    """What each row says."""
    body = page.split("<tbody")[1].partition(">")[2].split("</tbody>")[0] if "<tbody" in page else ""
    return [words_of(row) for row in body.split("</tr>")[:-1]]


def links_of(page: str) -> list[str]:
    return re.findall(r'class="conversation"><a href="([^"]+)"', page)


def how_many(page: str) -> str:
    return words_of(re.search(r'id="how-many">(.*?)</p>', page, re.DOTALL)[1])  # type: ignore[index]


def crowd(store: Store, clock: StoppedClock, count: int, *, since_s: int = 60) -> list[str]:
    """Let some write and be closed, the first one for the shortest time; return their ids in the order of closing."""
    clock.ms -= DAY_MS
    store.forget_sums(clock.ms)
    contacts = []
    for number in range(count):
        who = Identity("facebook", PAGE, f"9{number}")
        store.receive([message(who=who)] * (number % 3 + 1))
        clock.pass_s(since_s + number)
        close(store, contact_id(who), by=ALICE)
        contacts.append(contact_id(who))
    return contacts


def test_lists_are_for_managers_and_owners(app: Flask, store: Store) -> None:
    assert sign_in(app, store, name="Anton").get(**path_of()).status_code == 403


def test_a_row_says_what_became_of_a_conversation_and_leads_there(
    store: Store, clock: StoppedClock, manager: Visitor
) -> None:
    clock.pass_s(-4_000)
    who = Identity("facebook", PAGE, "91")
    store.receive([message(who=who)])
    give_name(store, contact_id(who), "Susan Quiet")
    clock.pass_s(125)
    reply(store, contact_id(who))
    clock.pass_s(3_600)
    close(store, contact_id(who), by=ALICE, category="Orders")
    page = manager.get(**path_of()).text
    assert how_many(page) == "1 conversation."
    assert links_of(page) == [f"/conversations/{contact_id(who)}?at=0"]
    (row,) = rows_of(page)
    for words in (
        "#1 Susan Quiet",
        "Messenger",
        "the contact wrote",
        "Alice",
        "1 h 2 min",
        "2 min",
        "1 in, 1 out",
        "Orders",
    ):
        assert words in row, words
    opened = manager.get(**path_of("opened")).text
    responded = manager.get(**path_of("responded")).text
    assert links_of(opened) == links_of(responded) == links_of(page)


def test_each_number_of_a_report_leads_to_as_many_conversations(manager: Visitor, week: Week) -> None:
    report = manager.get("/reports/conversations?preset=last_30_days").text
    cards = re.findall(r'id="number-(\w+)".*?class="value">(\d+)<.*?href="(/reports/list[^"]+)"', report, re.DOTALL)
    assert [(key, number) for key, number, _ in cards] == [("opened", "21"), ("closed", "14")]
    for _, number, address in cards:
        assert how_many(manager.get(unescape(address)).text) == f"{number} conversations."
    rows = re.findall(r'<th scope="row"><a href="(/reports/list[^"]+)">.*?<td class="number">(\d+)', report, re.DOTALL)
    assert len(rows) > 6
    for address, number in rows:
        assert how_many(manager.get(unescape(address)).text) == f"{number} conversations.", address


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ({}, 14),
        ({"channel": "viber"}, 7),
        ({"source": "user"}, 7),
        ({"category": HOSTILE_CATEGORY}, 7),
        ({"channel": "viber", "source": "user"}, 0),
        ({"user": "nobody"}, 0),
    ],
)
def test_filters_leave_what_fits(manager: Visitor, week: Week, words: dict[str, str], count: int) -> None:
    page = manager.get(**path_of(**words)).text
    assert len(rows_of(page)) == count
    assert how_many(page) == f"{count} conversations." if count else "No conversations" in page


def test_names_of_users_contacts_and_categories_are_text(
    store: Store, clock: StoppedClock, manager: Visitor, week: Week
) -> None:
    who = Identity("facebook", PAGE, "92")
    store.receive([message(who=who)])
    give_name(store, contact_id(who), f'<img src=x onerror="alert(1)">{RIGHT_TO_LEFT}')
    page = manager.get(**path_of("opened")).text
    assert "<script>alert" not in page and "<img" not in page.split("<main")[1] and "<b>Stone" not in page
    assert unescape(page).count(HOSTILE_NAME) and unescape(page).count(HOSTILE_CATEGORY)


@pytest.mark.parametrize("sort", ["opened", "closed", "resolution_time", "messages"])
def test_rows_stand_in_the_order_that_is_asked_for(
    store: Store, clock: StoppedClock, manager: Visitor, sort: str
) -> None:
    contacts = crowd(store, clock, 6)
    if sort == "messages":
        contacts = sorted(contacts, key=lambda one: (store.conversations(one)[0].incoming, contacts.index(one)))
    rising, falling = (manager.get(**path_of(sort=one)).text for one in (sort, f"-{sort}"))
    assert [one.split("/")[2][:24] for one in links_of(rising)] == contacts
    assert links_of(falling) == links_of(rising)[::-1]
    assert 'aria-sort="ascending"' in rising and 'aria-sort="descending"' in falling


def test_what_has_no_such_time_comes_last_either_way(store: Store, clock: StoppedClock, manager: Visitor) -> None:
    (closed,) = crowd(store, clock, 1)
    store.receive([message(who=Identity("facebook", PAGE, "1"))])
    for sort in ("resolution_time", "-resolution_time", "closed", "-closed"):
        page = manager.get(**path_of("opened", sort=sort)).text
        assert closed in links_of(page)[0] and len(links_of(page)) == 2
        assert "Open" in rows_of(page)[1]


def test_pages_follow_each_other_in_the_same_order(
    store: Store, clock: StoppedClock, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 4)
    contacts = crowd(store, clock, 10)
    found, path = [], "/reports/list?what=closed&preset=last_7_days&sort=closed"
    while path:
        page = manager.get(path).text
        found += [one.split("/")[2][:24] for one in links_of(page)]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = unescape(following[1]) if following else ""
    assert found == contacts
    assert "Page 3 of 3" in text_of(page) and "10 conversations." in how_many(page)
    assert len(links_of(manager.get("/reports/list?preset=last_7_days&page=999").text)) == 2


@pytest.mark.parametrize("what", ["closed", "opened"])
def test_more_than_it_reads_are_never_called_a_total_and_the_others_are_one_link_away(
    store: Store, clock: StoppedClock, manager: Visitor, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(samples, "MOST_FOUND", 4)
    monkeypatch.setattr(lists, "MOST_FOUND", 4)
    contacts = crowd(store, clock, 10)
    sum_all_up(store, clock.ms - 2 * DAY_MS)
    found, path = [], f"/reports/list?what={what}&preset=last_7_days"
    said = []
    while path:
        page = manager.get(path).text
        said.append(how_many(page))
        found.append({one.split("/")[2][:24] for one in links_of(page)})
        further = re.search(r'href="([^"]+)">Look at', page)
        path = unescape(further[1]) if further else ""
    in_order = contacts[::-1]
    assert found[:3] == [set(in_order[:4]), set(in_order[4:8]), set(in_order[8:])] and not any(found[3:])
    words = "the latest that closed" if what == "closed" else "those that are open, and the latest that closed"
    assert said[0].startswith(f"These are 4 of them: {words}. The report counts 10 in all.")
    assert "10 conversations" not in " ".join(said)


def test_what_filters_leave_out_is_not_looked_through_for_ever(
    store: Store, clock: StoppedClock, manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "MOST_LOOKED_AT", 1)
    monkeypatch.setattr("store.report_lists.OF_EACH", 1)
    crowd(store, clock, 30)
    page = manager.get(**path_of(source="api")).text
    assert re.search(r"\d+ conversations were looked through; 0 of them fit\.", how_many(page))
    assert "Look at earlier ones" in page and "None of those looked through fits." in page


def test_those_whose_contacts_were_deleted_are_said_to_be_gone(
    store: Store, clock: StoppedClock, manager: Visitor
) -> None:
    contacts = crowd(store, clock, 5)
    sum_all_up(store, clock.ms - 2 * DAY_MS)
    for contact in contacts[:2]:
        store.delete_contact(contact, None)
    page = manager.get(**path_of()).text
    assert how_many(page) == "3 of 5: the others are gone, with the contacts who were deleted."


def test_who_was_merged_is_shown_as_who_they_are_now(store: Store, clock: StoppedClock, manager: Visitor) -> None:
    one, other = crowd(store, clock, 2)
    give_name(store, one, "The one")
    merge(store, one, other)
    page = manager.get(**path_of()).text
    assert [row.split(" Messenger")[0] for row in rows_of(page)] == ["#1 The one", "#1 The one"]
    assert {address.split("?")[0] for address in links_of(page)} == {f"/conversations/{one}", f"/conversations/{other}"}
    for address in links_of(page):
        assert manager.get(unescape(address), follow_redirects=True).status_code == 200


def test_first_responses_are_not_limited_by_who_gave_them_and_it_says_so(manager: Visitor, week: Week) -> None:
    page = manager.get(**path_of("responded", user=week.bob.id)).text
    assert "this list is not limited by user" in text_of(page)
    assert len(rows_of(page)) == 7 and f"user={week.bob.id}" not in page.split("<main")[1]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"what": "merged"}, "what is one of"),
        ({"from": "tomorrow"}, "Dates are written like"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "ends before it begins"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "at most 400 days"),
        ({"preset": "some_day"}, "There is no period"),
        ({"sort": "name"}, "sort is one of"),
        ({"page": "0"}, "no such page"),
        ({"page": "²"}, "no such page"),
        ({"after": "nonsense"}, "no place in a list"),
        ({"category": "x" * 500}, "at most 200"),
    ],
)
def test_what_cannot_be_asked_for_is_said_above_the_form(manager: Visitor, words: dict[str, str], problem: str) -> None:
    page = manager.get("/reports/list", query_string=words)
    assert page.status_code == 400 and problem in text_of(page.text)
    assert 'action="/reports/list"' in page.text


def test_an_empty_list_says_what_to_do(manager: Visitor) -> None:
    assert "Choose a longer period." in manager.get(**path_of()).text
