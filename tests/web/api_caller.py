"""Calls the API as other people's programs do, and shows what it answered."""

from typing import Any
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient

from domain.identities import Identity
from tests.conftest import API_TOKEN
from tests.people import SUSAN


class Caller:
    """A program with the token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {API_TOKEN}"}

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """GET below /api/v1; it must answer with `status`."""
        more = f"{'&' if '?' in path else '?'}{urlencode(query)}" if query else ""
        reply = self.client.get(f"/api/v1{path}{more}", headers=self.headers)
        assert reply.status_code == status, reply.get_data(as_text=True)
        return reply.json

    def post(self, path: str, body: Any, status: int = 200, /, **headers: str) -> Any:
        """POST below /api/v1; it must answer with `status`."""
        return self.change("POST", path, body, status, **headers)

    def change(self, method: str, path: str, body: Any, status: int = 200, /, **headers: str) -> Any:
        """Send a body below /api/v1; it must be answered with `status`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.client.open(f"/api/v1{path}", method=method, json=body, headers={**self.headers, **named})
        assert reply.status_code == status, reply.get_data(as_text=True)
        return reply.json

    def pages(self, path: str, **query: Any) -> list[list[Any]]:
        """Follow `next` to the end."""
        page = self.get(path, **query)
        found = [page["items"]]
        while url := page["pagination"]["next"]:
            assert len(found) < 100, "the pages do not end"
            page = self.get(url.removeprefix("/api/v1"))
            found.append(page["items"])
        return found

    def all(self, path: str, **query: Any) -> list[Any]:
        """Return the items of all pages."""
        return [item for page in self.pages(path, **query) for item in page]


def of(who: Identity | str = SUSAN, suffix: str = "") -> str:
    """Return the path of a contact, or of what it has."""
    return f"/contacts/{quote(str(who), safe='')}{suffix}"
