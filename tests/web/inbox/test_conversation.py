"""A contact's timeline: everything on it, in order, a part at a time; and hostile text in whatever is shown of it."""

import re

import pytest

from domain.actions import ChangeProfile, Close, NoteNotSent, Send
from domain.models import Letter, Sender, Source
from handlers import users as deeds
from store import Settled, Store
from tests.conftest import StoppedClock
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome
from tests.turns.merge_plays import merge, work
from tests.turns.stage import Stage
from tests.web.inbox.plays import FRAGMENT, answer, arrive, close, commit, do, name, tag
from tests.web.signed_in import Visitor

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_the_whole_timeline_is_there_with_events_and_who_caused_them(alice: Visitor, store: Store) -> None:
    store.receive([welcome()])
    store.receive([message("where is my order?")])
    close(store, SUSAN_ID, category="Question", summary="About an order")
    arrive(store, SUSAN, "still nothing")
    do(alice, "messages", text="I look for it", operation="a", number=2)
    do(alice, "messages", text="He is angry", kind="comment", operation="b")
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    page = _words(page[page.index('id="timeline"') :])
    told = [
        "Conversation #1 opened · welcome event",
        "pressed Get Started",
        "where is my order?",
        "Conversation #1 closed · user",
        "Question · About an order",
        "Conversation #2 opened · the contact wrote",
        "Needs a person: the bot asks for a person",
        "I look for it",
        "Waiting to be sent",
        "Assigned to Alice",
        "The bot is silent until this conversation closes · a user replied",
        "Alice commented, only colleagues see it",
        "He is angry",
    ]
    places = [page.find(words) for words in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)


def test_a_bot_entry_shows_on_demand_how_the_bot_came_to_it(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN, needs=False)
    bot = {
        "intent": "order status",
        "confidence": 0.81,
        "parameters": {"number": "48213", "days": ["Monday", "Friday"]},
        "webhook": "Webhook call failed",
        "latency_ms": 4312,
    }
    commit(store, SUSAN_ID, [Send(number=1, text="One moment", sender=Sender.BOT, details={"bot": bot})])
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    details = page[page.index('<details class="bot-facts">') :]
    for words in ("order status", "81%", "48213", "Monday, Friday", "Webhook call failed", "4312 ms"):
        assert words in details


@pytest.mark.parametrize("where", ["text", "payload", "referral", "attachments", "name", "tag", "field", "phone"])
def test_hostile_text_stays_text_wherever_a_contact_or_a_user_can_put_it(
    alice: Visitor, store: Store, where: str
) -> None:
    data = {"kind": "message", "text": HOSTILE if where == "text" else "hello"}
    if where in ("payload", "referral"):
        data[where] = HOSTILE
    if where == "attachments":
        data["text"] = ""
        kinds = ("image", "contact", "location", "link", HOSTILE)
        pieces = [{"kind": kind, "name": HOSTILE, "url": "javascript:alert(1)", "phone": HOSTILE} for kind in kinds]
        store.receive([message(data={**data, "attachments": pieces})])
    else:
        store.receive([message(data=data)])
    if where == "name":
        commit(store, SUSAN_ID, [_raw({"edited_name": HOSTILE})])
    if where == "tag":
        commit(store, SUSAN_ID, [_raw({"tags": '["' + HOSTILE.replace('"', "'") + '"]'})])
    if where == "field":
        commit(store, SUSAN_ID, [_raw({"fields": '{"<script>X":"<script>alert(1)</script>"}'})])
    if where == "phone":
        commit(store, SUSAN_ID, [_raw({"phone": HOSTILE, "email": HOSTILE})])
    paths = ["/?view=all", f"/conversations/{SUSAN_ID}", f"/conversations/{SUSAN_ID}/search?q=h"]
    for page in [alice.get(path).text for path in paths]:
        assert "<script>alert" not in page and "<script>X" not in page
        assert not re.search(r"<img[^>]*onerror", page)
        assert not re.search(r"(href|src)=['\"]?javascript:", page)


def test_only_web_addresses_are_linked_and_none_tells_where_we_come_from(alice: Visitor, store: Store) -> None:
    store.receive([message("see https://a.example/x?y=1&z=2. or javascript:alert(1) or data:text/html,x")])
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    links = re.findall(r'<a href="([^"]+)" target="_blank" rel="([^"]+)"', page)
    assert links == [("https://a.example/x?y=1&amp;z=2", "noreferrer noopener")]


def test_older_lines_come_in_order_until_the_first(alice: Visitor, store: Store) -> None:
    for i in range(130):
        store.receive([message(f"line {i}.")])
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    seen = _numbers(page)
    while older := re.search(r'data-older="([^"]+)"', page):
        page = alice.get(f"/conversations/{SUSAN_ID}/lines?before={older[1]}", headers=FRAGMENT).text
        assert "data-newer" not in page
        seen = [*_numbers(page), *seen]
    assert seen == list(range(131))  # and the opening


def test_a_line_in_the_middle_can_be_gone_to_and_newer_ones_follow(alice: Visitor, store: Store) -> None:
    for i in range(130):
        store.receive([message(f"line {i}.")])
    page = alice.get(f"/conversations/{SUSAN_ID}?at=20").text
    seen = _numbers(page)
    assert 20 in seen and "data-older" in page
    while newer := re.search(r'data-newer="([^"]+)"', page):
        page = alice.get(f"/conversations/{SUSAN_ID}/lines?from={newer[1]}", headers=FRAGMENT).text
        seen += _numbers(page)
    assert seen == list(range(seen[0], 131))


