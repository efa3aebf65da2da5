"""The pages for users: every blueprint of them, and what stands before all of them."""

from flask import Flask

from settings import Settings
from web.access.account import account
from web.access.audit import audit
from web.access.doors import access
from web.access.setup import set_up_access
from web.access.users import users
from web.assets import assets
from web.automations import automations_pages, set_up_automations
from web.contacts import CONTACT_PAGES
from web.dashboard import DASHBOARD_PAGES
from web.inbox import inbox
from web.layout import layout
from web.live import LIVE_PAGES, set_up_live
from web.reports import REPORT_PAGES
from web.settings import set_up_settings, settings_pages

#: One line for each blueprint; each is guarded (see web/access), or public and named so in its test.
PAGES = (
    assets,
    layout,
    inbox,
    access,
    account,
    users,
    audit,
    *LIVE_PAGES,
    settings_pages,
    *CONTACT_PAGES,
    *REPORT_PAGES,
    *DASHBOARD_PAGES,
    automations_pages,
)


def register_pages(app: Flask, settings: Settings) -> None:
    """Add the pages, and what they need, to an application that has its context already."""
    set_up_access(app, settings)
    set_up_live(app, settings)
    set_up_settings(app, settings)
    set_up_automations(app, settings)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
