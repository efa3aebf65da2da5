"""The pages of reports: for managers, with all of their state in the address, and never a dead end."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from domain.metrics import ReportName
from domain.users import Role
from handlers.reports import filterable
from store import Store
from tests.conftest import StoppedClock
from tests.web.reports.week import DAY_MS, HOSTILE_CATEGORY, HOSTILE_NAME, UNKNOWN_TEXT, Week, sum_all_up
from tests.web.signed_in import Visitor, sign_in
from web.reports.reading import today_of
from web.reports.words import WHY_NOTHING

PERIODS = ("preset=today", "preset=last_7_days", "preset=last_90_days", "from=2025-10-19&to=2026-11-22")
FILTERS = {"channel": "facebook", "source": "user", "category": HOSTILE_CATEGORY}


def links(text: str) -> list[str]:
    """Where a page leads."""
    return [unescape(found) for found in re.findall(r'<a [^>]*?href="([^"]+)"', text)]


def value_of(text: str, key: str) -> str:
    """What a card of numbers says."""
    card = text.split(f'id="number-{key}"')[1].split("</li>")[0]
    return unescape(re.sub(r"<[^>]+>", "", card.split('class="value">')[1].split("</p>")[0])).strip()


@pytest.mark.parametrize("path", ["/reports", *(f"/reports/{name}" for name in ReportName)])
def test_reports_are_for_managers_and_owners(app: Flask, store: Store, path: str) -> None:
    agent, owner = sign_in(app, store, name="Anton"), sign_in(app, store, Role.OWNER, name="Olga")
    assert agent.get(path).status_code == 403
    assert owner.get(path, follow_redirects=True).status_code == 200


def test_reports_begin_with_conversations_and_there_are_no_others(manager: Visitor) -> None:
    assert manager.get("/reports").location == "/reports/conversations"
    page = manager.get("/reports/conversations").text
    for name in ReportName:
        assert f"/reports/{name}?preset=last_7_days" in links(page)
    assert manager.get("/reports/secrets").status_code == 404


@pytest.mark.parametrize("name", ReportName)
def test_every_report_is_shown_for_every_period_with_and_without_filters(
    manager: Visitor, week: Week, name: ReportName
) -> None:
    for period in PERIODS:
        filters = {**FILTERS, "user": week.bob.id}
        for words in (period, *(f"{period}&{one}={filters[one]}" for one in filterable(name))):
            page = manager.get(f"/reports/{name}?{words}")
            assert page.status_code == 200, words
            assert "None" not in re.sub(r"<[^>]+>", "", page.text.split("<main")[1]), words
            assert "<script>" not in page.text and " style=" not in page.text


@pytest.mark.parametrize("name", ReportName)
def test_an_empty_platform_says_so(manager: Visitor, name: ReportName) -> None:
    page = manager.get(f"/reports/{name}").text
    assert "Nothing was counted yet" in page and '<svg class="picture' not in page


def test_numbers_stand_beside_those_of_before(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/conversations?preset=today").text
    assert value_of(page, "opened") == "3" and value_of(page, "closed") == "2"
    assert "no change" not in page and "Previously 3" in page, "today is not over"
    page = manager.get("/reports/conversations?preset=yesterday").text
    assert "no change" in page and "Previously 3" in page
    assert value_of(manager.get("/reports/responses?preset=today").text, "first_response_average") == "7\u202fmin"


def test_what_was_not_measured_is_a_dash_that_says_why(manager: Visitor, week: Week) -> None:
    page = manager.get(f"/reports/conversations?preset=last_7_days&category={FILTERS['category']}").text
    assert value_of(page, "opened") == f"–{WHY_NOTHING}" and value_of(page, "closed") == "7"
    assert "Not known: Opened." in page


def test_names_and_texts_from_outside_are_shown_as_they_are(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/conversations").text
    for text in (HOSTILE_NAME, HOSTILE_CATEGORY):
        assert text in unescape(page) and text not in page
    page = manager.get("/reports/bot").text
    assert UNKNOWN_TEXT in unescape(page) and UNKNOWN_TEXT not in page


def test_filters_offer_who_left_and_what_occurs(manager: Visitor, week: Week) -> None:
    page = unescape(manager.get("/reports/conversations").text)
    assert f'<option value="{week.gone.id}">Gone (deactivated)</option>' in page
    assert f'<option value="{HOSTILE_CATEGORY}">' in page
    assert '<option value="deactivated">' not in page  # nobody opens like that
    assert '<option value="deactivated">' in manager.get("/reports/assignments").text


def test_a_filter_stays_while_one_looks_around_and_is_cleared_at_once(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/conversations?preset=last_14_days&channel=viber&category=Order").text
    assert "Limited to Channel: Viber, Category: Order." in page
    found = links(page)
    assert "/reports/conversations?preset=today&channel=viber&category=Order" in found
    assert "/reports/responses?preset=last_14_days&channel=viber" in found  # which knows no categories
    assert "/reports/conversations?preset=last_14_days" in found


def test_a_number_leads_to_the_conversations_behind_it(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/conversations?preset=last_7_days&channel=viber").text
    found = [parse_qs(urlsplit(link).query) for link in links(page) if link.startswith("/reports/list?")]
    assert {one["what"][0] for one in found} == {"opened", "closed"}
    assert all(one["channel"] == ["viber"] and "from" in one and "to" in one for one in found)
    assert any(one.get("source") == ["dialogflow"] for one in found)


def test_the_address_that_a_form_makes_becomes_one_to_pass_on(manager: Visitor, store: Store) -> None:
    today = today_of(store)
    first = date.fromordinal(today.toordinal() - 6)
    form = "channel=viber&source=&user=&category=&sort="
    same = f"/reports/conversations?preset=last_7_days&from={first}&to={today}&{form}"
    assert manager.get(same).location == "/reports/conversations?preset=last_7_days&channel=viber"
    other = f"/reports/conversations?preset=last_7_days&from={today}&to={today}&{form}"
    assert manager.get(other).location == f"/reports/conversations?from={today}&to={today}&channel=viber"
    assert manager.get(f"/reports/conversations?from={today}&to={today}").status_code == 200


BAD = {
    "from=2026-13-01&to=2026-11-02": "Dates are written like",
    "from=2026-11-02&to=2026-11-01": "ends before it begins",
    "from=2024-01-01&to=2026-11-01": "at most 400 days",
    "from=1999-01-01": "lies between",
    "preset=last_century": "There is no period",
    f"channel={'x' * 300}": "at most 200 characters",
}


@pytest.mark.parametrize(("words", "said"), BAD.items())
def test_what_cannot_be_asked_for_is_said_beside_the_form(manager: Visitor, words: str, said: str) -> None:
    page = manager.get(f"/reports/conversations?{words}")
    assert page.status_code == 400 and said in page.text
    assert 'name="from"' in page.text and "/reports/conversations?preset=last_7_days" in links(page.text)


def test_a_filter_that_a_report_does_not_have_is_said_too(manager: Visitor) -> None:
    page = manager.get("/reports/users?category=Order")
    assert page.status_code == 400 and "cannot be limited by category" in page.text


def test_a_hostile_order_is_no_order(manager: Visitor, week: Week) -> None:
    plain = manager.get("/reports/users").text
    for sort in ("users.nothing", "x" * 500, "users.", ".-", "<script>"):
        page = manager.get("/reports/users", query_string={"sort": sort})
        assert page.status_code == 200 and page.text.count("<tr>") == plain.count("<tr>")


def rows(text: str, table: str) -> Iterator[str]:
    part = text.split(f'id="{table}"')[1].split("</section>")[0]
    for row in part.split("<tr>")[2:]:
        yield unescape(re.sub(r"<[^>]+>", " ", row)).split()[0]


def test_a_table_is_sorted_by_links(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/users?preset=last_7_days").text
    assert list(rows(page, "users")) == ["Gone", "Bob"]
    by_name = next(link for link in links(page) if "sort=users.label" in link)
    page = manager.get(by_name.partition("#")[0]).text
    assert list(rows(page, "users")) == ["Bob", "Gone"] and 'aria-sort="ascending"' in page
    again = next(link for link in links(page) if "sort=users.-label" in link)
    page = manager.get(again.partition("#")[0]).text
    assert list(rows(page, "users")) == ["Gone", "Bob"] and 'aria-sort="descending"' in page
    medals = re.findall(r'class="badge medal">(\w+)<', page)
    assert set(medals) == {"1st", "2nd"}  # there is no third


def test_days_that_are_still_to_be_summed_up_are_told_until_they_are(
    manager: Visitor, store: Store, clock: StoppedClock, week: Week
) -> None:
    sum_all_up(store, clock.ms - 62 * DAY_MS)
    path = "/reports/conversations?preset=last_30_days&channel=viber"
    before = 1000
    for look in range(20):
        page = manager.get(f"{path}&looks={look}").text
        found = re.search(r"Summing up: (\d+) days? to go", page)
        if not found:
            break
        assert 'hx-trigger="every 1s"' in page and f"looks={look + 1}" in page
        assert int(found[1]) < before
        before = int(found[1])
    assert before < 1000 and "<progress" not in page.split('id="report"')[1] and "All days are summed up." in page
    assert value_of(page, "opened") == "14"


def test_a_page_that_waits_for_long_looks_less_often(
    manager: Visitor, store: Store, clock: StoppedClock, week: Week
) -> None:
    sum_all_up(store, clock.ms - 62 * DAY_MS)
    page = manager.get("/reports/conversations?preset=last_30_days&source=user&looks=60").text
    assert 'hx-trigger="every 15s"' in page and "is a worker running?" in page


def test_messages_that_the_bot_did_not_understand_become_training_phrases(manager: Visitor, week: Week) -> None:
    page = manager.get("/reports/bot").text
    assert "7 times" in page and 'data-copy="phrases"' in page
    phrases = unescape(page.split('id="phrases"')[1].split(">", 1)[1].split("</textarea>")[0])
    assert phrases.split("\n") == [UNKNOWN_TEXT, ""]
    assert any(re.fullmatch(r"/conversations/\w+\?at=\d+", link) for link in links(page))
    assert UNKNOWN_TEXT not in unescape(manager.get("/reports/bot?channel=facebook").text)
