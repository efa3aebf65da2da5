"""What the bot was asked last and what became of it: for people who connect an agent. Never what anybody wrote."""

import logging
import time
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from domain.errors import StoreError
from store.base import StoreBase
from store.entries import encode_json

log = logging.getLogger(__name__)

BOT_LOG_KEPT = 500
REFUSED_KEPT_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BotRecord:
    """One ask of ours, or one fulfillment call of Dialogflow's.

    kind: answer or fulfillment. failure: a word for people, empty when it went well. detail: one line that says more;
    never a contact's text. webhook_status: of an answer, what Dialogflow says of the fulfillment call.
    """

    kind: str
    at: int = 0  # epoch ms; set when it is kept
    contact: str = ""
    conversation: int = 0
    intent: str = ""
    is_fallback: bool = False
    latency_ms: int = 0
    failure: str = ""
    detail: str = ""
    webhook_status: str = ""


class BotLog(StoreBase):
    """The last 500 of them."""

    _refused_at = -REFUSED_KEPT_EVERY_S

    def log_bot(self, record: BotRecord) -> None:
        """Keep a record, in one round trip. It never fails: what cannot be kept is dropped."""
        fields = {name: value for name, value in asdict(record).items() if value}
        line = encode_json({**fields, "at": self.now_ms()})

        def push(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.lpush(self.keys.bot_log, line)
            pipeline.ltrim(self.keys.bot_log, 0, BOT_LOG_KEPT - 1)
            return pipeline.execute()

        try:
            self.connection.command(push)
        except StoreError as error:
            log.warning("bot_log.dropped error=%s", error)

    def log_refused_call(self) -> None:
        """Keep that a fulfillment call had no right token; once a minute, for anybody can make them."""
        if time.monotonic() - self._refused_at >= REFUSED_KEPT_EVERY_S:
            self._refused_at = time.monotonic()
            self.log_bot(BotRecord(kind="fulfillment", failure="wrong_token"))

    def bot_log(self, limit: int = 100) -> list[BotRecord]:
        """Return the latest records, newest first. Raises StoreError."""
        lines = self.connection.command(lambda client: client.lrange(self.keys.bot_log, 0, limit - 1))
        return [msgspec.json.decode(line, type=BotRecord) for line in lines]
