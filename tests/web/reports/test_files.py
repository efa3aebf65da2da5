"""CSV files: what programs and people read in them, what they never run, and how they end."""

import codecs
import csv
import io
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from domain.errors import StoreError
from domain.identities import Identity, contact_id
from domain.metrics import ReportName
from domain.users import Role
from handlers.reports import filterable
from store import Store
from tests.conftest import PAGE, StoppedClock
from tests.people import ALICE, message
from tests.servers import ROOT
from tests.store.counting import begin, close, reply
from tests.web.inbox.plays import name as give_name
from tests.web.reports.week import HOSTILE_CATEGORY, HOSTILE_NAME, Week
from tests.web.signed_in import Visitor, sign_in
from web.reports import files, making, sheets
from web.reports.files import MOST_AT_ONCE, Download
from web.reports.making import conversations_file, parse_wanted
from web.reports.reading import today_of

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1-1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u200f=1",
    "\u202e\ufeff=1",
    "\x00=1",
    "＝1",
)
HARMLESS = ("Susan", "a=1", "1-2", "me@example.com", "{=1}", "|x", 'He said "hi"', "Ивана", "", "'=1", "·")
LIST = "/reports/list.csv?preset=last_30_days"


def read(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    text = answer.data.removeprefix(codecs.BOM_UTF8).decode()
    assert text.replace("\r\n", "").count("\r") == 0
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def one_closed(store: Store, clock: StoppedClock, **note: Any) -> str:
    clock.pass_s(-7_200)
    who = Identity("facebook", PAGE, "91")
    store.receive([message(who=who)])
    clock.pass_s(90.5)
    reply(store, contact_id(who))
    clock.pass_s(600)
    close(store, contact_id(who), by=ALICE, **note)
    return contact_id(who)


@pytest.mark.parametrize("path", [LIST, *(f"/reports/{name}.csv" for name in ReportName)])
def test_files_are_for_managers_and_owners(app: Flask, store: Store, path: str) -> None:
    assert sign_in(app, store, name="Anton").get(path).status_code == 403
    assert sign_in(app, store, Role.OWNER, name="Olga").get(path, buffered=True).status_code == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    [line] = csv.reader(io.StringIO(b"".join(sheets.write_lines([[text]])).decode(), newline=""))
    assert line[0][0] == "'"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert sheets.safe(text) == text


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=2, max_size=3), min_size=1, max_size=5))
def test_whatever_is_in_a_cell_the_file_has_as_many_lines_and_cells(lines: list[list[Any]]) -> None:
    made = b"".join(sheets.write_lines(lines))
    assert made.count(b"\r\n") == len(lines)
    parsed = list(csv.reader(io.StringIO(made.decode(), newline=""), strict=True))
    assert [len(line) for line in parsed] == [len(line) for line in lines]
    for cell, parsed_cell in zip(chain(*lines), chain(*parsed), strict=True):
        if isinstance(cell, str):
            # No program has a reason to look for a formula here.
            assert not re.match(r"[\s\x00-\x1f\u200b-\u200f]*[=+\-@]", parsed_cell)
            assert sheets.safe(cell) == parsed_cell
        else:
            assert parsed_cell == ("" if cell is None else str(cell))


def test_numbers_are_numbers_and_text_stands_in_quotes() -> None:
    assert b"".join(sheets.write_lines([["-1", -1, 0.5, None, "a;b"]])) == b'"\'-1",-1,0.5,"","a;b"\r\n'


