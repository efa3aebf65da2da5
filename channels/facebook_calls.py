"""Calls to the Graph API: where it is, whose token, and the proof that we know the app secret."""

import hmac
from typing import Any

from calls.timed import Caller, Reply


class Graph:
    """The Graph API of one Meta app."""

    def __init__(self, caller: Caller, url: str, app_secret: str) -> None:
        self._caller, self._url, self._app_secret = caller, url.rstrip("/"), app_secret

    def post(self, path: str, token: str, *, params: dict[str, str] | None = None, **request: Any) -> Reply:
        """POST with `token` as Bearer; `request` is what Caller.call takes. Raises ChannelError."""
        return self._call("POST", path, token, params, **request)

    def get(self, path: str, token: str, *, params: dict[str, str] | None = None) -> Reply:
        """GET with `token` as Bearer. Raises ChannelError."""
        return self._call("GET", path, token, params)

    def _call(self, method: str, path: str, token: str, params: dict[str, str] | None, **request: Any) -> Reply:
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        return self._caller.call(
            method, self._url + path, params={**(params or {}), **self._proof(token)}, headers=headers, **request
        )

    def _proof(self, token: str) -> dict[str, str]:
        """Return appsecret_proof, which the app's "Require App Secret" wants; it differs from token to token.

        Source: developers.facebook.com, Securing Graph API requests, read 2026-11-22.
        """
        if not self._app_secret:
            return {}
        return {"appsecret_proof": hmac.digest(self._app_secret.encode(), token.encode(), "sha256").hex()}
