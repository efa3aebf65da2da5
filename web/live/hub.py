"""The live pages of one web process, and the one thread that hears for all of them."""

import math
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator

from measures import set_streams
from store import Heard
from web.live.sockets import closed_ones

#: What a page is told: something changed somewhere; the contact that it shows changed, or a colleague writes to them;
#: its user has a new notice.
LIST, CONTACT, NOTIFIED = WORDS = ("list", "contact", "notified")
#: How often a page is told something at most.
PAUSE_S = 0.25
MOST_PER_USER = 6
#: Of so many contacts it is remembered when they changed last; older changes count as changes of everything.
REMEMBERED = 5000


class Stream:
    """What one page has not been told yet: at most each word once, however slow the page is."""

    def __init__(self, user: str, contacts: Collection[str], sock: socket.socket | None) -> None:
        self.user, self.contacts, self.sock = user, frozenset(contacts), sock
        self.is_over = False
        self._words: set[str] = set()
        self._changed = threading.Condition()

    def wait(self, seconds: float) -> tuple[str, ...]:
        """Return what the page is to be told, as soon as there is something; nothing after `seconds`, or at the end."""
        with self._changed:
            if not self._words and not self.is_over:
                self._changed.wait(seconds)
            words, self._words = self._words, set()
        return tuple(word for word in WORDS if word in words)

    def tell(self, words: Collection[str]) -> None:
        with self._changed:
            self._words.update(words)
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self.is_over = True
            self._changed.notify()


class Hub:
    """The streams of this process; at most `places`, and MOST_PER_USER of one user.

    hear: yields what was heard, several times a second. now_ms: the same clock in all processes.
    The thread starts with the first page, and so in the process that serves it.
    """

    def __init__(self, hear: Callable[[], Iterator[Heard]], now_ms: Callable[[], int], places: int) -> None:
        self._hear, self._now_ms, self._places = hear, now_ms, places
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._thread: threading.Thread | None = None
        self._is_serving: Callable[[], bool] = lambda: True
        self._known_since_ms: float = math.inf
        self._changed_at_ms: dict[str, int] = {}  # by word, `contact:<id>` and `user:<id>`, oldest first

    def serve_while(self, is_serving: Callable[[], bool]) -> None:
        """End every stream as soon as `is_serving` says no, which it is asked several times a second."""
        self._is_serving = is_serving

    def join(self, user: str, contacts: Collection[str], sock: socket.socket | None) -> Stream | None:
        """Return a new stream, or None where there is no place; it must `leave`.

        contacts: the one that the page shows with what was merged into it, or none. sock: where the page listens; when
        it is closed by the other side the stream ends.
        """
        with self._lock:
            of_user = sum(stream.user == user for stream in self._streams)
            if len(self._streams) >= self._places or of_user >= MOST_PER_USER or not self._is_serving():
                return None
            stream = Stream(user, contacts, sock)
            self._streams.add(stream)
            set_streams(len(self._streams))
            self._listen()
        return stream

    def leave(self, stream: Stream) -> None:
        """Give the place back; once is enough, more does no harm."""
        with self._lock:
            self._streams.discard(stream)
            set_streams(len(self._streams))
        stream.end()

    def changes_since(self, at_ms: int, user: str, contacts: Collection[str]) -> tuple[str, ...]:
        """Return what a page would have been told since then; everything when that is not known."""
        names = {LIST: [LIST], CONTACT: [f"contact:{one}" for one in contacts], NOTIFIED: [f"user:{user}"]}
        with self._lock:
            self._listen()
            if at_ms < self._known_since_ms:
                return WORDS
            changed = self._changed_at_ms
            return tuple(word for word, of in names.items() if any(changed.get(name, -1) >= at_ms for name in of))

    def _listen(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._known_since_ms = math.inf
            self._thread = threading.Thread(target=self._run, name="live", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        for heard in self._hear():
            if not self._is_serving():
                break
            for stream in closed_ones(self._copy()):
                self.leave(stream)
            if not heard.is_nothing:
                self._remember(heard)
                self._tell(heard)
                time.sleep(PAUSE_S)
        for stream in self._copy():
            self.leave(stream)

    def _copy(self) -> list[Stream]:
        with self._lock:
            return list(self._streams)

    def _remember(self, heard: Heard) -> None:
        now_ms = self._now_ms()
        names = [LIST] if heard.contacts or heard.has_gap else []
        names += [f"contact:{contact}" for contact in heard.contacts | heard.typed_to]
        names += [f"user:{user}" for user in heard.users]
        with self._lock:
            if heard.has_gap:
                self._known_since_ms = now_ms
            for name in names:
                self._changed_at_ms.pop(name, None)  # to the end of the order
                self._changed_at_ms[name] = now_ms
            while len(self._changed_at_ms) > REMEMBERED:
                oldest = next(iter(self._changed_at_ms))
                self._known_since_ms = max(self._known_since_ms, self._changed_at_ms.pop(oldest) + 1)

    def _tell(self, heard: Heard) -> None:
        for stream in self._copy():
            if heard.has_gap:
                stream.tell(WORDS)
                continue
            words = [LIST] if heard.contacts else []
            words += [CONTACT] if stream.contacts & (heard.contacts | heard.typed_to) else []
            words += [NOTIFIED] if stream.user in heard.users else []
            if words:
                stream.tell(words)
