"""What platforms say became of our messages: by message on Viber, up to a watermark on Messenger, in any order."""

import pytest

from domain.arrivals import RecordReceipt
from domain.events import ReceiptStatus
from domain.models import Letter
from store import Settled, Store
from tests.people import PETAR, PETAR_ID, SUSAN, SUSAN_ID, write
from tests.servers import Valkey
from tests.store.attempts import attempt, entry_of, reply, sent

DELIVERED, READ, FAILED = ReceiptStatus.DELIVERED, ReceiptStatus.READ, ReceiptStatus.FAILED


def receipt(store: Store, status: ReceiptStatus, external_id: str = "m_1", reason: str = "") -> bool:
    one = RecordReceipt(identity=PETAR, status=status, external_id=external_id, reason=reason)
    return store.receive([one])[0].is_new


def watermark(store: Store, status: ReceiptStatus, at_ms: int) -> None:
    store.receive([RecordReceipt(identity=SUSAN, status=status, watermark_ms=at_ms)])


@pytest.mark.parametrize(
    ("statuses", "letter"),
    [
        ([DELIVERED], Letter.DELIVERED),
        ([READ], Letter.READ),
        ([FAILED], Letter.FAILED),
        ([DELIVERED, READ], Letter.READ),
        ([READ, DELIVERED], Letter.READ),
        ([DELIVERED, DELIVERED], Letter.DELIVERED),
        ([DELIVERED, FAILED], Letter.DELIVERED),
        ([READ, FAILED], Letter.READ),
        ([FAILED, DELIVERED], Letter.FAILED),
    ],
)
def test_a_status_moves_one_way_only(store: Store, statuses: list[ReceiptStatus], letter: Letter) -> None:
    number = sent(store, who=PETAR)
    for status in statuses:
        receipt(store, status)
    assert entry_of(store, number, PETAR).letter is letter


@pytest.mark.parametrize(
    ("statuses", "letter"),
    [
        ([DELIVERED], Letter.DELIVERED),
        ([FAILED], Letter.FAILED),
        ([DELIVERED, READ], Letter.READ),
        ([READ, DELIVERED], Letter.READ),
        ([DELIVERED, FAILED], Letter.DELIVERED),
        ([FAILED, DELIVERED], Letter.DELIVERED),
    ],
)
def test_receipts_that_come_before_their_send_is_settled_are_kept_for_it(
    store: Store, statuses: list[ReceiptStatus], letter: Letter
) -> None:
    turn, [number] = reply(store, "hello", who=PETAR)
    nonce = attempt(store, turn, number)
    for status in statuses:
        assert receipt(store, status)
    assert entry_of(store, number, PETAR).letter is Letter.SENDING
    store.settle_send(turn, number, nonce, Settled.SENT, external_id="m_1")
    entry = entry_of(store, number, PETAR)
    assert (entry.letter, entry.external_id) == (letter, "m_1")
    assert store.snapshot(PETAR_ID).head is None


def test_early_receipts_are_forgotten_after_a_while(store: Store, valkey: Valkey) -> None:
    write(store, who=PETAR)
    receipt(store, DELIVERED, "nobody's")
    assert 0 < valkey.client().ttl(store.keys.early(PETAR_ID)) <= 600


def test_a_receipt_is_for_the_message_of_that_very_id(store: Store) -> None:
    numbers = [sent(store, external_id, who=PETAR) for external_id in ("5", "55", "555")]
    for other in ("5555", "", "|", "5|", "%35"):
        receipt(store, READ, other)
    assert {entry_of(store, number, PETAR).letter for number in numbers} == {Letter.SENT}
    receipt(store, READ, "55")
    assert [entry_of(store, number, PETAR).letter for number in numbers] == ["s", "r", "s"]


def test_a_message_whose_text_looks_like_the_id_is_not_mistaken_for_it(store: Store) -> None:
    turn, [real, looks_like] = reply(store, "hello", "}|1|m_2|", who=PETAR)
    store.settle_send(turn, real, attempt(store, turn, real), Settled.SENT, external_id="m_2")
    store.settle_send(turn, looks_like, attempt(store, turn, looks_like), Settled.SENT, external_id="m_1")
    write(store, "|m_2|", who=PETAR)
    receipt(store, READ, "m_2")
    assert [entry_of(store, number, PETAR).letter for number in (looks_like, real)] == ["s", "r"]
    assert entry_of(store, looks_like, PETAR).text == "}|1|m_2|"


def test_a_receipt_reaches_back_two_hundred_entries(store: Store) -> None:
    number = sent(store, who=PETAR)
    while (end := store.timeline(PETAR_ID, -1, 1).end) < number + 200:
        write(store, str(end), who=PETAR)
    receipt(store, DELIVERED)
    assert entry_of(store, number, PETAR).letter is Letter.DELIVERED


def test_a_failure_said_later_keeps_its_reason(store: Store) -> None:
    number = sent(store, who=PETAR)
    receipt(store, FAILED, reason="failed_on_platform")
    assert entry_of(store, number, PETAR).reason == "failed_on_platform"


def test_a_watermark_only_rises(store: Store) -> None:
    write(store)
    for status, at_ms in ((DELIVERED, 2000), (DELIVERED, 1000), (READ, 1500), (READ, 1500), (READ, 3)):
        watermark(store, status, at_ms)
    contact = store.snapshot(SUSAN_ID).contact
    assert (contact.delivered_until_ms, contact.read_until_ms) == (2000, 1500)
    page = store.timeline(SUSAN_ID, 0, 10)
    assert (page.delivered_until_ms, page.read_until_ms) == (2000, 1500)


def test_receipts_of_somebody_unknown_make_nobody(store: Store, valkey: Valkey) -> None:
    before = valkey.client().dbsize()
    watermark(store, READ, 5)
    assert not receipt(store, READ)
    assert valkey.client().dbsize() == before


def test_a_receipt_is_no_reason_to_take_a_turn(store: Store) -> None:
    sent(store, who=PETAR)
    receipt(store, READ)
    assert store.next_due_ms() is None


def test_early_receipts_have_a_bound_and_do_not_keep_each_other_alive(store: Store, valkey: Valkey) -> None:
    write(store, who=PETAR)
    for number in range(150):
        receipt(store, DELIVERED, f"m_elsewhere_{number}")
    key = store.keys.early(PETAR_ID)
    redis = valkey.client()
    assert redis.hlen(key) == 100
    redis.expire(key, 5)
    receipt(store, READ, "m_elsewhere_1")
    assert redis.ttl(key) <= 5
