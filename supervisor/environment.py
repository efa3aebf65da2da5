"""What the processes of a run find in their environment: what the person set, and what the run adds to it.

Secrets travel as NAME_FILE, so that no value stands in a list of processes.
"""

from collections.abc import Mapping
from pathlib import Path

from settings import Settings
from supervisor.credentials import keep

SANDBOX_PAGE = "100000000000002"
SANDBOX_APP = "100000000000001"
SANDBOX_BOT = "shop"


def needs_sandbox(settings: Settings) -> bool:
    """Without a channel of its own the platform gets the sandbox's."""
    return not (settings.facebook_pages or settings.viber_bots)


def needs_sandbox_agent(settings: Settings) -> bool:
    """The sandbox's agent answers the sandbox's phones only, and only where there is no real one."""
    return needs_sandbox(settings) and not settings.dialogflow_project_id


def additions(settings: Settings, data_dir: Path, redis_url: str) -> dict[str, str]:
    """Return what a run adds to the person's settings; makes the secrets that are missing."""
    secrets = data_dir / "secrets"
    added = {"DATA_DIR": str(data_dir), "REDIS_URL": redis_url}
    if settings.metrics_dir is None:
        added["METRICS_DIR"] = str(data_dir / "metrics")
    if not settings.secret_keys:
        added["SECRET_KEY_FILE"] = str(keep(secrets, "secret_key"))
    if not settings.api_tokens:
        added["API_TOKEN_FILE"] = str(keep(secrets, "api_token"))
    if needs_sandbox(settings):
        added |= _sandbox_channels(settings, secrets)
    if needs_sandbox_agent(settings):
        added |= _sandbox_agent(settings, secrets)
    return added


def merge(environ: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with `added`, each setting in one form only: NAME and NAME_FILE together are refused."""
    names = {name.removesuffix("_FILE") for name in added}
    replaced = names | {f"{name}_FILE" for name in names}
    return {name: value for name, value in environ.items() if name not in replaced} | dict(added)


def _sandbox_channels(settings: Settings, secrets: Path) -> dict[str, str]:
    api = f"http://127.0.0.1:{settings.sandbox_port}"
    added = {
        "FACEBOOK_PAGES_FILE": str(keep(secrets, "sandbox_facebook_pages", prefix=f"{SANDBOX_PAGE}:")),
        "FACEBOOK_GRAPH_URL": f"{api}/graph/v25.0",
        "VIBER_BOTS_FILE": str(keep(secrets, "sandbox_viber_bots", prefix=f"{SANDBOX_BOT}:")),
        "VIBER_API_URL": f"{api}/viber/pa",
    }
    if not settings.facebook_app_id:
        added["FACEBOOK_APP_ID"] = SANDBOX_APP
    if not settings.facebook_app_secrets:
        added["FACEBOOK_APP_SECRET_FILE"] = str(keep(secrets, "sandbox_facebook_app_secret"))
    if not settings.facebook_verify_token:
        added["FACEBOOK_VERIFY_TOKEN_FILE"] = str(keep(secrets, "sandbox_facebook_verify_token"))
    return added


def _sandbox_agent(settings: Settings, secrets: Path) -> dict[str, str]:
    added = {
        "DIALOGFLOW_PROJECT_ID": "sandbox",
        "DIALOGFLOW_ENDPOINT": f"http://127.0.0.1:{settings.sandbox_port + 1}",
    }
    if not settings.dialogflow_fulfillment_tokens:
        added["DIALOGFLOW_FULFILLMENT_TOKEN_FILE"] = str(keep(secrets, "sandbox_dialogflow_fulfillment_token"))
    return added
