"""The worker process: takes contacts' turns, asks the bot, commits what it decides, sends.

Run as many as you like, on as many machines as you like, against one Redis. Started by `python worker.py`.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable

import measures
import settings as configuration
from dialogflow.client import Agent
from dialogflow.fulfillment import build_payload
from domain.errors import ConfigError, StoreError
from domain.events import Profile
from domain.models import Entry, Snapshot
from logs import set_up_logging
from measures.serving import serve
from store import TYPING_CHANNEL, WAKE_CHANNEL, listen
from turns.accounts import Accounts
from turns.auto_close import keep_closing
from turns.patience import insist
from turns.profiles import ProfileFetcher
from turns.retention import keep_deleting
from turns.roll_ups import keep_summing_up
from turns.schedule import Schedule
from turns.suggestions import keep_suggesting
from turns.turn import TurnRunner
from turns.typing import TypingShower
from wiring import make_channels, make_hooks, make_store

log = logging.getLogger("worker")

STORE_TIMEOUT_S = 5.0
START_PATIENCE_S = 60.0
#: One thread of so many may call automations' URLs: whoever answers slowly there holds up nobody else.
CALLING_PART = 4


def main() -> int:
    """Work until SIGTERM or SIGINT; turns that run are finished first. Returns the exit code."""
    try:
        settings = configuration.load()
        set_up_logging(settings.log_level)
        store = make_store(settings, threads=settings.worker_threads, timeout_s=STORE_TIMEOUT_S)
        insist(store.start, patience_s=START_PATIENCE_S)
    except ConfigError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        return 1
    except StoreError as error:
        print(f"REDIS_URL: {error}; is the server running?", file=sys.stderr)
        return 1
    _measure(settings)
    stopping = threading.Event()
    accounts = Accounts(store, make_channels(settings, store).by_account())
    profiles = ProfileFetcher(store, accounts)
    hooks = make_hooks(settings)
    calls_at_once = max(settings.worker_threads // CALLING_PART, 1)
    runner = TurnRunner(store, accounts, _agent(settings), _payload, stopping, profiles.hint, hooks, calls_at_once)
    schedule = Schedule(store, runner.run, threads=settings.worker_threads, stopping=stopping)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Only this: the handler interrupts the schedule's own loop, whose other locks it may hold.
        signal.signal(number, lambda *_: stopping.set())
    hear = {WAKE_CHANNEL: schedule.hint, TYPING_CHANNEL: TypingShower(store, accounts).hint}
    for channel, hint in hear.items():
        threading.Thread(target=_listen, args=(settings.redis_url, channel, hint), name="listen", daemon=True).start()
    threading.Thread(target=keep_closing, args=(store, stopping), name="auto_close", daemon=True).start()
    threading.Thread(target=keep_deleting, args=(store, stopping), name="retention", daemon=True).start()
    threading.Thread(target=keep_summing_up, args=(store, stopping), name="roll_up", daemon=True).start()
    threading.Thread(target=runner.misses.keep_writing, args=(stopping,), name="misses", daemon=True).start()
    threading.Thread(target=keep_suggesting, args=(store, stopping), name="suggestions", daemon=True).start()
    bot = "yes" if settings.dialogflow_project_id else "no"
    log.info("worker.ready threads=%d bot=%s", settings.worker_threads, bot)
    schedule.work()
    return 0


def _measure(settings: configuration.Settings) -> None:
    measures.start("worker", settings.metrics_dir or measures.default_folder(settings.data_dir))
    if settings.worker_metrics_port:
        words = (settings.worker_metrics_port, settings.api_tokens)
        threading.Thread(target=serve, args=words, name="metrics", daemon=True).start()


def _listen(url: str, channel: str, hint: Callable[[str | None], object]) -> None:
    for contact in listen(url, channel):
        hint(contact)


def _agent(settings: configuration.Settings) -> Agent | None:
    if not settings.dialogflow_project_id:
        return None
    return Agent(
        settings.dialogflow_project_id,
        settings.dialogflow_location,
        settings.dialogflow_environment,
        settings.dialogflow_language,
        settings.dialogflow_credentials,
        settings.dialogflow_endpoint,
    )


def _payload(snapshot: Snapshot, number: int, entry: Entry) -> dict[str, object]:
    contact = snapshot.contact
    profile = Profile(name=contact.name, language=contact.language, country=contact.country)
    return build_payload(contact.identity_of(entry), contact.id, number, entry.number, entry.text, profile)


if __name__ == "__main__":
    sys.exit(main())