def test_a_conversation_is_one_line_with_times_of_the_zone_and_seconds(
    store: Store, clock: StoppedClock, manager: Visitor, app: Flask
) -> None:
    app.extensions["markdone"].store.change_setting("time_zone", "Europe/Sofia")
    contact = one_closed(store, clock, category="Orders|late", summary="=1\r\nSecond line\u202e")
    give_name(store, contact, '"Susan", the +first')
    answer = manager.get(LIST)
    assert answer.data.startswith(codecs.BOM_UTF8 + b'"conversation_id","contact_id",')
    assert answer.content_type == "text/csv; charset=utf-8" and answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(
        r"attachment; filename=markdone-conversations-closed-[\d-]{10}-to-[\d-]{10}\.csv",
        answer.headers["Content-Disposition"],
    )
    [line] = read(answer)
    sofia = ZoneInfo("Europe/Sofia")
    closed_ms = store.conversations(contact)[0].closed_at_ms  # type: ignore[union-attr]
    assert tuple(line) == sheets.CONVERSATION_COLUMNS
    assert datetime.fromisoformat(line["closed_at"]) == datetime.fromtimestamp(closed_ms // 1000, sofia)
    assert line["closed_at"][-6:] in ("+02:00", "+03:00")
    told = {
        "conversation_id": f"{contact}-1",
        "contact_id": contact,
        "contact_name": '"Susan", the +first',
        "channel": "facebook",
        "number": "1",
        "status": "closed",
        "opened_source": "contact",
        "opened_by": "",
        "closed_source": "user",
        "closed_by_id": "u1",
        "closed_by": "Alice",
        "category": "Orders|late",
        "summary": "'=1\nSecond line\u202e",
        "resolution_time_s": "690.5",
        "first_response_time_s": "90.5",
        "messages_in": "1",
        "messages_out": "1",
        "assignee": "",
    }
    assert {name: line[name] for name in told} == told


def test_an_open_conversation_has_empty_cells_where_nothing_happened_yet(
    store: Store, clock: StoppedClock, manager: Visitor
) -> None:
    contact = one_closed(store, clock)
    begin(store, contact)
    _, line = sorted(read(manager.get(f"{LIST}&what=opened")), key=lambda one: one["number"])
    assert (line["status"], line["opened_source"], line["opened_by"]) == ("open", "user", "Alice")
    empty = (
        "closed_at",
        "closed_source",
        "category",
        "resolution_time_s",
        "first_response_at",
        "first_response_time_s",
    )
    assert [line[name] for name in empty] == [""] * 6


def test_every_column_is_explained() -> None:
    page = (ROOT / "docs" / "reports.md").read_text()
    assert [name for name in (*sheets.CONVERSATION_COLUMNS, *sheets.REPORT_COLUMNS) if f"`{name}`" not in page] == []


def test_filters_and_periods_are_those_of_the_pages(manager: Visitor, week: Week) -> None:
    assert len(read(manager.get(LIST))) == 14
    assert len(read(manager.get(f"{LIST}&channel=viber&what=opened"))) == 14
    lines = read(
        manager.get("/reports/list.csv", query_string={"preset": "last_30_days", "category": HOSTILE_CATEGORY})
    )
    assert {(line["category"], line["closed_by"]) for line in lines} == {
        *((HOSTILE_CATEGORY, HOSTILE_NAME), (HOSTILE_CATEGORY, "Gone"))
    }
    assert len(read(manager.get("/reports/list.csv?preset=today"))) < 14


@pytest.mark.parametrize("name", ReportName)
def test_a_report_has_one_line_for_each_value_that_its_page_shows(
    manager: Visitor, week: Week, name: ReportName
) -> None:
    answer = manager.get(f"/reports/{name}.csv?preset=last_30_days")
    lines = read(answer)
    assert f"filename=markdone-{name}-" in answer.headers["Content-Disposition"]
    assert tuple(lines[0]) == sheets.REPORT_COLUMNS and len(lines) > 2
    assert lines[0]["section"] == "numbers"
    assert {line["unit"] for line in lines} <= {"count", "seconds", "share"}
    keys = [(line["section"], line["row"], line["column"]) for line in lines]
    assert len(keys) == len(set(keys))
    for line in lines:
        assert not line["value"] or float(line["value"]) >= 0
        assert line["column"].endswith("_s") == (line["unit"] == "seconds")


def test_a_report_says_the_numbers_of_its_page_with_durations_in_seconds(manager: Visitor, week: Week) -> None:
    lines = read(manager.get("/reports/resolutions.csv?preset=last_30_days"))
    numbers = {line["column"]: line for line in lines if line["section"] == "numbers"}
    assert (numbers["closed"]["value"], numbers["closed"]["previous"], numbers["closed"]["row_label"]) == (
        *("14", "", "Closed Count"),
    )
    assert float(numbers["resolution_average_s"]["value"]) == pytest.approx(sum(range(2, 9)) * 60 / 14, abs=0.001)
    assert numbers["resolution_average_s"]["previous"] == ""
    [row] = [line for line in lines if line["row"] == HOSTILE_CATEGORY and line["column"] == "count"]
    assert row["row_label"] == HOSTILE_CATEGORY and row["value"] == "7"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/secrets.csv", 404),
        ("/reports/users.csv?preset=x", 400),
        ("/reports/users.csv?category=x", 400),
        ("/reports/list.csv?what=x", 400),
        ("/reports/list.csv?what=responded&user=u1", 400),
        ("/reports/list.csv?from=2020-01-01&to=2026-01-01", 400),
    ],
)
def test_what_cannot_be_made_is_a_page_and_no_file(manager: Visitor, path: str, status: int) -> None:
    answer = manager.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "Content-Disposition" not in answer.headers


