"""The page of the connected channels: how they are, what is set of each, and bodies that we could not read."""

from collections import Counter
from datetime import datetime
from typing import Any

from flask import render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import Form

from domain.platform_settings import PlatformSettings
from web.context import context
from web.settings.forms import FacebookForm, ViberForm
from web.settings.pages import save_values, saved, settings_pages, written

_PATH = "/settings/channels"
#: So many of the latest are looked at and shown.
REJECTED_SHOWN = 50
#: Why a page or bot rests, and who ends that.
_REASONS = {
    "bad_token": "The platform does not accept our access token: renew it where the platform is hosted.",
    "bad_app_secret": "Facebook does not accept our app secret: correct FACEBOOK_APP_SECRET.",
    "bad_page": "Facebook does not know this page, or our token is not for it: correct FACEBOOK_PAGES.",
    "account_blocked": "The platform has blocked this account for now: look there.",
    "webhook_not_set": "Viber does not know where we listen: run flask --app app connect.",
    "rate_limited": "The platform wants us to send less for a moment.",
    "not_connected": "It was not in the settings when something was to be sent.",
}
_FORMS: dict[str, type[Form]] = {"facebook": FacebookForm, "viber": ViberForm}


@settings_pages.get("/channels")
def show_channels() -> str:
    """Show each channel with its health."""
    return _page()


@settings_pages.post("/channels/<kind>/<path:account>")
def save_channel(kind: str, account: str) -> Response | tuple[str, int]:
    """Save what was changed of one channel."""
    channel = f"{kind}:{account}"
    if channel not in context().channels:
        raise NotFound
    form = _FORMS[kind](request.form, prefix="")
    if not form.validate():
        return _page(channel, form), 400
    wanted = {f"{name}:{channel}": text for name, text in written(form).items()}
    return saved(_PATH) if save_values(form, wanted) else (_page(channel, form), 409)


def rest_reason(word: str) -> str:
    """Say why a page or bot rests, and who ends that; nothing for one that works."""
    return _REASONS.get(word, word.replace("_", " "))


def rest_since_ms(since: str | None) -> int:
    """Return since when a page or bot rests, 0 where that is not known."""
    return int(datetime.fromisoformat(since).timestamp() * 1000) if since else 0


def _page(changed: str = "", form: Form | None = None) -> str:
    store = context().store
    settings = store.platform_settings(is_fresh=True)
    rests, rejected = store.rests(list(context().channels)), store.rejected(REJECTED_SHOWN)
    counts = Counter(str(body["channel"]) for body in rejected)
    rows = []
    for channel, (reason, since) in rests.items():
        kind, _, account = channel.partition(":")
        row_form = form if form is not None and channel == changed else _FORMS[kind](data=_values(settings, channel))
        seen = {f"{field.name}:{channel}": settings.text_of(f"{field.name}:{channel}") for field in row_form}
        for field in row_form:  # several forms stand on one page
            field.id = f"{field.name}-{kind}-{account}"
            field.label.field_id = field.id
        count = counts[channel] + (counts[kind] if kind == "facebook" else 0)
        rows.append(
            {
                "channel": channel,
                "kind": kind,
                "account": account,
                "reason": rest_reason(reason),
                "since_ms": rest_since_ms(since),
                "rejected": count,
                "form": row_form,
                "seen": seen,
            }
        )
    bodies = [{name: body[name] for name in ("at", "channel", "reason", "bytes")} for body in rejected]
    return render_template("settings/channels.html", rows=rows, rejected=bodies, shown=REJECTED_SHOWN)


def _values(settings: PlatformSettings, channel: str) -> dict[str, Any]:
    return {
        "welcome_opens": settings.welcome_opens(channel),
        "welcome_text": settings.welcome_texts.get(channel, ""),
        "sender_name": settings.sender_names.get(channel, ""),
    }
