"""How each address of the platform is called: with which form, and who may. Tests that walk all of them read it here.

`{name}` in a path or a form stands for what tests/web/world.py has of that name.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flask import Flask

from domain.business_hours import DAYS
from domain.platform_settings import PlatformSettings
from domain.users import Role
from web.machines import KEY as MACHINES
from web.settings.forms import GeneralForm


class Door(Enum):
    """What stands before an address instead of a role."""

    OPEN = "anybody may"
    SIGNATURE = "the platforms sign what they send"
    FULFILLMENT_TOKEN = "the agent shows its token"
    API_TOKEN = "programs show theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint. needs: the least role, or another door. is_page: it answers with a whole page."""

    path: str
    needs: Role | Door
    method: str = "GET"
    form: dict[str, Any] = field(default_factory=dict)
    is_page: bool = False


def page(path: str, needs: Role | Door = Role.AGENT) -> Route:
    """A whole page."""
    return Route(path=path, needs=needs, is_page=True)


def part(path: str, needs: Role | Door = Role.AGENT) -> Route:
    """Something that a page's scripts fetch."""
    return Route(path=path, needs=needs)


def form(path: str, needs: Role | Door = Role.AGENT, **values: Any) -> Route:
    """A form that is sent."""
    return Route(path=path, needs=needs, method="POST", form={name.replace("__", "."): values[name] for name in values})


def call(method: str, path: str, **body: Any) -> Route:
    """A program's call."""
    return Route(path=f"/api/v1{path}", needs=Door.API_TOKEN, method=method, form=body)


def _seen(*names: str) -> dict[str, str]:
    """What a form of settings carries along: what each was when the page was shown."""
    return {f"seen.{name}": PlatformSettings().text_of(name) for name in names}


_REPLY = {"seen": "{seen_of_reply}", "name": "Greeting", "text": "Good day"}
_CATEGORY = {"seen": "{seen_of_category}", "name": "Orders", "description": "", "is_active": "y"}
_FIELD = {"seen": "{seen_of_field}", "name": "Shoe size", "kind": "text"}
_GENERAL = _seen(*(field.name for field in GeneralForm()))
_HOURS = dict.fromkeys(DAYS, "09:00-18:00")
_CHANNEL = _seen(*(f"{name}:viber:shop" for name in ("welcome_opens", "welcome_text", "sender_name")))
_NOTES = _seen("closing_note_mode")
_AUTOMATION = {"name": "Again", "trigger__kind": "by_hand", "trigger__shown": "by_hand", "steps__0__kind": "stop"}
_DEFINITION = '{"name": "Text", "trigger": {"kind": "by_hand"}, "steps": [{"kind": "stop"}]}'
_OF_SUSAN = "/conversations/{susan}"