def test_every_filter_of_every_report_makes_a_file(manager: Visitor, week: Week) -> None:
    values = {"channel": "viber", "source": "user", "user": week.bob.id, "category": "x"}
    for name in ReportName:
        for one in filterable(name):
            assert read(manager.get(f"/reports/{name}.csv?preset=last_7_days&{one}={values[one]}")), (name, one)


def test_no_more_than_two_are_made_at_once(manager: Visitor, week: Week) -> None:
    under_way = [manager.get(LIST, buffered=False) for _ in range(MOST_AT_ONCE)]
    refused = manager.get("/reports/users.csv")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(files.RETRY_AFTER_S))
    assert "files are being made already" in refused.text
    assert manager.get("/reports/users").status_code == 200
    for answer in under_way:
        answer.close()
    for _ in range(2 * MOST_AT_ONCE):
        assert read(manager.get(LIST))
        assert manager.get("/reports/users.csv?preset=x").status_code == 400
        assert manager.client.head(LIST).status_code == 200


def test_a_store_that_is_away_for_a_moment_ends_no_file(
    store: Store, clock: StoppedClock, week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "TRY_AGAIN_S", 0)
    monkeypatch.setattr("store.report_lists.OF_EACH", 1)
    wanted = parse_wanted({"preset": "last_30_days"}, store.platform_settings().zone, today_of(store))
    whole = b"".join(conversations_file(store, wanted))
    calls, command = [0], store.connection.command

    def fail_often(run: Any) -> Any:
        calls[0] += 1
        if calls[0] % 7 == 0:
            raise StoreError("away")
        return command(run)

    monkeypatch.setattr(store.connection, "command", fail_often)
    assert b"".join(conversations_file(store, wanted)) == whole
    monkeypatch.setattr(store.connection, "command", lambda run: (_ for _ in ()).throw(StoreError("away")))
    with pytest.raises(StoreError):
        b"".join(conversations_file(store, wanted))


def test_a_report_whose_days_are_not_summed_up_makes_no_file_that_looks_whole(
    manager: Visitor, store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "SUMMED_UP_S", 0)
    clock.pass_s(-30 * 86_400)
    store.forget_sums(clock.ms)
    store.receive([message()])
    clock.pass_s(30 * 86_400)
    with pytest.raises(StoreError, match="not summed up"):
        manager.get("/reports/conversations.csv?preset=last_30_days", buffered=True)


def pair() -> tuple[socket.socket, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    listener.close()
    return ours, theirs


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_file_that_ends_half_way_cuts_the_connection_even_where_there_are_no_chunks(is_whole: bool) -> None:
    ours, theirs = pair()

    def pieces() -> Iterator[bytes]:
        yield b"one"
        if not is_whole:
            raise StoreError("away")

    left: list[bool] = []
    made = Download(pieces(), ours, lambda: left.append(is_whole))
    with suppress(StoreError):
        for piece in made:
            ours.sendall(piece)
    made.end()
    assert left == [is_whole]
    ours.close()
    theirs.settimeout(5)
    if is_whole:
        assert theirs.recv(10) == b"one" and theirs.recv(10) == b""
    else:
        with pytest.raises(ConnectionResetError):
            while theirs.recv(10):
                pass
    theirs.close()
