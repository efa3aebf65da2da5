"""A worker's turn on a stage: the real store, turns and decisions; platform and agent are played by the test."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dialogflow.fulfillment import build_payload
from domain.answers import Answer, Commands, Question
from domain.events import Profile
from domain.identities import Identity
from domain.models import Entry, Snapshot
from handlers.fulfillment import Call, decide_call
from store import Store
from tests.people import PETAR, SUSAN, SUSAN_ID
from turns.accounts import Accounts
from turns.turn import TurnRunner


@dataclass
class PlayedChannel:
    """Takes what is sent; `on_send` may interfere or raise before it is taken."""

    can_echo: bool = True
    max_text_chars: int = 1900
    sent: list[tuple[str, str]] = field(default_factory=list)  # text or the file's name, tag
    sent_to: list[Identity] = field(default_factory=list)
    files: list[tuple[str, str, str, int]] = field(default_factory=list)  # url, name, kind, bytes
    typing_shown_to: list[Identity] = field(default_factory=list)
    on_send: Callable[[str, str], None] = lambda text, tag: None
    on_typing: Callable[[], None] = lambda: None
    profiles_asked: list[Identity] = field(default_factory=list)
    on_profile: Callable[[], Profile | None] = lambda: None

    def send_text(self, identity: Identity, text: str, tag: str) -> str:
        self.on_send(text, tag)
        self.sent.append((text, tag))
        self.sent_to.append(identity)
        return f"m_{len(self.sent)}"

    def send_file(self, identity: Identity, url: str, name: str, kind: str, size_bytes: int, tag: str) -> str:
        external_id = self.send_text(identity, name, tag)
        self.files.append((url, name, kind, size_bytes))
        return external_id

    def show_typing(self, identity: Identity) -> None:
        self.typing_shown_to.append(identity)
        self.on_typing()

    def fetch_profile(self, identity: Identity) -> Profile | None:
        self.profiles_asked.append(identity)
        return self.on_profile()

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.sent]


@dataclass
class PlayedBot:
    """Answers from a script; `on_ask` happens while it thinks."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    on_ask: Callable[[Question], None] = lambda question: None

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        self.on_ask(question)
        echo = Answer(response_id=f"r{len(self.asked)}", intent="echo", replies=(f"you said {question.text}",))
        return self.answers.get(question.text or question.event, echo)


@dataclass
class Stage:
    """One store, one worker, Susan on Messenger and Petar on Viber."""

    store: Store
    bot: PlayedBot = field(default_factory=PlayedBot)
    facebook: PlayedChannel = field(default_factory=PlayedChannel)
    viber: PlayedChannel = field(default_factory=lambda: PlayedChannel(can_echo=False))

    def runner(self, store: Store | None = None) -> TurnRunner:
        """Another worker, which knows nothing of the first."""
        channels = {SUSAN.channel: self.facebook, PETAR.channel: self.viber}
        at = store or self.store
        return TurnRunner(at, Accounts(at, channels), self.bot, payload)

    def turn(self, contact: str = SUSAN_ID) -> None:
        self.runner().run(contact)

    def fulfill(self, number: int, entry: int | None, commands: Commands, response_id: str = "r1") -> None:
        """Dialogflow calls, as the web process would take it."""
        call = Call(number=number, entry=entry, response_id=response_id, commands=commands)
        snapshot = self.store.snapshot(SUSAN_ID)
        actions = decide_call(snapshot, call).actions
        if actions:
            assert self.store.commit(snapshot, actions).is_done


def payload(snapshot: Snapshot, number: int, entry: Entry) -> dict[str, object]:
    return build_payload(snapshot.contact.identity_of(entry), snapshot.contact.id, number, entry.number, entry.text)


def done(*replies: str, mark_done: bool = True) -> Answer:
    """An answer that says goodbye."""
    return Answer(response_id="r1", intent="bye", replies=replies, commands=Commands(mark_done=mark_done))
