"""Pages that were open for a while: what is typed, ticked, read and decided in them stands while the world goes on."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from domain.models import Sender
from handlers import users as deeds
from store import Settled, Store
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, take, write
from tests.scenarios.held import Held
from tests.scenarios.office import Desk, Office, working
from tests.servers import Valkey, wait_for
from tests.signing_in import log_in
from tests.turns.merge_plays import merge
from tests.turns.stage import Stage
from tests.web.inbox.plays import arrive, commit, kinds, name, somebody, texts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(valkey: Valkey) -> Iterator[Office]:
    with working(valkey, workers=0) as started:
        yield started


@pytest.fixture
def data(office: Office) -> Store:
    office.platform.valkey.client().flushall()
    return office.store


@pytest.fixture
def alice(office: Office, data: Store) -> Iterator[Desk]:
    yield office.desk(log_in(data))
    assert office.leave() == []


def open_conversation(desk: Desk, contact: str = SUSAN_ID) -> Page:
    desk.go(f"/conversations/{contact}")
    expect(desk.page.locator("#conversation")).to_be_visible()
    return desk.page


def test_a_second_message_that_is_sent_while_the_first_is_on_its_way_goes_out_behind_it(
    alice: Desk, data: Store
) -> None:
    arrive(data, SUSAN)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    box = page.locator("#text")
    box.press_sequentially("first")
    page.keyboard.press("Enter")
    held.wait()
    page.keyboard.press("Enter")  # once more the same: no second message
    page.keyboard.press("Control+a")
    page.keyboard.type("second")
    page.keyboard.press("Enter")
    held.let_go()
    expect(page.locator(".message.out .text")).to_have_text(["first", "second"])
    expect(box).to_have_value("")
    assert texts(data) == ["first", "second"]


def test_who_types_on_while_a_message_is_on_its_way_keeps_what_was_not_sent(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    box = page.locator("#text")
    box.press_sequentially("first")
    page.keyboard.press("Enter")
    held.wait()
    page.keyboard.type("and more")
    held.let_go()
    expect(box).to_have_value("and more")
    page.reload()
    expect(box).to_have_value("and more")
    box.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message.out .text")).to_have_text(["first", "and more"])


def test_a_message_that_is_refused_comes_back_beside_what_was_written_meanwhile(alice: Desk, data: Store) -> None:
    alice.expect_status(400)
    arrive(data, SUSAN)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    page.locator("#text").press_sequentially("first")
    page.keyboard.press("Enter")
    held.wait()
    page.keyboard.press("Control+a")
    page.keyboard.type("second")
    held.let_go(status=400, body='<div class="notice bad"><p>Not so.</p></div>', content_type="text/html")
    expect(page.locator("#text")).to_have_value("first\nsecond")
    expect(page.locator("#notice")).to_contain_text("Not so.")


def test_after_a_lost_answer_the_same_keeps_its_key_and_anything_else_gets_another(alice: Desk, data: Store) -> None:
    alice.expect_status(503)
    arrive(data, SUSAN)
    page = open_conversation(alice)
    sent = Held(page, "/messages")
    kind = {label: page.locator(f"#composer input[value={label}]") for label in ("reply", "comment")}
    box = page.locator("#text")

    def send(number: int) -> None:
        box.focus()
        page.keyboard.press("Control+Enter")
        sent.wait(number)
        sent.waiting.pop().fulfill(status=503, body="", content_type="text/html")
        expect(page.locator("#send")).to_be_enabled()

    box.fill("the same words")
    send(1)
    send(2)
    kind["comment"].check(force=True)
    box.fill("the same words")
    send(3)
    kind["reply"].check(force=True)
    expect(box).to_have_value("the same words")
    page.locator("input[name=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a file"})
    send(4)
    first, again, as_comment, with_file = sent.operations()
    assert first == again and len({first, as_comment, with_file}) == 3


def test_a_draft_for_the_contact_is_never_sent_by_what_was_pressed_for_a_comment(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    box = page.locator("#text")
    box.fill("not ready for Susan")
    page.locator("#composer input[value=comment]").check(force=True)
    box.fill("for colleagues")
    box.press("Control+Enter")
    held.wait()
    page.locator("input[name=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a file"})
    box.press("Control+Enter")
    with page.expect_response(re.compile("/messages$")):
        held.let_go()
    expect(page.locator("#timeline")).to_contain_text("for colleagues")
    expect(box).to_have_value("not ready for Susan")
    assert texts(data) == [] and len(held.operations()) == 1


def test_what_was_sent_does_not_come_back_to_who_looked_elsewhere_meanwhile(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    arrive(data, PETAR)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    page.locator("#text").fill("once only")
    page.locator("#text").press("Enter")
    held.wait()
    page.locator(f"[data-contact='{PETAR_ID}'] .row-link").click()
    expect(page.locator(f"[data-live-contact='{PETAR_ID}']")).to_be_visible()
    page.locator("#text").fill("for Petar")
    with page.expect_response(re.compile("/messages$")):
        held.let_go()
    page.locator(f"[data-contact='{SUSAN_ID}'] .row-link").click()
    expect(page.locator(".message.out .text")).to_have_text("once only")
    expect(page.locator("#text")).to_have_value("")
    page.locator(f"[data-contact='{PETAR_ID}'] .row-link").click()
    expect(page.locator("#text")).to_have_value("for Petar")
    assert texts(data) == ["once only"]


def test_who_looks_elsewhere_is_told_when_a_message_was_not_sent(alice: Desk, data: Store) -> None:
    alice.expect_status(409)
    name(data, arrive(data, SUSAN), "Susan")
    arrive(data, PETAR)
    page = open_conversation(alice)
    held = Held(page, "/messages")
    page.locator("#text").fill("not yet")
    page.locator("#text").press("Enter")
    held.wait()
    page.locator(f"[data-contact='{PETAR_ID}'] .row-link").click()
    expect(page.locator(f"[data-live-contact='{PETAR_ID}']")).to_be_visible()
    held.let_go(status=409, body='<div class="notice bad"><p>Not so.</p></div>', content_type="text/html")
    expect(page.locator("#notice")).to_contain_text("What you wrote to Susan was not sent")
    page.locator(f"[data-contact='{SUSAN_ID}'] .row-link").click()
    expect(page.locator("#text")).to_have_value("not yet")


def test_after_a_long_sleep_nothing_is_missing_between_old_and_new(alice: Desk, data: Store) -> None:
    for i in range(120):
        write(data, f"old {i}.")
    page = open_conversation(alice)
    page.locator("#text").fill("half written")
    news = Held(page, r"/news\?looks=1")
    write(data, "falls asleep")
    news.wait()
    for i in range(80):
        write(data, f"new {i}.")
    news.let_go()
    expect(page.locator("#timeline")).to_contain_text("new 79.")
    expect(page.locator("#timeline").get_by_text("new 79.")).to_be_in_viewport()
    _scroll_up(page)
    numbers = page.locator("#lines [id^=e-]").evaluate_all("all => all.map((one) => Number(one.id.slice(2)))")
    assert numbers == list(range(numbers[-1] + 1)) and numbers[-1] > 200
    expect(page.locator("#text")).to_have_value("half written")


def test_a_page_that_is_open_while_contacts_become_one_shows_both_and_listens_to_both(alice: Desk, data: Store) -> None:
    stage = Stage(data)
    for i in range(40):
        write(data, f"viber {i}.", who=PETAR)
        stage.turn(PETAR_ID)
        write(data, f"messenger {i}.")
        stage.turn(SUSAN_ID)
    to_petar = deeds.write(
        data.snapshot(PETAR_ID), "hi Petar", sender=Sender.USER, opens=None, max_text_chars=2000, by=ALICE
    )
    commit(data, PETAR_ID, to_petar)
    page = open_conversation(alice)
    page.locator("#composer input[value=comment]").check(force=True)
    page.locator("#text").press_sequentially("they are the same person")
    assert merge(stage).outcome == "merged"
    expect(page.locator("#timeline")).to_contain_text("Another contact (Viber) became part")
    expect(page.locator("#timeline")).to_contain_text("hi Petar")
    expect(page.locator("#text")).to_have_value("they are the same person")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#composer input[value=comment]")).to_be_checked()

    line = page.locator(".message.out").filter(has_text="hi Petar")
    turn, snapshot = take(data, PETAR_ID)
    assert snapshot.head
    data.start_send(turn, snapshot.head.number, "nonce-of-a-test", echo_wait_ms=1000)
    data.settle_send(turn, snapshot.head.number, "nonce-of-a-test", Settled.FAILED, reason="no_permission")
    expect(line).to_contain_text("Failed")
    line.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("sent again")).to_be_visible()
    assert texts(data)[-1] == "hi Petar"

    _scroll_up(page)
    shown = page.locator("#lines [id^=e-]").evaluate_all("all => all.map((one) => one.id.slice(2))")
    # That a merge was made is said once, by the contact that stays.
    whole = [one for one in data.history(SUSAN_ID, limit=1000).entries if "into" not in one.entry.data]
    assert shown == [
        str(one.entry.number) if one.contact == SUSAN_ID else f"{one.contact}-{one.entry.number}" for one in whole
    ]


def test_a_page_of_the_contact_that_became_part_of_another_leads_there_with_what_was_written(
    alice: Desk, data: Store
) -> None:
    write(data, who=PETAR)
    write(data)
    page = open_conversation(alice, PETAR_ID)
    page.locator("#text").fill("for Petar")
    merge(Stage(data))
    page.get_by_role("link", name="Go on there").click()
    expect(page.locator(f"[data-live-contact='{SUSAN_ID}']")).to_be_visible()
    expect(page.locator("#text")).to_have_value("for Petar")


def test_a_list_of_hundreds_stays_as_long_as_it_is_with_its_ticks_and_where_one_reads(alice: Desk, data: Store) -> None:
    data.receive([message("x", who=somebody(i)) for i in range(300)])
    alice.go("/?view=all")
    page = alice.page
    rows = page.locator("#rows > .row-of")
    expect(rows.first).to_be_visible()

    def is_whole() -> bool:
        page.locator("#rows").evaluate("list => { list.scrollTop = list.scrollHeight }")
        return rows.count() == 300

    wait_for(is_whole, "the whole list is shown", seconds=30)
    ticked = rows.nth(270)
    picked = str(ticked.get_attribute("id"))
    ticked.locator("input").check()
    top = ticked.evaluate("row => row.getBoundingClientRect().top")
    arrive(data, SUSAN, "a new one")
    expect(page.locator(f"#row-{SUSAN_ID}-1")).to_be_attached()
    expect(rows).to_have_count(301)
    expect(page.locator(f"#{picked} input")).to_be_checked()
    assert abs(page.locator(f"#{picked}").evaluate("row => row.getBoundingClientRect().top") - top) < 2

    # What the user does themselves is seen in all of it.
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed 1 of 1.")).to_be_visible()
    expect(page.locator(f"#{picked}")).to_have_count(0)
    expect(rows).to_have_count(300)


def test_what_scrolling_brought_while_the_list_was_fetched_anew_stays(alice: Desk, data: Store) -> None:
    data.receive([message("x", who=somebody(i)) for i in range(90)])
    alice.go("/?view=all")
    page = alice.page
    rows = page.locator("#rows > .row-of")
    fetched = Held(page, r"/inbox/list\?view=all&length=\d+")
    arrive(data, SUSAN, "a new one")
    fetched.wait()

    def has(count: int) -> bool:
        page.locator("#rows").evaluate("list => { list.scrollTop = list.scrollHeight }")
        return rows.count() == count

    wait_for(lambda: has(90), "the whole list is shown")
    page.evaluate("""() => {
      const rows = document.getElementById("rows");
      const count = () => (window.least = Math.min(window.least ?? 1000, rows.querySelectorAll(".row-of").length));
      new MutationObserver(count).observe(rows, { childList: true });
    }""")
    fetched.let_go()
    expect(page.locator(f"#row-{SUSAN_ID}-1")).to_be_attached()
    wait_for(lambda: has(91), "so is the new one")
    assert page.evaluate("window.least") >= 90


def test_several_are_closed_as_they_were_when_they_were_ticked(alice: Desk, data: Store) -> None:
    arrive(data, SUSAN)
    alice.go("/?view=all")
    page = alice.page
    row = page.locator(f"#row-{SUSAN_ID}-1")
    row.locator("input").check()
    write(data, "WAIT, one more thing!")
    expect(row).to_contain_text("one more thing")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("The contact wrote meanwhile")
    assert "closed" not in kinds(data)
    page.get_by_role("button", name="Dismiss").click()
    row.locator("input").check()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed 1 of 1.")).to_be_visible()


def test_a_close_in_a_dialog_is_of_what_could_be_seen_when_it_was_opened(alice: Desk, data: Store) -> None:
    alice.expect_status(409)
    arrive(data, SUSAN)
    page = open_conversation(alice)
    page.get_by_role("button", name="Close with a note").click()
    dialog = page.get_by_role("dialog", name="Close the conversation")
    dialog.get_by_label("Summary").fill("All is well")
    seen = dialog.locator("[data-last-entry]").input_value()
    write(data, "wait!")
    expect(page.locator("#timeline")).to_contain_text("wait!")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_contain_text("The contact wrote meanwhile")
    assert "closed" not in kinds(data)
    wait_for(lambda: dialog.locator("[data-last-entry]").input_value() != seen, "the dialog knows what came")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Conversation #1 is closed.")).to_be_visible()


def test_the_tab_says_whom_one_looks_at(alice: Desk, data: Store) -> None:
    for who, words in ((SUSAN, "Susan"), (PETAR, "Petar")):
        name(data, arrive(data, who), words)
    page = open_conversation(alice)
    expect(page).to_have_title("Susan · Needs a person · Markdone")
    page.get_by_role("link", name="Petar").click()
    expect(page).to_have_title("Petar · Needs a person · Markdone")
    name(data, PETAR_ID, "Peter")
    expect(page).to_have_title("Peter · Needs a person · Markdone")
    page.go_back()
    expect(page).to_have_title("Susan · Needs a person · Markdone")


def _scroll_up(page: Page) -> None:
    """Until nothing older is offered."""
    for _ in range(30):
        offered = page.locator("#lines [data-older]")
        if not offered.count():
            return
        older = offered.get_attribute("data-older")
        page.evaluate("document.getElementById('timeline').scrollTop = 0")
        page.wait_for_function("older => !document.querySelector(`[data-older='${older}']`)", arg=older)
    raise AssertionError("there is always something older")
