"""What each status of the Viber API means for the message that got it.

Viber answers HTTP 200 to everything; the status stands in the body.
Source: creators.viber.com, Bots API, Error codes, read 2026-11-22.
"""

from calls.timed import Reply
from channels.base import Meaning
from domain.errors import ChannelError, Outcome

OK = 0
TOO_MANY_REQUESTS = 12
UNEXPECTED = Meaning(Outcome.RETRY, "platform_error")
BAD_REQUEST = Meaning(Outcome.PERMANENT, "bad_request")
NOT_SUPPORTED = Meaning(Outcome.PERMANENT, "not_supported_by_the_contacts_viber")
NOT_ALLOWED = Meaning(Outcome.PERMANENT, "not_allowed")
# What somebody has to mend: messages wait, none is lost.
ACCOUNT_BLOCKED = Meaning(Outcome.RETRY, "account_blocked", 3600, True)
# Answers within 24 hours of the contact's message are free, so this waits for the contact, not for the month.
NO_BALANCE = Meaning(Outcome.WAIT, "no_balance", 3600)

BY_STATUS = {
    2: Meaning(Outcome.RETRY, "bad_token", 300, True),
    3: BAD_REQUEST,
    4: BAD_REQUEST,
    5: Meaning(Outcome.PERMANENT, "contact_gone"),
    6: Meaning(Outcome.PERMANENT, "not_subscribed"),
    7: ACCOUNT_BLOCKED,
    8: ACCOUNT_BLOCKED,
    9: ACCOUNT_BLOCKED,
    10: Meaning(Outcome.RETRY, "webhook_not_set", 300, True),
    11: NOT_SUPPORTED,
    TOO_MANY_REQUESTS: Meaning(Outcome.WAIT, "rate_limited"),
    13: NOT_SUPPORTED,
    14: NOT_SUPPORTED,
    15: ACCOUNT_BLOCKED,
    16: NOT_ALLOWED,
    17: NOT_ALLOWED,
    18: NOT_ALLOWED,
    19: NOT_ALLOWED,
    20: NOT_ALLOWED,
    21: NOT_ALLOWED,
    22: NOT_ALLOWED,
    23: NO_BALANCE,
    24: NO_BALANCE,
}


def check(reply: Reply, now_s: float) -> None:
    """Raise the ChannelError that `reply` stands for; return when it is none. now_s: epoch seconds."""
    if reply.status != 200:
        raise ChannelError(*UNEXPECTED)
    status = (reply.body or {}).get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        raise ChannelError(Outcome.AMBIGUOUS, "unexpected_answer")
    if status == TOO_MANY_REQUESTS:
        # 100 messages a contact and clock hour without an answer; the contact's next message ends the wait sooner.
        # Source: creators.viber.com, Bots API, FAQ, read 2026-11-22.
        raise ChannelError(*BY_STATUS[status]._replace(retry_after_s=3600 - now_s % 3600))
    if status != OK:
        raise ChannelError(*BY_STATUS.get(status, UNEXPECTED))
