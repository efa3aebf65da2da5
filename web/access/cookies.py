"""The cookie that holds a session: signed, out of reach for scripts, never sent along from other sites."""

from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Request, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from settings import Settings
from store import SESSION_LONGEST_S
from web.context import context

NAME = "markdone"
#: The browser forgets it after that, counted from when it was last signed; when a session ends the store says.
LIFETIME = timedelta(seconds=SESSION_LONGEST_S)


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie; over https with the prefix that no other host and no http page can set."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session; a request without any cookie, as each webhook is, begins with an empty one at once."""
        return super().open_session(app, request) if request.headers.get("Cookie") else SecureCookieSession()

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name, which begins with __Host- over https."""
        return f"__Host-{NAME}" if self.get_cookie_secure(app) else NAME

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the browser came over https."""
        return has_request_context() and is_https()


def set_up_cookies(app: Flask, settings: Settings) -> None:
    """Let the newest key sign, and all of them be believed."""
    newest, *older = settings.secret_keys
    app.session_interface = Cookies()
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        # An answer that comes late must not bring back the cookie of before a log-in.
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def is_https() -> bool:
    """Tell whether the browser came over https, by the proxy's word; else by PUBLIC_URL, but on this machine."""
    said = request.headers.get("X-Forwarded-Proto", "")
    if said:
        return said.rpartition(",")[2].strip().lower() == "https"
    is_public = context().public_base.startswith("https://") and not _is_this_machine()
    return request.is_secure or is_public


def _is_this_machine() -> bool:
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
