"""Every setting: read once, here, from the environment and `.env`. Everybody else receives values."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values

import settings_values as values
from domain.errors import ConfigError

ENV_FILE = ".env"
_MAX_FILE_BYTES = 64 * 1024  # a NAME_FILE that names a device or a log must not fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the platform runs with. Secrets stay out of its repr; empty means not set."""

    redis_url: str = field(default="", repr=False)  # may hold a password
    data_dir: Path = Path("data")
    secret_keys: tuple[str, ...] = field(default=(), repr=False)  # newest first, like every tuple of secrets here
    api_tokens: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = ""
    facebook_app_id: str = ""
    facebook_app_secrets: tuple[str, ...] = field(default=(), repr=False)
    facebook_verify_token: str = field(default="", repr=False)
    facebook_pages: dict[str, str] = field(default_factory=dict, repr=False)  # page id → page token
    facebook_graph_url: str = "https://graph.facebook.com/v25.0"
    viber_bots: dict[str, str] = field(default_factory=dict, repr=False)  # name → auth token
    viber_api_url: str = "https://chatapi.viber.com/pa"
    dialogflow_project_id: str = ""
    dialogflow_location: str = ""  # empty: global
    dialogflow_environment: str = ""  # empty: the draft agent
    dialogflow_language: str = "en"
    dialogflow_credentials: str = field(default="", repr=False)  # JSON; empty: as Google's libraries find them
    dialogflow_endpoint: str = ""
    dialogflow_fulfillment_tokens: tuple[str, ...] = field(default=(), repr=False)
    automation_hosts: frozenset[str] = frozenset()  # `host` or `host:port`
    partitions: int = 16
    web_concurrency: int = 2
    web_threads: int = 4
    live_streams: int = 32
    worker_threads: int = 16
    metrics_dir: Path | None = None  # None: measures.default_folder()
    worker_metrics_port: int = 0  # 0: none
    log_level: str = "INFO"
    port: int = 8000
    sandbox_port: int = 8001


class Setting(NamedTuple):
    """One row of the table: the variable, the attribute of Settings it fills, how to read it, an example."""

    name: str
    attribute: str
    read: values.Reader
    example: str


_SECRET = values.secrets(values.MIN_SECRET_CHARS)
_SECRET_EXAMPLE = "what `openssl rand -hex 32` prints"

SETTINGS = (
    Setting("REDIS_URL", "redis_url", values.redis_url, "redis://127.0.0.1:6379/0"),
    Setting("DATA_DIR", "data_dir", values.directory, "./data"),
    Setting("SECRET_KEY", "secret_keys", _SECRET, _SECRET_EXAMPLE),
    Setting("API_TOKEN", "api_tokens", _SECRET, _SECRET_EXAMPLE),
    Setting("PUBLIC_URL", "public_url", values.public_url, "https://markdone.example.com"),
    Setting("FACEBOOK_APP_ID", "facebook_app_id", values.word("[0-9]{1,32}", "made of digits"), "1234567890"),
    Setting("FACEBOOK_APP_SECRET", "facebook_app_secrets", values.secrets(1), "the App secret of the app's dashboard"),
    Setting("FACEBOOK_VERIFY_TOKEN", "facebook_verify_token", values.token, "a word of your own, without spaces"),
    Setting(
        "FACEBOOK_PAGES", "facebook_pages", values.pairs("[0-9]{1,32}", "a page id (digits)"), "1234567890:EAAtoken"
    ),
    Setting("FACEBOOK_GRAPH_URL", "facebook_graph_url", values.api_url, "https://graph.facebook.com/v25.0"),
    Setting(
        "VIBER_BOTS",
        "viber_bots",
        values.pairs("[a-z0-9-]{1,32}", "a bot's name (a-z, 0-9 and -, at most 32)"),
        "shop:the-token-of-its-admin-panel",
    ),
    Setting("VIBER_API_URL", "viber_api_url", values.api_url, "https://chatapi.viber.com/pa"),
    Setting(
        "DIALOGFLOW_PROJECT_ID",
        "dialogflow_project_id",
        values.word("[A-Za-z0-9][A-Za-z0-9._:-]{0,62}", "a Google Cloud project's id"),
        "my-agent-x7yz",
    ),
    Setting("DIALOGFLOW_LOCATION", "dialogflow_location", values.location, "europe-west1"),
    Setting(
        "DIALOGFLOW_ENVIRONMENT",
        "dialogflow_environment",
        values.word("[A-Za-z0-9_-]{1,64}", "an environment's name (letters, digits, - and _)"),
        "production",
    ),
    Setting(
        "DIALOGFLOW_LANGUAGE",
        "dialogflow_language",
        values.word("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", "a language tag"),
        "en",
    ),
    Setting("DIALOGFLOW_CREDENTIALS", "dialogflow_credentials", values.service_account, "the key file's JSON"),
    Setting("DIALOGFLOW_ENDPOINT", "dialogflow_endpoint", values.endpoint, "http://127.0.0.1:8002"),
    Setting("DIALOGFLOW_FULFILLMENT_TOKEN", "dialogflow_fulfillment_tokens", _SECRET, _SECRET_EXAMPLE),
    Setting("AUTOMATION_HOSTS", "automation_hosts", values.hosts, "crm.internal,10.0.0.5:8080"),
    Setting("PARTITIONS", "partitions", values.whole_number(1, 64), "16"),
    Setting("WEB_CONCURRENCY", "web_concurrency", values.whole_number(1, 64), "2"),
    Setting("WEB_THREADS", "web_threads", values.whole_number(1, 256), "4"),
    Setting("LIVE_STREAMS", "live_streams", values.whole_number(0, 512), "32"),
    Setting("WORKER_THREADS", "worker_threads", values.whole_number(1, 256), "16"),
    Setting("METRICS_DIR", "metrics_dir", values.directory, "/run/markdone"),
    Setting("WORKER_METRICS_PORT", "worker_metrics_port", values.whole_number(1, 65535), "9101"),
    Setting("LOG_LEVEL", "log_level", values.log_level, "INFO"),
    Setting("PORT", "port", values.whole_number(1, 65534), "8000"),
    Setting("SANDBOX_PORT", "sandbox_port", values.whole_number(1, 65535), "8001"),
)

