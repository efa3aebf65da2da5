"""What the templates of all pages may use: navigation, times in the platform's time zone, names of things."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, g

from domain.errors import StoreError
from domain.users import Role, User
from web.context import context

layout = Blueprint("layout", __name__)

_CHANNELS = {"facebook": "Messenger", "viber": "Viber"}


@layout.app_template_global("main_navigation")
def main_navigation(viewer: User) -> list[tuple[str, str, str]]:
    """Return icon, address and label of where the navigation leads."""
    places = [("inbox", "/", "Inbox"), ("contacts", "/contacts", "Contacts")]
    for_managers = [
        ("dashboard", "/dashboard", "Dashboard"),
        ("reports", "/reports", "Reports"),
        ("automations", "/automations", "Automations"),
        ("settings", "/settings", "Settings"),
    ]
    return [*places, *for_managers] if viewer.role.includes(Role.MANAGER) else places


@layout.app_template_filter("iso")
def iso(ms: int) -> str:
    """Write epoch milliseconds as machines read them."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


@layout.app_template_filter("clock")
def clock(ms: int) -> str:
    """Write the time of day."""
    return f"{local(ms):%H:%M}"


@layout.app_template_filter("day")
def day(ms: int) -> str:
    """Write the day as people say it."""
    at, today = local(ms).date(), local(context().store.now_ms()).date()
    if today - at == timedelta(0):
        return "Today"
    if today - at == timedelta(days=1):
        return "Yesterday"
    return f"{at:%A}, {at.day} {at:%B}" + ("" if at.year == today.year else f" {at.year}")


@layout.app_template_filter("when")
def when(ms: int) -> str:
    """Write a moment as short as it can be understood today."""
    at, now = local(ms), local(context().store.now_ms())
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b} {at.year}"


@layout.app_template_filter("when_exactly")
def when_exactly(ms: int) -> str:
    """Write a moment in full."""
    at = local(ms)
    return f"{at:%A}, {at.day} {at:%B} {at:%Y, %H:%M:%S %Z}"


@layout.app_template_filter("ago")
def ago(ms: int) -> str:
    """Write how long ago a moment is, shortly: 40 s, 5 min, 3 h, 2 d."""
    return duration(max(context().store.now_ms() - ms, 0))


@layout.app_template_filter("duration")
def duration(ms: int) -> str:
    """Write a length of time in its largest unit, and the next one where that says something."""
    seconds = ms // 1000
    for unit_s, unit, below_s, below in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= unit_s:
            rest = seconds % unit_s // below_s
            return f"{seconds // unit_s} {unit}" + (f" {rest} {below}" if rest and seconds < 3 * unit_s else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


@layout.app_template_filter("initials")
def initials(name: str) -> str:
    """Return at most two letters that stand for a name."""
    words = [word for word in name.split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")) if words else "?"


@layout.app_template_filter("channel_name")
def channel_name(kind: str) -> str:
    """Return a kind of channel as people call it."""
    return _CHANNELS.get(kind, kind)


def local(ms: int) -> datetime:
    """Return a moment in the platform's time zone; in UTC where the store is away."""
    if "zone" not in g:
        try:
            g.zone = context().store.platform_settings().zone
        except StoreError:
            g.zone = UTC
    return datetime.fromtimestamp(ms / 1000, g.zone)
