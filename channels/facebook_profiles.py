"""What Facebook tells of a contact: the name, where the contact and the app's permissions allow it."""

from urllib.parse import quote

from calls.timed import Reply
from channels import facebook_errors
from channels.bodies import as_object, as_text
from channels.facebook_calls import Graph
from domain.events import Profile

#: An account made with a phone number; no permission for profiles; and what the Graph API says of objects that the app
#: may not see, as if they were not there.
#: Source: developers.facebook.com, Messenger Platform, User Profile API (2018218) and Error codes (1/99);
#: github.com/bottenderjs/messaging-apis issue 441 (2018247); github.com/DiegoRBaquero/node-fb-messenger issue 32 (33);
#: all read 2026-11-22.
KEPT = ((100, 2018218), (100, 2018247), (100, 33), (1, 99))
#: The app lacks a capability or a permission.
#: Source: developers.facebook.com, Graph API, Handling errors, read 2026-11-22.
KEPT_CODES = (3, 10, *range(200, 300))


def fetch(graph: Graph, token: str, contact_ref: str) -> Profile | None:
    """Ask for the name of one of a page's contacts; None when Facebook keeps it. Raises ChannelError.

    token: the page's.
    Source: developers.facebook.com, Messenger Platform, User Profile API, read 2026-11-22.
    """
    reply = graph.get(f"/{quote(contact_ref, safe='')}", token, params={"fields": "first_name,last_name"})
    if _is_kept(reply):
        return None
    facebook_errors.check(reply)
    body = reply.body or {}
    name = " ".join(f"{as_text(body.get('first_name'))} {as_text(body.get('last_name'))}".split())
    return Profile(name=name) if name else None


def _is_kept(reply: Reply) -> bool:
    error = as_object((reply.body or {}).get("error"))
    code, subcode = error.get("code"), error.get("error_subcode")
    return code in KEPT_CODES or (code, subcode) in KEPT
