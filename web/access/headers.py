"""What every page tells the browser: which sources to trust, what not to keep, and who may frame it (nobody)."""

from flask import Flask, Response, g, request

from web.access.cookies import is_https

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS = "max-age=31536000"


def set_up_headers(app: Flask) -> None:
    """Add them to every answer that a browser gets; a view that has set one keeps its own."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https():
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    if g.get("signed_in") or request.blueprint == "access":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
