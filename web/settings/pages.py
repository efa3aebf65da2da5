"""The blueprint of Settings, and what its pages share: navigation, and saving what a form says."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import Form

from domain.platform_settings import write_setting
from domain.users import Role, User
from handlers.platform_settings import ChangedMeanwhile, change_values
from settings import Settings
from web.access import guard, record_audit
from web.context import context

settings_pages = Blueprint("settings", __name__, url_prefix="/settings")
guard(settings_pages, Role.MANAGER)

_KEY = "markdone.agent"
_SEEN = "seen."
_TABS = (
    ("/settings/general", "General", Role.MANAGER),
    ("/settings/channels", "Channels", Role.MANAGER),
    ("/settings/users", "Users", Role.OWNER),
    ("/settings/closing-notes", "Closing notes", Role.MANAGER),
    ("/settings/canned-replies", "Canned replies", Role.MANAGER),
    ("/settings/custom-fields", "Custom fields", Role.MANAGER),
    ("/settings/dialogflow", "Dialogflow", Role.MANAGER),
    ("/settings/audit", "Audit", Role.OWNER),
)


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """What people may know of the agent that is connected."""

    project: str
    location: str
    environment: str
    language: str
    endpoint: str  # where it is spoken to, without anything secret
    has_fulfillment_token: bool


def set_up_settings(app: Flask, settings: Settings) -> None:
    """Keep what the page about the agent shows."""
    app.extensions[_KEY] = AgentFacts(
        project=settings.dialogflow_project_id,
        location=settings.dialogflow_location or "global",
        environment=settings.dialogflow_environment or "draft",
        language=settings.dialogflow_language,
        endpoint=_endpoint(settings.dialogflow_endpoint),
        has_fulfillment_token=bool(settings.dialogflow_fulfillment_tokens),
    )


def agent_facts() -> AgentFacts:
    """Return what is known of the agent."""
    facts: AgentFacts = current_app.extensions[_KEY]
    return facts


@settings_pages.app_template_global("settings_navigation")
def settings_navigation(viewer: User) -> list[tuple[str, str, bool]]:
    """Return address and label of the pages that this user may open, and whether it is the one that is shown."""
    path = request.path
    return [
        (address, label, path == address or path.startswith(f"{address}/"))
        for address, label, role in _TABS
        if viewer.role.includes(role)
    ]


@settings_pages.get("")
def index() -> Response:
    """Lead to the first page."""
    return redirect("/settings/general")


def saved(path: str, words: str = "Saved. It holds within 2 seconds.") -> Response:
    """Lead back to a page that says that it went well."""
    flash(words, "good")
    return redirect(path, 303)


def written(form: Form) -> dict[str, str]:
    """Return what a form says, as settings are written; check boxes are yes or no."""
    texts = {}
    for field in form:
        value = field.data
        texts[field.name] = "" if value is None else write_setting(value).strip()
    return texts


def save_values(form: Form, wanted: Mapping[str, str]) -> bool:
    """Save settings by their stored names; what the user was shown came along in hidden fields.

    Returns False when somebody else was faster: then the form says what it is now. Raises: BadPayload, StoreError.
    """
    # Browsers send every new line as two characters.
    seen = {name: request.form.get(f"{_SEEN}{name}", "").replace("\r\n", "\n") for name in wanted}
    try:
        changed = context().store.change_settings(lambda now: change_values(now, wanted, seen))
    except ChangedMeanwhile as error:
        for name, value in error.values.items():
            words = f"Somebody else set this to “{value or 'nothing'}” meanwhile. Save again to replace it."
            field = name.partition(":")[0]
            if field in form:
                form[field].errors = [words]
            else:  # one setting of several fields
                form.form_errors = [words]
        return False
    if changed:
        record_audit("settings.changed", settings=sorted(changed))
    return True


def _endpoint(text: str) -> str:
    if not text:
        return "Google's"
    parts = urlsplit(text if "://" in text else f"//{text}")
    place = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    return f"{place} (a stand-in, without encryption)" if parts.scheme == "http" else place