# (needed, by which of these, why)
_NEEDED_BY = (
    ("FACEBOOK_APP_SECRET", ("FACEBOOK_PAGES",), "without it no webhook of Facebook can be verified"),
    ("FACEBOOK_VERIFY_TOKEN", ("FACEBOOK_PAGES",), "without it Facebook cannot register the webhook"),
    ("DIALOGFLOW_PROJECT_ID", ("DIALOGFLOW_CREDENTIALS", "DIALOGFLOW_ENDPOINT"), "without it no agent can be asked"),
)
_NEEDED_BY_SERVER = {
    "REDIS_URL": "`make run` starts a private server and needs none",
    "SECRET_KEY": "`make run` makes and keeps one",
    "API_TOKEN": "`make run` makes and keeps one",
}


def load(environ: Mapping[str, str] | None = None, *, is_server: bool = True) -> Settings:
    """Read all settings: `environ` (the process's environment if None) before `.env` of the current directory.

    Each variable may instead be given as NAME_FILE, the path of a file that holds the value. Empty counts as unset.
    is_server: REDIS_URL, SECRET_KEY and API_TOKEN must be there; `make run` sets them for its processes.
    Raises: ConfigError with every problem, each naming its variable and none showing a value.
    """
    problems: list[str] = []
    layers = (os.environ if environ is None else environ, _read_env_file(problems))
    given: set[str] = set()
    found: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            text = _find(setting.name, layers)
            if text:
                given.add(setting.name)
                found[setting.attribute] = setting.read(text)
        except ValueError as error:
            given.add(setting.name)
            problems.append(f"{setting.name}: {error}; example: {setting.example}")
    port = found.get("port", Settings().port)
    if found.setdefault("sandbox_port", port + 1) == port:
        problems.append("SANDBOX_PORT: is the same as PORT; example: PORT=8000 and SANDBOX_PORT=8001")
    problems += _missing(given, is_server)
    if problems:
        raise ConfigError(problems)
    return Settings(**found)


def _read_env_file(problems: list[str]) -> Mapping[str, str | None]:
    try:
        return dotenv_values(ENV_FILE, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{ENV_FILE}: cannot be read ({type(error).__name__}); example: copy .env.example")
        return {}


def _find(name: str, layers: tuple[Mapping[str, str | None], ...]) -> str:
    for layer in layers:
        text, file = (layer.get(name) or "").strip(), (layer.get(f"{name}_FILE") or "").strip()
        if text and file:
            raise ValueError(f"is set twice, also as {name}_FILE; keep one of them")
        if file:
            return _read_secret_file(name, file)
        if text:
            return text
    return ""


def _read_secret_file(name: str, file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8") as stream:
            text = stream.read(_MAX_FILE_BYTES).strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"the file named by {name}_FILE cannot be read ({type(error).__name__})") from None
    if not text:
        raise ValueError(f"the file named by {name}_FILE is empty")
    return text


def _missing(given: set[str], is_server: bool) -> list[str]:
    examples = {setting.name: setting.example for setting in SETTINGS}
    reasons = {name: hint for name, hint in _NEEDED_BY_SERVER.items() if is_server}
    for name, users, why in _NEEDED_BY:
        because = [user for user in users if user in given]
        if because:
            reasons[name] = f"{' and '.join(because)} needs it: {why}"
    return [
        f"{name}: is not set ({reason}); example: {examples[name]}"
        for name, reason in reasons.items()
        if name not in given
    ]
