"""What stands before all pages, put into the application once: cookies, CSRF tokens, headers, limits, error pages."""

from flask import Flask
from flask_wtf import CSRFProtect

from settings import Settings
from web.access import current_user
from web.access.cookies import set_up_cookies
from web.access.headers import set_up_headers
from web.access.throttling import KEY, make_limiter
from web.page_errors import set_up_page_errors


def set_up_access(app: Flask, settings: Settings) -> None:
    """Prepare an application for pages; the API is registered already."""
    set_up_cookies(app, settings)
    _set_up_csrf(app)
    set_up_headers(app)
    set_up_page_errors(app)
    app.extensions[KEY] = make_limiter(settings.redis_url)
    app.add_template_global(current_user, "current_user")


def _set_up_csrf(app: Flask) -> None:
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: an inbox is open all day
        # The cookie is SameSite=Strict and each form has a token; a proxy may take the Referer away.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf = CSRFProtect(app)
    csrf.exempt(app.blueprints["api"])  # its token is no cookie, which a browser would send along
