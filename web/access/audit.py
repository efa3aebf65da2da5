"""The owner's page of who did what."""

from typing import Any

from flask import Blueprint, render_template, request

from domain.users import Role
from web.access.guarding import guard
from web.context import context

audit = Blueprint("audit", __name__, url_prefix="/settings/audit")
guard(audit, Role.OWNER)

PAGE_LINES = 50
LOG_IN_FAILED = "user.log_in_failed"
_NOT_DETAILS = {"at", "what", "by", "user", "is_active"}  # the sentence says them
#: What each word means to people; others are shown as they are.
SENTENCES = {
    "user.logged_in": "logged in",
    "user.logged_out": "logged out",
    LOG_IN_FAILED: "failed to log in as",
    "user.invited": "invited",
    "user.link_made": "made a link for",
    "user.link_used": "came in by a link",
    "user.role_changed": "changed the role of",
    "user.deactivated": "deactivated",
    "user.activated": "activated",
    "user.password_changed": "changed their password",
    "user.sessions_ended": "ended the sessions of",
    "settings.changed": "changed settings",
    "automation.changed": "changed an automation",
    "contact.merged": "merged contacts",
    "contact.deleted": "deleted a contact",
    "contacts.expired": "deleted contacts that were too old to be kept",
}


@audit.get("")
def show() -> Any:
    """Show a page of lines, newest first; `page` counts from 1."""
    page = min(max(request.args.get("page", 1, type=int), 1), 1000)
    lines = context().store.audit(PAGE_LINES + 1, (page - 1) * PAGE_LINES)
    return render_template(
        "access/audit.html",
        lines=[_readable(line) for line in lines[:PAGE_LINES]],
        page=page,
        has_more=len(lines) > PAGE_LINES,
    )


def _readable(line: dict[str, Any]) -> dict[str, Any]:
    by, user = line.get("by"), line.get("user")
    who = _name(by) if by else "Somebody" if line["what"] == LOG_IN_FAILED else "The command line"
    whom = _name(user) if user and (not by or by.get("id") != user.get("id")) else ""
    details = [(name.replace("_", " "), _say(value)) for name, value in line.items() if name not in _NOT_DETAILS]
    return {
        "at": line["at"],
        "who": who,
        "words": SENTENCES.get(line["what"], line["what"]),
        "whom": whom,
        "details": details,
    }


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _name(card: dict[str, Any]) -> str:
    return str(card.get("name") or card.get("email") or card.get("id") or "?")
