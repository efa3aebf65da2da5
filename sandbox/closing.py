"""Closes a contact's conversation by the platform's API: the way back from a person to the bot, and out of the way."""

from urllib.parse import quote

import requests

from domain.errors import BadPayload
from sandbox.setup import Setup

TIMEOUT_S = 5.0


def close_conversation(setup: Setup, reference: str) -> str:
    """Close whichever conversation of the contact is open; return in a few words what that came to.

    Raises: BadPayload, saying why, when the platform does not do it.
    """
    url = f"{setup.platform_url}/api/v1/contacts/{quote(reference, safe='')}/conversation/status"
    headers = {"Authorization": f"Bearer {setup.api_token}"}
    try:
        reply = requests.post(url, json={"status": "close"}, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        answer = reply.json() if reply.status_code == 200 else {}
    except (requests.RequestException, ValueError) as error:
        raise BadPayload(f"the platform on port {setup.platform_port} does not answer; is it running?") from error
    if reply.status_code not in (200, 404):  # 404: nobody wrote yet
        raise BadPayload(f"the platform refused to close it, with status {reply.status_code}: its log says why")
    return "conversation closed" if answer.get("changed") else "no conversation is open"
