"""What makes pages live: server-sent events, what pages poll where those fail, and what users are told."""

from web.live.notifications import notifications
from web.live.streams import live, set_up_live

#: For the list in web/pages.py.
LIVE_PAGES = (live, notifications)

__all__ = ["LIVE_PAGES", "set_up_live"]
