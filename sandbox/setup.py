"""What the stand-ins need of the settings, and who the two phones belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from settings import Settings

LOOPBACK = "127.0.0.1"
SUSAN = "7300000000000001"
PETAR = "pEtAr+sAnd/b0x01234567=="  # real ids are base64 too, with the characters that break paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One sandbox: the platform it plays with, and the accounts that exist in it."""

    platform_port: int
    sandbox_port: int
    facebook_app_id: str = ""
    facebook_app_secrets: tuple[str, ...] = ()
    facebook_verify_token: str = ""
    facebook_pages: Mapping[str, str]
    viber_bots: Mapping[str, str]
    dialogflow_address: str = ""  # host:port to listen on; empty where a real agent answers
    fulfillment_token: str = ""
    api_token: str = ""

    @property
    def platform_url(self) -> str:
        """Where web listens."""
        return f"http://{LOOPBACK}:{self.platform_port}"

    def accounts(self, kind: str) -> Mapping[str, str]:
        """Return the accounts of one channel kind with their tokens. Raises KeyError for a kind we do not know."""
        return {"facebook": self.facebook_pages, "viber": self.viber_bots}[kind]


def read_setup(settings: Settings) -> Setup:
    """Take from the settings what the sandbox needs."""
    return Setup(
        platform_port=settings.port,
        sandbox_port=settings.sandbox_port,
        facebook_app_id=settings.facebook_app_id,
        facebook_app_secrets=settings.facebook_app_secrets,
        facebook_verify_token=settings.facebook_verify_token,
        facebook_pages=settings.facebook_pages,
        viber_bots=settings.viber_bots,
        dialogflow_address=_stand_in_address(settings.dialogflow_endpoint),
        fulfillment_token=next(iter(settings.dialogflow_fulfillment_tokens), ""),
        api_token=next(iter(settings.api_tokens), ""),
    )


def _stand_in_address(endpoint: str) -> str:
    # Only plaintext on this machine is ours to serve: anything else is a real agent.
    parts = urlsplit(endpoint)
    is_ours = parts.scheme == "http" and parts.hostname in (LOOPBACK, "localhost") and parts.port
    return f"{LOOPBACK}:{parts.port}" if is_ours else ""
