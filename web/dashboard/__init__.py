"""The Dashboard: how the team does at this moment."""

from web.dashboard.pages import dashboard

DASHBOARD_PAGES = (dashboard,)

__all__ = ["DASHBOARD_PAGES"]
