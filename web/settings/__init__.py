"""Settings: what owners and managers change while the platform runs. One module per page."""

from web.settings import bot, canned, channels, closing, fields, general
from web.settings.pages import set_up_settings, settings_pages

__all__ = ["bot", "canned", "channels", "closing", "fields", "general", "set_up_settings", "settings_pages"]
