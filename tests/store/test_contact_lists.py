"""The list of contacts over all partitions: in order, whole, and in bounded time whatever is filtered."""

import pytest

import store.contact_lists as contact_lists
from domain.actions import Close
from domain.identities import Identity, contact_id
from domain.models import Source
from handlers.profiles import change_tags
from store import Position, Store
from tests.conftest import StoppedClock
from tests.people import BOB, SUSAN, SUSAN_ID, write


def crowd(store: Store, clock: StoppedClock, count: int = 60) -> list[str]:
    """Let people write, some at the very same moment; every third is tagged. Returns them newest first."""
    found = []
    for n in range(count):
        who = Identity(*(("facebook", "1", f"{n}") if n % 2 else ("viber", "shop", f"{n}")))
        write(store, who=who)
        found.append(contact_id(who))
        if n % 3 == 0:
            snapshot = store.snapshot(contact_id(who))
            assert store.commit(snapshot, change_tags(snapshot, add=("vip",), by=None)).is_done
        clock.pass_s(n % 2)
    return sorted(found, key=lambda one: (store.snapshot(one).contact.created_at_ms, one), reverse=True)


def walk(store: Store, limit: int, **asked: object) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    after: Position | None = None
    for _ in range(200):
        page = store.contact_page(limit, after, **asked)  # type: ignore[arg-type]
        assert len(page.items) <= limit
        found += [contact.id for contact, _ in page.items]
        after = page.next
        if after is None:
            return found
    raise AssertionError("it never ends")


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_all_are_listed_once_newest_first(store: Store, clock: StoppedClock, limit: int) -> None:
    everybody = crowd(store, clock)
    assert len(everybody) == 60 and walk(store, limit) == everybody


@pytest.mark.parametrize("rare", [1_000, 5])
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"tag": "vip"}, 20),
        ({"channel": "viber:shop"}, 30),
        ({"tag": "vip", "channel": "viber:shop"}, 10),
        ({"tag": "x"}, 0),
    ],
)
def test_filters_leave_the_same_whether_the_label_is_rare_or_not(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, rare: int, asked: dict[str, str], count: int
) -> None:
    monkeypatch.setattr(contact_lists, "RARE", rare)
    monkeypatch.setattr(contact_lists, "CHUNK", 9)
    everybody = crowd(store, clock)

    def fits(contact: str) -> bool:
        known = store.snapshot(contact).contact
        has_channel = known.identity.channel == asked.get("channel", known.identity.channel)
        return has_channel and ("tag" not in asked or asked["tag"] in known.tags)

    expected = [one for one in everybody if fits(one)]
    assert len(expected) == count and walk(store, 4, **asked) == expected


def test_a_page_looks_at_so_many_at_most_and_the_next_goes_on(
    store: Store, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_lists, "MOST_LOOKED_AT", 10)
    everybody = crowd(store, clock)
    last = everybody[-1]
    first = store.contact_page(5, shown=lambda contact, _: contact.id == last)
    assert first.items == [] and first.next is not None
    assert walk(store, 5, shown=lambda contact, _: contact.id == last) == [last]


def test_a_line_says_when_something_happened_last(store: Store, clock: StoppedClock) -> None:
    write(store)
    clock.pass_s(60)
    write(store, "again")
    last_ms = clock.ms
    (row,) = store.contact_rows(store.contact_page(5).items)
    assert row.last_at_ms == last_ms and row.open
    clock.pass_s(60)
    store.commit(store.snapshot(SUSAN_ID), [Close(number=1, source=Source.USER, by=BOB)])
    (row,) = store.contact_rows(store.contact_page(5).items)
    assert row.last_at_ms == last_ms + 60_000 and row.open is None and row.contact.identity == SUSAN
