"""Settings for a command that is run beside `make run`: what the run made, and the ports it really listens on."""

import os
from collections.abc import Iterable

from dotenv import dotenv_values

from domain.errors import ConfigError
from settings import ENV_FILE, Settings, load

RUN_FILE = "run.env"
#: Where the run listens, whatever `.env` says by now; only the command's own environment goes before it.
_PORTS = ("PORT", "SANDBOX_PORT")
#: Taken from the run where neither environment nor `.env` has them. Its channels are looked at for their names only:
#: a command must not speak for the sandbox's accounts.
_STORE = ("REDIS_URL",)
_CHANNELS = (
    *("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET_FILE", "FACEBOOK_VERIFY_TOKEN_FILE", "FACEBOOK_PAGES_FILE"),
    "VIBER_BOTS_FILE",
)


def load_beside_run() -> Settings:
    """Read the settings, with the ports of the run that keeps its files in DATA_DIR. Raises ConfigError."""
    return load(_with_run(()), is_server=False)


def load_store_of_run() -> Settings:
    """Read the settings, with the run's store. Raises ConfigError when there is none."""
    loaded = load(_with_run(_STORE), is_server=False)
    if not loaded.redis_url:
        place = loaded.data_dir if loaded.data_dir.is_absolute() else f"./{loaded.data_dir}"
        raise ConfigError([f"no run in {place}; set REDIS_URL or start make run"])
    return loaded


def load_channels_of_run() -> Settings:
    """Read the settings, with the sandbox's channels where the run has no others. Raises ConfigError."""
    return load(_with_run(_CHANNELS), is_server=False)


def _with_run(wanted: Iterable[str]) -> dict[str, str]:
    """The process's environment with what the run wrote down; that is absent where there was no run."""
    made = dotenv_values(load(is_server=False).data_dir / RUN_FILE, interpolate=False)
    own = dotenv_values(ENV_FILE, interpolate=False, encoding="utf-8-sig")
    environ = dict(os.environ)
    for name in (*_PORTS, *wanted):
        plain = name.removesuffix("_FILE")
        forms = (plain, f"{plain}_FILE")
        is_set = any(environ.get(one) or (name not in _PORTS and own.get(one)) for one in forms)
        if not is_set and (value := made.get(name)):
            environ[name] = value
    return environ
