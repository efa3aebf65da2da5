"""How a process reaches Dialogflow: address, credentials, and a gRPC channel that recovers quickly."""

import functools
import json
import time
from typing import Any, cast

import google.auth
import google.auth.transport.requests
import grpc
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, TransportError
from google.cloud.dialogflow_v2.services.sessions import SessionsClient
from google.cloud.dialogflow_v2.services.sessions.transports import SessionsGrpcTransport
from google.oauth2 import service_account

_PLAINTEXT = "http://"
_GOOGLE = "dialogflow.googleapis.com"
_SCOPES = SessionsGrpcTransport.AUTH_SCOPES
_LOOKUP_S = 1.5  # all calls of one search for credentials together

CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.min_reconnect_backoff_ms", 2000),  # how long one try to connect may take, in gRPC's odd words
    # A connection that a firewall has forgotten is noticed after 2 s without an acknowledgement, in time for a retry;
    # one that nobody uses is closed before the strictest of them (Azure's, 4 minutes) forgets it.
    ("grpc.keepalive_time_ms", 300_000),  # servers answer shorter ones with "too many pings"
    ("grpc.keepalive_timeout_ms", 2000),
    ("grpc.client_idle_timeout_ms", 180_000),
)


class NoCredentials(DefaultCredentialsError):
    """There is no key to sign with, or one that cannot be read; the reason is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)  # type: ignore[no-untyped-call]


def connect(endpoint: str, location: str, credentials_json: str) -> SessionsClient:
    """Make a client; nothing is sent yet. To be called in the process that uses it: gRPC does not survive a fork.

    endpoint: empty is Google's, of `location` where that is set; `host:port` another over TLS; `http://host:port`
    one in plaintext, without credentials.
    credentials_json: a service account's key; empty looks for one as Google's libraries do.
    Raises: GoogleAuthError when there are no credentials, or they cannot be read (then NoCredentials).
    """
    if endpoint.startswith(_PLAINTEXT):
        options = [*CHANNEL_OPTIONS, ("grpc.enable_http_proxy", 0)]  # a stand-in is near, whatever http_proxy says
        channel = grpc.insecure_channel(endpoint.removeprefix(_PLAINTEXT), options)
        return SessionsClient(transport=SessionsGrpcTransport(channel=channel))
    regional = f"{location}-{_GOOGLE}" if location else _GOOGLE
    return SessionsClient(
        credentials=_read_key(credentials_json) if credentials_json else _find_credentials(),
        client_options={"api_endpoint": endpoint or regional},
        transport=functools.partial(SessionsGrpcTransport, channel=_make_channel),
    )


def _make_channel(host: str, **arguments: Any) -> grpc.Channel:
    options = [*arguments.pop("options"), *CHANNEL_OPTIONS]
    return SessionsGrpcTransport.create_channel(host, options=options, **arguments)


def _read_key(credentials_json: str) -> Credentials:
    try:
        key = json.loads(credentials_json)
        made: Credentials = service_account.Credentials.from_service_account_info(key)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, AttributeError):  # without their words, which can repeat the key
        raise NoCredentials("the service account's key cannot be read") from None
    return made


def _find_credentials() -> Credentials:
    """Look in Google's usual places, the metadata server of its machines among them.

    Elsewhere nobody answers at that server's address, and the library would try for a dozen seconds: one short try.
    """
    lookup = google.auth.transport.requests.Request()
    deadline = time.monotonic() + _LOOKUP_S

    def look_up_once(url: str, **arguments: Any) -> Any:
        left_s = deadline - time.monotonic()
        try:
            if left_s > 0:
                return lookup(url, **{**arguments, "timeout": left_s})
        except TransportError:
            pass
        raise NoCredentials("none are configured here, and no metadata or token server answers")

    return google.auth.default(request=cast(Any, look_up_once), default_scopes=_SCOPES)[0]
