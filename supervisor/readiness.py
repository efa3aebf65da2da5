"""Whether a process that was started serves already. Each look takes at most a moment and never raises."""

import http.client
import socket

_WAIT_S = 2.0


def answers_ping(socket_path: str) -> bool:
    """Ask the private server. While it still reads its files it answers LOADING, which is no yes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_WAIT_S)
        try:
            connection.connect(socket_path)
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def answers_http(host: str, port: int, path: str) -> bool:
    """Ask a web server for `path`; any answer below 400 is a yes."""
    connection = http.client.HTTPConnection(host, port, timeout=_WAIT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
