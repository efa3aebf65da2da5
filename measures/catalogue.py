"""Everything that is measured, complete: each series has its place from the start, so that nothing hostile adds one."""

import hashlib
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from domain.answers import BotFailure

Kind = Literal["counter", "histogram", "gauge"]

#: What stands for a word that is in no list; shown only where it was counted.
OTHER = "other"
CHANNELS = ("facebook", "viber")
PROCESSES = ("web", "worker")
#: Upper ends of the buckets. Facebook, Viber and Dialogflow give up on us after 5 s or a little more.
ANSWER_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: A turn asks and sends, each for 6 s at most, and insists on the store for up to half a minute.
TURN_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric: its name without `_total`, what it says, and every word that its labels may have."""

    kind: Kind
    name: str
    help: str
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(self.labels)

    @property
    def series(self) -> tuple[tuple[str, ...], ...]:
        """Each combination of the labels' words."""
        return tuple(product(*((*words, OTHER) for words in self.labels.values())))

    @property
    def cells(self) -> int:
        """How many numbers one series takes: of a histogram each bucket, the last without an end, and the sum."""
        return len(self.bounds) + 2 if self.kind == "histogram" else 1

    def known(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words, those that are in no list as OTHER."""
        known = self.labels.values()
        return tuple(word if word in of else OTHER for word, of in zip(words, known, strict=True))


WEBHOOKS = Metric(
    "counter",
    "markdone_webhooks",
    "Deliveries of the platforms, by what became of them.",
    {
        "channel": CHANNELS,
        "outcome": ("ok", "duplicate", "rejected", "refused", "not_found", "unavailable", "failed"),
    },
)
WEBHOOK_SECONDS = Metric(
    "histogram",
    "markdone_webhook_seconds",
    "How long a delivery took to answer, the wait for a welcome on Viber included.",
    {"channel": CHANNELS},
    ANSWER_SECONDS,
)
FULFILLMENT_CALLS = Metric(
    "counter",
    "markdone_fulfillment_calls",
    "Fulfillment calls of Dialogflow, by what became of them.",
    {"outcome": ("ok", "rejected", "refused", "unavailable", "failed")},
)
FULFILLMENT_SECONDS = Metric(
    "histogram", "markdone_fulfillment_seconds", "How long a fulfillment call took to answer.", {}, ANSWER_SECONDS
)
TURNS = Metric(
    "counter",
    "markdone_turns",
    "Turns of contacts that a worker took, by how they ended.",
    {"outcome": ("done", "unavailable", "failed")},
)
TURN_SECONDS_TAKEN = Metric(
    "histogram", "markdone_turn_seconds", "How long a turn took, asking and sending included.", {}, TURN_SECONDS
)
SENDS = Metric(
    "counter",
    "markdone_sends",
    "Attempts to send a message to a contact, by what became of them.",
    {"channel": CHANNELS, "outcome": ("sent", "failed", "unconfirmed", "retry", "waiting", "unsure")},
)
DIALOGFLOW_ANSWERS = Metric(
    "counter",
    "markdone_dialogflow_answers",
    "Questions to the agent, by what came back.",
    {"outcome": ("answered", "fallback", *(str(failure) for failure in BotFailure))},
)
DIALOGFLOW_SECONDS = Metric(
    "histogram", "markdone_dialogflow_seconds", "How long the agent took to answer, or not to.", {}, ANSWER_SECONDS
)
STARTS = Metric("counter", "markdone_process_starts", "Starts of processes.", {"kind": PROCESSES})
LIVE_STREAMS = Metric("gauge", "markdone_live_streams", "Pages that are kept up to date by a stream now.")

#: What a process measures, in the order in which it keeps it.
MEASURED = (
    *(WEBHOOKS, WEBHOOK_SECONDS, FULFILLMENT_CALLS, FULFILLMENT_SECONDS, TURNS, TURN_SECONDS_TAKEN, SENDS),
    *(DIALOGFLOW_ANSWERS, DIALOGFLOW_SECONDS, STARTS, LIVE_STREAMS),
)

PROCESSES_NOW = Metric("gauge", "markdone_processes", "Processes that live now.", {"kind": PROCESSES})
BUILD_INFO = Metric("gauge", "markdone_build_info", "Always 1; what runs stands in the labels.")
STORE_UP = Metric("gauge", "markdone_store_up", "1 when Redis answers, else 0.")
OLDEST_DUE = Metric(
    "gauge",
    "markdone_oldest_due_turn_age_seconds",
    "For how long the longest waiting contact's turn is due; 0 if none.",
)
OPEN = Metric("gauge", "markdone_open_conversations", "Open conversations.")
NEEDING_PERSON = Metric(
    "gauge", "markdone_open_conversations_needing_person", "Those of them that wait for a person, not for the bot."
)
#: What is looked up when somebody asks.
LOOKED_UP = (PROCESSES_NOW, BUILD_INFO, STORE_UP, OLDEST_DUE, OPEN, NEEDING_PERSON)


def _lay_out() -> tuple[dict[str, dict[tuple[str, ...], int]], int]:
    places: dict[str, dict[tuple[str, ...], int]] = {}
    end = 0
    for metric in MEASURED:
        places[metric.name] = {}
        for words in metric.series:
            places[metric.name][words] = end
            end += metric.cells
    return places, end


#: Where each series of a metric begins, and how many numbers there are.
PLACES, SIZE = _lay_out()
#: Names the layout: numbers that were kept under another one mean something else.
LAYOUT = hashlib.sha256(repr([(one.name, one.labels, one.bounds) for one in MEASURED]).encode()).hexdigest()[:8]