def test_news_bring_changed_lines_and_the_state_beside_them(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    last = _numbers(page)[-1]
    arrive(store, SUSAN, "and again", needs=False)
    news = alice.get(f"/conversations/{SUSAN_ID}/news", headers=FRAGMENT).text
    assert _numbers(news) == [*_numbers(page), last + 1]
    for part in ("head", "composer-state", "contact"):
        assert re.search(rf'id="{part}"[^>]* data-part', news), part
    same = re.search(rf'id="e-{last}" data-v="(\w+)"', page)
    assert same and same[0] in news


def test_a_message_that_failed_says_why_and_can_be_sent_again_once(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    answer(store, SUSAN_ID, "hello back", alice.user)
    _settle(store, Settled.FAILED, "window_closed")
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    assert "Failed" in page and "More than the time that the platform allows" in page
    entry = re.search(r'name="entry" value="(\d+)">Retry', page)
    assert entry
    for _ in range(2):
        assert do(alice, "retry", entry=entry[1]).status_code == 204
    entries = [entry for entry, _ in store.timeline(SUSAN_ID, 0, 100).entries if entry.text == "hello back"]
    assert [entry.letter for entry in entries] == [Letter.FAILED, Letter.PENDING]


def test_what_was_not_sent_is_shown_with_the_reason_and_no_retry(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    commit(store, SUSAN_ID, [NoteNotSent(number=1, text="too late", sender=Sender.BOT, reason="paused")])
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    assert "Not sent" in page and "A person had taken over." in page and "Retry" not in page


def test_text_is_found_in_the_timeline_without_regard_to_case_and_accents(alice: Visitor, store: Store) -> None:
    for text in ("Where is my Café?", "nothing", "the CAFE again " + "x" * 300):
        store.receive([message(text)])
    page = alice.get(f"/conversations/{SUSAN_ID}/search?q=cafe", headers=FRAGMENT).text
    assert re.findall(r'data-jump="(\d+)"', page) == ["3", "1"]
    assert "2 lines hold" in page
    assert "Nothing holds" in alice.get(f"/conversations/{SUSAN_ID}/search?q=tea", headers=FRAGMENT).text


def test_a_search_shows_a_bounded_number_of_matches(alice: Visitor, store: Store) -> None:
    for i in range(70):
        store.receive([message(f"same {i}")])
    page = alice.get(f"/conversations/{SUSAN_ID}/search?q=same", headers=FRAGMENT).text
    assert len(re.findall("data-jump", page)) == 50
    assert "50 newest lines hold" in page


def test_what_the_platform_would_refuse_is_said_above_the_composer(alice: Visitor, store: Store) -> None:
    store.receive([message("long ago", sent_at_ms=store.now_ms() - 3 * 24 * 3_600_000)])
    assert "last wrote over 24 hours ago" in alice.get(f"/conversations/{SUSAN_ID}").text
    store.receive([message("now", sent_at_ms=store.now_ms())])
    assert "last wrote over 24 hours ago" not in alice.get(f"/conversations/{SUSAN_ID}").text


def test_an_unknown_contact_is_not_there(alice: Visitor) -> None:
    for path in ("a" * 24, "nonsense", f"{SUSAN_ID}-1", "%00"):
        assert alice.get(f"/conversations/{path}").status_code == 404


def test_the_contacts_conversations_are_listed_with_their_notes(alice: Visitor, store: Store) -> None:
    arrive(store, SUSAN)
    commit(store, SUSAN_ID, [Close(number=1, source=Source.API, category="Sold", summary="Two pairs")])
    arrive(store, SUSAN)
    name(store, SUSAN_ID, "Susan")
    tag(store, SUSAN_ID, "vip")
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    past = page[page.index('<ol class="past">') :]
    assert _words(past).index("#2 open") < _words(past).index("#1 closed")
    assert "Sold · Two pairs" in past
    commit(store, SUSAN_ID, deeds.block(store.snapshot(SUSAN_ID), is_blocked=True, by=None))
    assert "This contact is blocked here" in alice.get(f"/conversations/{SUSAN_ID}").text


def _raw(values: dict[str, str]) -> ChangeProfile:
    """What no form lets through."""
    return ChangeProfile(number=1, values=values)


def _settle(store: Store, outcome: Settled, reason: str) -> None:
    taken = store.take_turn(SUSAN_ID)
    assert taken
    head = store.snapshot(SUSAN_ID).head
    assert head
    store.start_send(taken[0], head.number, "nonce-of-a-test", echo_wait_ms=1000)
    store.settle_send(taken[0], head.number, "nonce-of-a-test", outcome, reason=reason)


def _numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="e-(\d+)"', page)]


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_what_was_merged_is_one_timeline_and_old_addresses_lead_to_it(
    alice: Visitor, store: Store, clock: StoppedClock
) -> None:
    stage = Stage(store)
    for who, text in ((SUSAN, "from Susan"), (PETAR, "from Petar"), (SUSAN, "Susan again")):
        arrive(store, who, text)
        work(stage, clock)
        clock.pass_s(60)
    merge(stage)
    page = alice.get(f"/conversations/{SUSAN_ID}").text
    timeline = page[page.index('id="timeline"') :]
    merged = ("closed · merge of contacts", "(Viber) became part of this contact")
    told = ("from Susan", "from Petar", "Susan again", *merged)
    places = [_words(timeline).find(text) for text in told]
    assert -1 not in places and places[:3] == sorted(places[:3])
    assert f'id="e-{PETAR_ID}-1"' in timeline
    moved = alice.get(f"/conversations/{PETAR_ID}?at=1&view=all")
    assert moved.status_code == 302
    assert moved.headers["Location"] == f"/conversations/{SUSAN_ID}?view=all&at={PETAR_ID}-1"
    assert f'data-at="{PETAR_ID}-1"' in alice.get(moved.headers["Location"]).text
