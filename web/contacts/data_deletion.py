"""The public page that says how somebody has their data deleted. Anybody may read it.

Source: https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback/, read
2026-11-22: "Apps that access user data must provide a way for users to request that their data be deleted. In
accordance with Meta's Platform Terms, all apps must inform users in their privacy policy how to request deletion of
their data. Additionally, apps can implement a data deletion request callback". Why it is this page and not the
callback is in docs/data-deletion.md.
"""

import re

from flask import Blueprint, render_template

from web.context import context

data_deletion = Blueprint("data_deletion", __name__)

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@data_deletion.get("/data-deletion")
def show() -> str:
    """Say what is kept, how to ask for its deletion, and what happens then."""
    settings = context().store.platform_settings()
    return render_template(
        "contacts/data_deletion.html",
        privacy_contact=settings.privacy_contact,
        is_email=bool(_EMAIL.fullmatch(settings.privacy_contact)),
        retention_days=settings.retention_days,
        kinds=list(dict.fromkeys(channel.partition(":")[0] for channel in context().channels)),
    )
