"""What each error of the Send API means for the message that got it.

Decided by code and subcode, never by the words, which may be in any language.
Source: developers.facebook.com, Messenger Platform, Error codes, and Graph API, Handling errors, read 2026-11-22.
"""

from typing import Any

from calls.timed import Reply
from channels.base import Meaning
from channels.bodies import as_object
from domain.errors import ChannelError, Outcome

#: Limits of the page or app: the whole page rests for a minute.
RATE_LIMITED = Meaning(Outcome.RETRY, "rate_limited", 60, True)
#: What somebody has to mend (token, secret, page id): messages wait, none is lost.
BAD_TOKEN = Meaning(Outcome.RETRY, "bad_token", 300, True)
BAD_APP_SECRET = Meaning(Outcome.RETRY, "bad_app_secret", 300, True)
BAD_PAGE = Meaning(Outcome.RETRY, "bad_page", 300, True)
#: Sending on while Facebook has blocked the page makes it worse.
BLOCKED = Meaning(Outcome.RETRY, "account_blocked", 3600, True)
TEMPORARY = Meaning(Outcome.RETRY, "platform_error")
#: Without an error of Messenger's own it may be a gateway's, and the message may be out: its echo gets time to come.
GATEWAY_ERROR = Meaning(Outcome.RETRY, "platform_error", 5.0)
WINDOW_CLOSED = Meaning(Outcome.PERMANENT, "window_closed")
CONTACT_GONE = Meaning(Outcome.PERMANENT, "contact_gone")
NO_PERMISSION = Meaning(Outcome.PERMANENT, "no_permission")
NOT_OWNER = Meaning(Outcome.PERMANENT, "another_app_holds_the_conversation")
MARKETING_LIMIT = Meaning(Outcome.PERMANENT, "marketing_limit")
BAD_CONTENT = Meaning(Outcome.PERMANENT, "bad_content")
BAD_REQUEST = Meaning(Outcome.PERMANENT, "bad_request")

BY_CODE_AND_SUBCODE = {
    (1, 99): NO_PERMISSION,
    (2, 2018344): BAD_REQUEST,
    (4, 2018022): MARKETING_LIMIT,
    (4, 2018354): MARKETING_LIMIT,
    (9, 2018352): MARKETING_LIMIT,
    (10, 2018278): WINDOW_CLOSED,
    (10, 2534022): WINDOW_CLOSED,
    (10, 2018108): CONTACT_GONE,
    (100, 33): BAD_PAGE,
    (100, 2018001): CONTACT_GONE,
    (100, 2018032): BAD_CONTENT,
    (100, 2018047): BAD_CONTENT,
    (100, 2018109): BAD_CONTENT,
    (100, 2534014): BAD_CONTENT,
    (200, 2534041): NOT_OWNER,
}
#: Comes with code 551 and with code 200.
BY_SUBCODE = {1545041: CONTACT_GONE}
BY_CODE = {
    1: TEMPORARY,
    2: TEMPORARY,
    4: RATE_LIMITED,
    10: NO_PERMISSION,
    17: RATE_LIMITED,
    32: RATE_LIMITED,
    100: BAD_REQUEST,
    190: BAD_TOKEN,
    200: NO_PERMISSION,
    230: BLOCKED,
    368: BLOCKED,
    551: CONTACT_GONE,
    613: RATE_LIMITED,
    1200: TEMPORARY,
    2022: BLOCKED,
    10303: BAD_REQUEST,
    10900: BAD_REQUEST,
    10903: BAD_REQUEST,
    10904: BAD_REQUEST,
    80006: RATE_LIMITED,
}


def check(reply: Reply) -> None:
    """Raise the ChannelError that `reply` stands for; return when it is none."""
    error = as_object((reply.body or {}).get("error"))
    if error:
        raise ChannelError(*_meaning(error))
    if reply.status != 200:
        raise ChannelError(*(RATE_LIMITED if reply.status == 429 else GATEWAY_ERROR))


def _meaning(error: dict[str, Any]) -> Meaning:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    known = BY_CODE_AND_SUBCODE.get((code, subcode)) or BY_SUBCODE.get(subcode)
    if known:
        return known
    # The one look at the words: a parameter's name is not translated, and this error has no subcode.
    if code == 100 and "appsecret_proof" in str(error.get("message")):
        return BAD_APP_SECRET
    known = BY_CODE.get(code, TEMPORARY)
    return TEMPORARY if known.outcome is Outcome.PERMANENT and error.get("is_transient") is True else known


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
