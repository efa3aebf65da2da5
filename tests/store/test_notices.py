"""What users are told until they have read it."""

from domain.actions import NoteLine, Notify
from domain.identities import Identity, contact_id
from store import Notice, Store
from tests.conftest import StoppedClock
from tests.people import ALICE, BOB, PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey


def tell(store: Store, contact: str = SUSAN_ID, *users: str, kind: str = "mentioned", words: str = "look") -> int:
    """Tell users (Alice, if none is named) about a comment, and return the comment's entry."""
    line = NoteLine(number=1, kind="comment", details={"text": words, "by": BOB})
    told = Notify(number=1, users=users or ("u1",), kind=kind, by=BOB)
    assert store.commit(store.snapshot(contact), [line, told]).is_done
    return store.timeline(contact, -1, 1).end - 1


def places(found: list[Notice]) -> list[tuple[str, int]]:
    return [(notice.contact.id, notice.entry) for notice in found]


def test_a_notice_says_what_where_when_and_who(store: Store, clock: StoppedClock) -> None:
    write(store)
    entry = tell(store, kind="assigned")
    (notice,) = store.notices("u1")
    assert (notice.contact.id, notice.entry, notice.number) == (SUSAN_ID, entry, 1)
    assert (notice.kind, notice.by, notice.at_ms) == ("assigned", BOB, clock())


def test_notices_of_all_contacts_are_listed_newest_first(store: Store, clock: StoppedClock) -> None:
    people = [Identity("facebook", "1042", f"70{number}") for number in range(20)]
    wanted = []
    for who in people:
        write(store, who=who)
        wanted.append((contact_id(who), tell(store, contact_id(who))))
        clock.pass_s(1)
    wanted.reverse()
    assert places(store.notices("u1")) == wanted
    assert places(store.notices("u1", 7)) == wanted[:7]
    assert store.count_notices("u1") == 20
    assert store.notices("u1", 0) == []


def test_each_user_is_told_and_reads_alone(store: Store) -> None:
    write(store)
    entry = tell(store, SUSAN_ID, "u1", "u2")
    store.read_notice("u1", SUSAN_ID, entry)
    assert (store.count_notices("u1"), store.count_notices("u2")) == (0, 1)
    assert (store.count_notices(str(ALICE["id"])), store.notices("nobody")) == (0, [])


def test_one_notice_is_read_and_the_others_stay(store: Store, clock: StoppedClock) -> None:
    write(store)
    entries = []
    for _ in range(12):  # so that one number is the beginning of another
        entries.append(tell(store))
        clock.pass_s(1)
    store.read_notice("u1", SUSAN_ID, entries[0])
    store.read_notice("u1", SUSAN_ID, entries[0])
    assert [notice.entry for notice in store.notices("u1")] == entries[:0:-1]


def test_who_looks_at_a_contact_has_read_all_about_it(store: Store) -> None:
    for who, contact in ((SUSAN, SUSAN_ID), (PETAR, PETAR_ID)):
        write(store, who=who)
        tell(store, contact)
        tell(store, contact)
    store.read_contact("u1", SUSAN_ID)
    assert {contact for contact, _ in places(store.notices("u1"))} == {PETAR_ID}
    assert store.count_notices("u1") == 2


def test_what_came_after_the_list_was_seen_stays_unread(store: Store, clock: StoppedClock) -> None:
    write(store)
    write(store, who=PETAR)
    tell(store, SUSAN_ID)
    tell(store, PETAR_ID)
    seen_ms = clock()
    clock.pass_s(1)
    later = tell(store, SUSAN_ID)
    store.read_all_notices("u1", seen_ms)
    assert places(store.notices("u1")) == [(SUSAN_ID, later)]


def test_a_notice_about_a_contact_that_is_gone_goes_when_it_is_seen(
    store: Store, valkey: Valkey, clock: StoppedClock
) -> None:
    write(store)
    write(store, who=PETAR)
    entry = tell(store, PETAR_ID)
    clock.pass_s(1)
    for _ in range(3):
        tell(store, SUSAN_ID)
    valkey.client().delete(store.keys.contact(SUSAN_ID))
    assert store.count_notices("u1") == 4
    assert places(store.notices("u1", 1)) == [(PETAR_ID, entry)]
    assert store.count_notices("u1") == 1


def test_a_text_that_looks_like_the_writing_of_a_notice_changes_nothing(store: Store) -> None:
    write(store)
    line = NoteLine(number=1, kind="comment", details={"text": "|"})
    told = Notify(number=1, users=("u1",), kind="mentioned", by={"id": "u2", "email": "b|o|b", "name": '|"{'})
    assert store.commit(store.snapshot(SUSAN_ID), [line, told]).is_done
    (notice,) = store.notices("u1")
    assert notice.by == {"id": "u2", "email": "b|o|b", "name": '|"{'}
