"""The whole platform as it runs: Valkey, gunicorn, workers; the sandbox plays the platforms, a stand-in the agent."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from domain.identities import Identity, contact_id
from store import Store
from tests.conftest import (
    API_TOKEN,
    APP_SECRET,
    BOT,
    FULFILLMENT_TOKEN,
    PAGE,
    VERIFY_TOKEN,
    VIBER_TOKEN,
    body,
    make_store,
    sign_facebook,
    sign_viber,
)
from tests.servers import Process, Valkey, free_ports, python, wait_for


class Platform:
    """Everything started, and ways to hurt it."""

    def __init__(self, valkey: Valkey, *, endpoint: str = "", workers: int = 2, **changes: str) -> None:
        self.valkey = valkey
        self.port, self.sandbox_port, agent_port = free_ports(3)
        self.directory = Path(tempfile.mkdtemp(prefix="mdp"))
        sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")},
            "REDIS_URL": valkey.url,
            "SECRET_KEY": "secret-key-for-tests",
            "API_TOKEN": API_TOKEN,
            "FACEBOOK_APP_ID": "700000000000007",
            "FACEBOOK_APP_SECRET": APP_SECRET,
            "FACEBOOK_VERIFY_TOKEN": VERIFY_TOKEN,
            "FACEBOOK_PAGES": f"{PAGE}:page-token-for-tests",
            "FACEBOOK_GRAPH_URL": f"{sandbox_url}/graph/v25.0",
            "VIBER_BOTS": f"{BOT}:{VIBER_TOKEN}",
            "VIBER_API_URL": f"{sandbox_url}/viber/pa",
            "DIALOGFLOW_PROJECT_ID": "tests",
            "DIALOGFLOW_ENDPOINT": endpoint or f"http://127.0.0.1:{agent_port}",
            "DIALOGFLOW_FULFILLMENT_TOKEN": FULFILLMENT_TOKEN,
            "METRICS_DIR": str(self.directory / "metrics"),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            **changes,
        }
        self.web = self._process("web", "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{self.port}")
        self.workers = [self._process(f"worker{i}", "worker.py") for i in range(workers)]
        # With an agent of the test's own the sandbox must not take its port.
        own = {"DIALOGFLOW_ENDPOINT": "", "DIALOGFLOW_PROJECT_ID": ""} if endpoint else {}
        self.sandbox = self._process("sandbox", "-m", "sandbox", **own)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def start(self) -> None:
        self.web.start()
        self.sandbox.start()
        for worker in self.workers:
            worker.start()
        wait_for(self.is_up, "web and sandbox answer", seconds=60)
        wait_for(self._workers_are_ready, "the workers are ready", seconds=60)

    def stop(self) -> None:
        started = (self.web, *self.workers, self.sandbox)
        for process in started:
            process.begin_to_stop()
        for process in started:
            process.stop()

    def pids(self) -> list[int]:
        """The process id of everything that was started, gunicorn's own processes too."""
        started = [process.pid for process in (self.web, *self.workers, self.sandbox)]
        return [*started, *self.web_pids()]

    def web_pids(self) -> list[int]:
        """The process ids of the web processes that gunicorn keeps, the dead ones that it has not seen yet too."""
        pid = self.web.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def is_up(self) -> bool:
        self.web.check()
        self.sandbox.check()
        try:
            web = requests.get(f"{self.url}/readyz", timeout=2).status_code
            return web == 200 and requests.get(f"{self.sandbox_url}/sandbox/faults", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def store(self) -> Store:
        return make_store(self.valkey)

    def post_facebook(self, data: Any, **options: Any) -> requests.Response:
        raw = body(data)
        url = f"{self.url}/webhooks/facebook"
        return requests.post(url, data=raw, headers=sign_facebook(raw), timeout=10, **options)

    def post_viber(self, data: Any) -> requests.Response:
        raw = body(data)
        return requests.post(f"{self.url}/webhooks/viber/{BOT}", data=raw, headers=sign_viber(raw), timeout=10)

    def received(self, identity: Identity) -> list[dict[str, Any]]:
        """What arrived on a contact's phone, in order, each with text and metadata."""
        path = f"{identity.kind}/{quote(identity.contact_ref, safe='')}"
        answer = requests.get(f"{self.sandbox_url}/sandbox/contacts/{path}/messages", timeout=10)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def write(self, identity: Identity, text: str) -> None:
        """Write as a contact, on the phone."""
        path = f"{identity.kind}/{quote(identity.contact_ref, safe='')}"
        url = f"{self.sandbox_url}/sandbox/contacts/{path}/messages"
        requests.post(url, json={"text": text}, timeout=10).raise_for_status()

    def open_door(self, identity: Identity) -> None:
        """Press Get Started, or open the screen on Viber."""
        path = f"{identity.kind}/{quote(identity.contact_ref, safe='')}"
        requests.post(f"{self.sandbox_url}/sandbox/contacts/{path}/start", json={}, timeout=10).raise_for_status()

    def fault(self, **fault: Any) -> None:
        requests.post(f"{self.sandbox_url}/sandbox/faults", json=fault, timeout=10).raise_for_status()

    def planned_faults(self) -> list[dict[str, Any]]:
        """The faults that nobody has met yet."""
        items: list[dict[str, Any]] = requests.get(f"{self.sandbox_url}/sandbox/faults", timeout=10).json()["items"]
        return items

    def timeline(self, identity: Identity) -> list[dict[str, Any]]:
        page = self.store().timeline(contact_id(identity), 0, 100_000)
        return [{"letter": entry.letter, "number": entry.number, "of": of, **entry.data} for entry, of in page.entries]

    def _workers_are_ready(self) -> bool:
        for worker in self.workers:
            worker.check()
        return all("worker.ready" in worker.output() for worker in self.workers)

    def _process(self, name: str, *words: str, **changes: str) -> Process:
        environ = {key: value for key, value in {**self.environ, **changes}.items() if value}
        return Process(python(*words), environ, self.directory / name)


@contextmanager
def running(valkey: Valkey, **options: Any) -> Iterator[Platform]:
    """Start a platform on an empty store and stop it afterwards."""
    valkey.client().flushall()
    platform = Platform(valkey, **options)
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()


def facebook_message(mid: str, text: str, psid: str, sent_at_ms: int) -> dict[str, Any]:
    """A message webhook of one contact."""
    item = {
        "sender": {"id": psid},
        "recipient": {"id": PAGE},
        "timestamp": sent_at_ms,
        "message": {"mid": mid, "text": text},
    }
    return {"object": "page", "entry": [{"id": PAGE, "time": sent_at_ms, "messaging": [item]}]}


def viber_message(token: int, text: str, contact_ref: str, sent_at_ms: int) -> dict[str, Any]:
    """A message callback of one contact."""
    return {
        "event": "message",
        "timestamp": sent_at_ms,
        "chat_hostname": "SN-TEST-01_",
        "message_token": token,
        "sender": {"id": contact_ref, "name": "Contact", "language": "bg", "country": "BG", "api_version": 10},
        "message": {"type": "text", "text": text},
        "silent": False,
    }
