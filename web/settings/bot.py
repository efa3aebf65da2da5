"""The page about the Dialogflow agent: whether one is connected, and how it has answered last."""

from flask import render_template, request

from store import BotRecord
from web.context import context
from web.settings.pages import agent_facts, settings_pages

SHOWN = 100
_FAILURES = {
    "unreachable": "It could not be reached.",
    "timed_out": "It did not answer in time.",
    "rate_limited": "It takes no more questions at the moment: Google's quota is used up.",
    "not_allowed": "It refuses our credentials, or they lack the permission to ask.",
    "refused": "It calls the question invalid: look at project, language and environment.",
    "wrong_token": "A call came without the right token: compare it with DIALOGFLOW_FULFILLMENT_TOKEN.",
    "bad_payload": "A call came that cannot be read.",
}
_OUTCOMES = {
    "ok": "Carried out",
    "nothing_to_do": "Nothing to do",
    "not_ours": "Not about a conversation of ours",
}


@settings_pages.get("/dialogflow")
def show_dialogflow() -> str:
    """Show the agent and what it was asked last; ?show=failures leaves out what went well."""
    only_failures = request.args.get("show") == "failures"
    records = context().store.bot_log(500 if only_failures else SHOWN)
    rows = [row for row in map(_row, records) if row["is_bad"] or not only_failures][:SHOWN]
    return render_template(
        "settings/dialogflow.html",
        agent=agent_facts() if context().has_bot else None,
        has_fulfillment_token=agent_facts().has_fulfillment_token,
        fulfillment_url=f"{context().public_base}/dialogflow/fulfillment",
        rows=rows,
        only_failures=only_failures,
    )


def _row(record: BotRecord) -> dict[str, object]:
    is_webhook_bad = record.webhook_status not in ("", "ok")
    if record.failure:
        says = _FAILURES.get(record.failure, record.failure)
    elif record.kind == "fulfillment":
        says = _OUTCOMES.get(record.detail, record.detail)
    elif is_webhook_bad:
        says = f"Answered; its fulfillment call failed: {record.webhook_status}"
    else:
        says = "Did not understand" if record.is_fallback else "Answered"
    return {"record": record, "says": says, "is_bad": bool(record.failure) or is_webhook_bad}
