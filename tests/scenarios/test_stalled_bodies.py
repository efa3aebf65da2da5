"""Clients that send half a body and then nothing."""

import socket

import pytest
import requests

from tests.scenarios.platform import running
from tests.servers import Valkey, wait_for


@pytest.mark.timeout(90)
def test_half_sent_bodies_do_not_keep_the_web_busy_for_ever(valkey: Valkey) -> None:
    with running(valkey, workers=0) as platform:
        stalled = []
        for _ in range(16):
            sock = socket.create_connection(("127.0.0.1", platform.port))
            head = "POST /webhooks/facebook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
            sock.sendall(head.encode())
            stalled.append(sock)

        def answers() -> bool:
            try:
                return requests.get(f"{platform.url}/healthz", timeout=1).status_code == 200
            except requests.RequestException:
                return False

        wait_for(answers, "the web answers again", seconds=60)
        for sock in stalled:
            sock.close()
