"""Which ports a start needs, looked at before anything is started."""

import errno
import socket

from supervisor.problems import StartError

HOST = "127.0.0.1"


def check(ports: dict[str, int]) -> None:
    """Check that each port can be bound; the keys say which setting moves it.

    Raises: StartError that names the first port which cannot, or which two of them claim, and the setting.
    """
    claimed: dict[int, str] = {}
    for setting, port in ports.items():
        if port in claimed:
            raise StartError(
                f"port {port} is needed by {claimed[port]} and by {setting}: set one of them to another one"
            )
        claimed[port] = setting
        reason = _why_not(port)
        if reason:
            raise StartError(f"port {port} {reason}: set {setting} to another one, in .env or before make run")


def _why_not(port: int) -> str:
    if not 0 < port < 65536:
        return "is no port"
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:  # bind alone does not notice a listener on all addresses everywhere
            return "is in use by another program"
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
    return ""