ROUTES = {
    # Doors
    "access.login": page("/login", Door.OPEN),
    "access.log_in": form("/login", Door.OPEN, email="alice@example.com", password="wrong horse battery"),
    "access.log_out": form("/logout", Door.OPEN),
    "access.link": page("/link?token={link}", Door.OPEN),
    "access.use_link": form("/link?token={link}", Door.OPEN, name="New", password="", repeated=""),
    "assets.static": part("/static/app.css", Door.OPEN),
    "data_deletion.show": page("/data-deletion", Door.OPEN),
    "files.fetch": part("{file}", Door.OPEN),
    "health.live": part("/healthz", Door.OPEN),
    "health.ready": part("/readyz", Door.OPEN),
    "metrics.show": part("/metrics", Door.API_TOKEN),
    "webhooks.verify_facebook": part("/webhooks/facebook?hub.mode=subscribe&hub.challenge=1", Door.SIGNATURE),
    "webhooks.receive_facebook": form("/webhooks/facebook", Door.SIGNATURE),
    "webhooks.receive_viber": form("/webhooks/viber/shop", Door.SIGNATURE),
    "fulfillment.fulfill": form("/dialogflow/fulfillment", Door.FULFILLMENT_TOKEN),
    # The inbox
    "inbox.show_inbox": page("/?view=all"),
    "inbox.show_rows": part("/inbox/list?view=all"),
    "inbox.do_to_several": form("/inbox/bulk", picked="{susan}-1.2", do="tag", tag="picked"),
    "inbox.show_conversation": page(_OF_SUSAN),
    "inbox.list_assignees": part(f"{_OF_SUSAN}/assignees"),
    "inbox.list_suggestions": part(f"{_OF_SUSAN}/suggestions"),
    "inbox.show_lines": part(f"{_OF_SUSAN}/lines?from=0"),
    "inbox.show_news": part(f"{_OF_SUSAN}/news?from=0"),
    "inbox.search_timeline": part(f"{_OF_SUSAN}/search?q=secret"),
    "inbox.assign_one": form(f"{_OF_SUSAN}/assignee", number="1", assignee=""),
    "inbox.switch_bot": form(f"{_OF_SUSAN}/bot", on="0"),
    "inbox.tag_one": form(f"{_OF_SUSAN}/tags", add="late"),
    "inbox.change_profile": form(f"{_OF_SUSAN}/profile", name="Sue", was__name="Susan Secret"),
    "inbox.say_typing": form(f"{_OF_SUSAN}/typing"),
    "inbox.retry_one": form(f"{_OF_SUSAN}/retry", entry="{failed}"),
    "inbox.write_message": form(f"{_OF_SUSAN}/messages", text="A reply", number="1", operation="once"),
    "inbox.open_one": form("/conversations/{closed}/open"),
    "inbox.close_one": form(f"{_OF_SUSAN}/close", number="1"),
    "inbox.run_by_hand": form(f"{_OF_SUSAN}/run", automation="{automation}"),
    "inbox.block_one": form(f"{_OF_SUSAN}/block", blocked="1"),
    # Contacts
    "contacts.show_list": page("/contacts"),
    "contacts.list_suggestions": page("/contacts/suggestions"),
    "contacts.show": page("/contacts/{susan}"),
    "contacts.change": form("/contacts/{susan}/profile", name="Sue", was__name="Susan Secret"),
    "contacts.change_tags": form("/contacts/{susan}/tags", add="late"),
    "contacts.choose": page("/contacts/{susan}/merge", Role.MANAGER),
    "contacts.show_preview": page("/contacts/{susan}/merge/{petar}", Role.MANAGER),
    "contacts.delete": form("/contacts/{closed}/delete", Role.MANAGER, confirmed="yes"),
    "contacts.merge": form("/contacts/{susan}/merge/{petar}", Role.MANAGER, operation="once"),
    "contacts.show_state": page("/contacts/merges/{merge}", Role.MANAGER),
    "contacts.ask_delete": page("/contacts/{susan}/delete", Role.MANAGER),
    # The Dashboard
    "dashboard.show": page("/dashboard", Role.MANAGER),
    "dashboard.show_widgets": part("/dashboard/widgets", Role.MANAGER),
    "dashboard.dismiss": form("/dashboard/suggestions/dismiss", Role.MANAGER, pair="{susan}-{petar}"),
    # Automations
    "automations.show_list": page("/automations", Role.MANAGER),
    "automations.show_new": page("/automations/new?example=after-hours", Role.MANAGER),
    "automations.save_new": form("/automations/new", Role.MANAGER, new_id="0123abcd", **_AUTOMATION),
    "automations.show_import": page("/automations/import", Role.MANAGER),
    "automations.import_one": form("/automations/import", Role.MANAGER, new_id="0123abce", definition=_DEFINITION),
    "automations.show_one": page("/automations/{automation}?contact={susan}", Role.MANAGER),
    "automations.edit": page("/automations/{automation}/edit", Role.MANAGER),
    "automations.save": form(
        "/automations/{automation}/edit", Role.MANAGER, seen="{seen_of_automation}", **_AUTOMATION
    ),
    "automations.show_json": page("/automations/{automation}/json", Role.MANAGER),
    "automations.save_json": form(
        "/automations/{second_automation}/json",
        Role.MANAGER,
        seen="{seen_of_second_automation}",
        definition=_DEFINITION,
    ),
    "automations.export": part("/automations/{automation}/export", Role.MANAGER),
    "automations.switch": form("/automations/{automation}/active", Role.MANAGER, active="0"),
    "automations.move": form("/automations/{automation}/move", Role.MANAGER, to="down"),
    "automations.clone": form("/automations/{automation}/clone", Role.MANAGER, new_id="0123abcf"),
    "automations.ask_delete": page("/automations/{automation}/delete", Role.MANAGER),
    "automations.delete": form(
        "/automations/{third_automation}/delete", Role.MANAGER, seen="{seen_of_third_automation}"
    ),
    # Live
    "live.stream": part("/live?contact={susan}"),
    "live.state": part("/live/state?contact={susan}"),
    "notifications.index": page("/notifications"),
    "notifications.news": part("/notifications/news"),
    "notifications.bell": part("/notifications/bell"),
    "notifications.read": form("/notifications/read", contact="{susan}", entry="1"),
    "notifications.read_all": form("/notifications/read-all", until_ms="9999999999999"),
    # Reports
    "reports.index": part("/reports", Role.MANAGER),
    "reports.show": page("/reports/conversations", Role.MANAGER),
    # Lists and files of reports
    "report_lists.show": page("/reports/list", Role.MANAGER),
    "report_files.fetch_list": part("/reports/list.csv", Role.MANAGER),
    "report_files.fetch_report": part("/reports/users.csv", Role.MANAGER),
    # My account
    "account.show": page("/account"),
    "account.rename": form("/account/name", name="Another"),
    "account.change_password": form("/account/password", current="x", password="long enough now", repeated="other"),
    "account.set_available": form("/account/available", available="no"),
    "account.end_session": form("/account/sessions/end"),
    # Settings
    "settings.index": part("/settings", Role.MANAGER),
    "settings.show_general": page("/settings/general", Role.MANAGER),
    "settings.save_hours": form(
        "/settings/general/business-hours", Role.MANAGER, **_seen("business_hours"), **_HOURS, closed_days="2026-12-25"
    ),
    "settings.save_general": form(
        "/settings/general", Role.MANAGER, **_GENERAL, time_zone="UTC", auto_close_after_h="5", retention_days="0"
    ),
    "settings.show_channels": page("/settings/channels", Role.MANAGER),
    "settings.save_channel": form("/settings/channels/viber/shop", Role.MANAGER, **_CHANNEL, welcome_text="Hi"),
    "settings.show_dialogflow": page("/settings/dialogflow", Role.MANAGER),
    "settings.show_closing_notes": page("/settings/closing-notes", Role.MANAGER),
    "settings.save_note_mode": form("/settings/closing-notes", Role.MANAGER, **_NOTES, closing_note_mode="both"),
    "settings.closing_categories_new": page("/settings/closing-notes/new", Role.MANAGER),
    "settings.closing_categories_add": form("/settings/closing-notes/new", Role.MANAGER, id="c9", name="More"),
    "settings.closing_categories_edit": page("/settings/closing-notes/{category}", Role.MANAGER),
    "settings.closing_categories_save": form("/settings/closing-notes/{category}", Role.MANAGER, **_CATEGORY),
    "settings.closing_categories_move": form("/settings/closing-notes/{category}/move", Role.MANAGER, to="down"),
    "settings.closing_categories_delete": form(
        "/settings/closing-notes/{second_category}/delete", Role.MANAGER, seen="{seen_of_second_category}"
    ),
    "settings.show_canned_replies": page("/settings/canned-replies", Role.MANAGER),
    "settings.preview_canned_reply": form("/settings/canned-replies/preview", Role.MANAGER, text="Hello"),
    "settings.canned_replies_new": page("/settings/canned-replies/new", Role.MANAGER),
    "settings.canned_replies_add": form("/settings/canned-replies/new", Role.MANAGER, id="r9", name="More", text="x"),
    "settings.canned_replies_edit": page("/settings/canned-replies/{reply}", Role.MANAGER),
    "settings.canned_replies_save": form("/settings/canned-replies/{reply}", Role.MANAGER, **_REPLY),
    "settings.canned_replies_move": form("/settings/canned-replies/{reply}/move", Role.MANAGER, to="down"),
    "settings.canned_replies_delete": form(
        "/settings/canned-replies/{second_reply}/delete", Role.MANAGER, seen="{seen_of_second_reply}"
    ),
    "settings.show_custom_fields": page("/settings/custom-fields", Role.MANAGER),
    "settings.custom_fields_new": page("/settings/custom-fields/new", Role.MANAGER),
    "settings.custom_fields_add": form("/settings/custom-fields/new", Role.MANAGER, id="r9", name="More", kind="text"),
    "settings.custom_fields_edit": page("/settings/custom-fields/{field}", Role.MANAGER),
    "settings.custom_fields_save": form("/settings/custom-fields/{field}", Role.MANAGER, **_FIELD),
    "settings.custom_fields_move": form("/settings/custom-fields/{field}/move", Role.MANAGER, to="down"),
    "settings.custom_fields_delete": form(
        "/settings/custom-fields/{second_field}/delete", Role.MANAGER, seen="{seen_of_second_field}"
    ),
    "users.list_users": page("/settings/users", Role.OWNER),
    "users.invite": form("/settings/users", Role.OWNER, email="new@example.com", role="agent"),
    "users.show": page("/settings/users/{alice}", Role.OWNER),
    "users.change_role": form("/settings/users/{alice}/role", Role.OWNER, role="manager"),
    "users.make_link": form("/settings/users/{alice}/link", Role.OWNER),
    "users.end_sessions": form("/settings/users/{alice}/sessions/end", Role.OWNER),
    "users.deactivate": form("/settings/users/{alice}/deactivate", Role.OWNER),
    "users.activate": form("/settings/users/{gone}/activate", Role.OWNER),
    "audit.show": page("/settings/audit", Role.OWNER),
    # The API
    "api.describe": part("/api/v1/openapi.json", Door.OPEN),
    "api.show_documents": page("/api/docs", Door.OPEN),
    "api.list_contacts": call("GET", "/contacts"),
    "api.show_contact": call("GET", "/contacts/{susan_by_channel}"),
    "api.change_contact": call("PATCH", "/contacts/{susan_by_channel}", name="Sue"),
    "api.list_conversations_of_contact": call("GET", "/contacts/{susan_by_channel}/conversations"),
    "api.show_timeline": call("GET", "/contacts/{susan_by_channel}/timeline"),
    "api.set_assignee": call("POST", "/contacts/{susan_by_channel}/conversation/assignee", assignee=None),
    "api.send_message": call("POST", "/contacts/{susan_by_channel}/messages", text="A reply"),
    "api.leave_comment": call("POST", "/contacts/{susan_by_channel}/comments", text="A comment"),
    "api.list_tags_of_contact": call("GET", "/contacts/{susan_by_channel}/tags"),
    "api.add_tags": call("POST", "/contacts/{susan_by_channel}/tags", tags=["late"]),
    "api.remove_tags": call("DELETE", "/contacts/{susan_by_channel}/tags", tags=["secret-tag"]),
    "api.switch_bot": call("POST", "/contacts/{susan_by_channel}/bot", status="off"),
    "api.merge_contact": call("POST", "/contacts/{susan_by_channel}/merge", secondary="{petar_by_channel}"),
    "api.set_status": call("POST", "/contacts/{susan_by_channel}/conversation/status", status="close"),
    "api.block_contact": call("POST", "/contacts/{susan_by_channel}/block", blocked=True),
    "api.list_conversations": call("GET", "/conversations"),
    "api.show_conversation": call("GET", "/conversations/{susan}-1"),
    "api.list_users": call("GET", "/users"),
    "api.list_tags": call("GET", "/tags"),
    "api.list_reports": call("GET", "/reports"),
    "api.show_report": call("GET", "/reports/users"),
}

#: Whole pages, by endpoint.
PAGES = {endpoint: route for endpoint, route in ROUTES.items() if route.is_page}


def served(app: Flask) -> dict[str, set[str]]:
    """Return what the application serves: each endpoint with its methods."""
    found: dict[str, set[str]] = {}
    for rule in (rule for one in (app, app.extensions[MACHINES]) for rule in one.url_map.iter_rules()):
        found.setdefault(rule.endpoint, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found


def filled(value: Any, world: dict[str, str]) -> Any:
    """Return a path or a form with what the world has in its places."""
    if isinstance(value, dict):
        return {name: filled(one, world) for name, one in value.items()}
    return re.sub(r"\{(\w+)\}", lambda found: world[found[1]], value) if isinstance(value, str) else value
