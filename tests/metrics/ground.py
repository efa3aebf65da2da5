"""What the acts of a world stand on: the processes, who there is, and what the store's readers say of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.actions import Action
from domain.arrivals import Record
from domain.errors import Conflict, NotFound
from domain.identities import Identity, contact_id
from domain.models import Snapshot
from domain.users import Role, User
from store import Store
from store.users import encode_user
from tests.conftest import StoppedClock
from tests.metrics.agent import Agent
from tests.metrics.timelines import History
from tests.people import PETAR, SUSAN
from tests.servers import Valkey
from tests.turns.stage import PlayedChannel, payload
from turns.accounts import Accounts
from turns.turn import TurnRunner

WHO = [
    *(Identity("facebook", SUSAN.account, f"70000000000009{i:02}") for i in range(3)),
    *(Identity("viber", PETAR.account, f"nEw{i}+/=") for i in range(3)),
]
IDS = [contact_id(who) for who in WHO]
USERS = [
    User(id=f"u{i}", email=f"{name}@x.example", name=name, role=Role.AGENT)
    for i, name in enumerate(("Ann", "Ben", "Cy"))
]


@dataclass
class Ground:
    """Two processes on one store, on which nothing has happened yet."""

    valkey: Valkey
    clock: StoppedClock
    zone: str
    keeps_assignee: bool = False
    bot_back_on: bool = True
    gone: list[History] = field(default_factory=list)
    away: dict[str, list[list[int]]] = field(default_factory=dict)  # users, from when to when they were not let in
    records: list[tuple[int, Record]] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.valkey.client().flushall()
        self.stores = [self.make_store(), self.make_store()]
        self.store = self.stores[0]
        for user in USERS:
            self.command("HSET", self.store.keys.users, user.id, encode_user(user))
        self.store.change_setting("time_zone", self.zone)
        self.store.change_setting("keeps_assignee", "yes" if self.keeps_assignee else "no")
        self.store.change_setting("bot_back_on_at_close", "yes" if self.bot_back_on else "no")
        self.store.change_setting("auto_close_after_h", "24")
        self.agent = Agent()
        self.facebook = PlayedChannel()
        self.viber = PlayedChannel(can_echo=False, max_text_chars=900)

    def make_store(self) -> Store:
        store = Store(self.valkey.url, partitions=2, max_connections=20, timeout_s=5)
        store.now_ms = self.clock
        store.start()
        return store

    def command(self, *words: Any) -> Any:
        return self.store.connection.command(lambda client: client.execute_command(*words))

    def runner(self, has_bot: bool) -> TurnRunner:
        accounts = Accounts(self.store, {WHO[0].channel: self.facebook, WHO[-1].channel: self.viber})
        return TurnRunner(self.store, accounts, self.agent if has_bot else None, payload)

    # -- What is there

    def histories(self) -> list[History]:
        """Everybody there ever was."""
        return [*self.gone, *(self.history(contact) for contact in IDS if self.exists(contact))]

    def history(self, contact: str) -> History:
        one, conversations = self.store.snapshot(contact).contact, self.store.conversations(contact)
        return History(one, self.store.timeline(contact, 0, 100_000).entries, conversations)

    def is_away(self, user: str, at_ms: int) -> bool:
        return any(at_ms >= span[0] and (len(span) == 1 or at_ms < span[1]) for span in self.away.get(user, []))

    def exists(self, contact: str) -> bool:
        try:
            self.store.snapshot(contact)
        except NotFound:
            return False
        return True

    def read(self, a: int) -> Snapshot | None:
        try:
            return self.store.snapshot(self.store.resolve(IDS[a % len(IDS)]))
        except NotFound:
            return None

    def somebody(self, b: int) -> User:
        there = [user for user in USERS if not self.is_away(user.id, self.clock.ms)]
        return there[b % len(there)]

    def deed(self, a: int, decide: Callable[[Snapshot], list[Action]]) -> None:
        snapshot = self.read(a)
        if snapshot is None:
            return
        try:
            actions = decide(snapshot)
        except Conflict:
            return
        if actions:
            assert self.commit(self.stores[a % 2], snapshot, actions) == "ok"

    def commit(self, store: Store, snapshot: Snapshot, actions: list[Action]) -> str:
        committed = store.commit(snapshot, actions, bot_back_on=self.bot_back_on, keeps_assignee=self.keeps_assignee)
        return committed.status
