"""Merges while several web processes deliver, and deliver again, and several workers decide: all at the same time."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from domain.answers import Answer, Question
from domain.identities import Identity, contact_id
from store import Store
from tests.conftest import make_store
from tests.people import ALICE, message
from tests.servers import Valkey, wait_for
from tests.turns.stage import PlayedChannel
from turns.accounts import Accounts
from turns.turn import TurnRunner

WHO = [Identity("viber", "shop", name) for name in ("a", "b", "c", "d")]
IDS = [contact_id(who) for who in WHO]
MESSAGES = 60


class Echo:
    """Says after whoever writes."""

    def ask(self, question: Question) -> Answer:
        return Answer(replies=(f"you said {question.text}",))


def test_of_everything_that_is_written_while_four_become_one_nothing_is_lost_or_answered_twice(
    valkey: Valkey, store: Store
) -> None:
    channel, stopping = PlayedChannel(can_echo=False), threading.Event()
    store.receive([message(f"{who} first", who=who) for who in WHO])
    began_ms, delivered = store.now_ms(), list[int]()

    def deliver(number: int) -> None:
        web = make_store(valkey)
        for i in range(MESSAGES):
            for who in WHO:
                batch = [message(f"{who} {i}", who=who, native_id=f"m:{who}:{i}", sent_at_ms=began_ms)]
                web.receive(batch * (1 + number))
                delivered.append(i)

    def written(deliveries: int) -> Callable[[], bool]:
        return lambda: len(delivered) > deliveries

    def work() -> None:
        own = make_store(valkey)
        runner = TurnRunner(own, Accounts(own, {"viber:shop": channel}), Echo(), lambda *_: {})
        while not stopping.wait(0.002):
            for contact in own.due_contacts(own.keys.each(), 10):
                runner.run(contact)

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work) for _ in range(3)]
        webs = [pool.submit(deliver, number) for number in range(2)]
        try:
            asked = []
            for number, (primary, secondary) in enumerate(((0, 1), (2, 3), (1, 0), (3, 1)), 1):
                wait_for(written(80 * number), "they write")
                asked.append(store.request_merge(IDS[primary], IDS[secondary], by=ALICE))
            for web in webs:
                web.result(120)
            wait_for(lambda: store.next_due_ms() is None, "everything is decided and sent", seconds=60)
        finally:
            stopping.set()
        for worker in workers:
            worker.result(30)
    assert [store.merge_state(number).outcome for number in asked] == ["merged", "merged", "same", "merged"]
    [root] = {store.resolve(contact) for contact in IDS}
    said = [one.entry.text for one in store.history(root, limit=10_000).entries if one.entry.letter == "m"]
    expected = {f"{who} {i}" for who in WHO for i in (*range(MESSAGES), "first")}
    assert Counter(said) == Counter(expected)
    assert max(Counter(channel.texts).values()) == 1 and {f"you said {text}" for text in expected} >= set(channel.texts)
    assert sum(one.incoming for _, one in store.all_conversations(root)) == len(expected)
