"""Settings for a command that is run beside `make run`: the store and the secrets that the run made."""

import os

from dotenv import dotenv_values

from settings import Settings, load

RUN_FILE = "run.env"
#: The run's own channels stay the run's: a command must not speak for the sandbox's accounts.
OF_THE_STORE = ("REDIS_URL", "SECRET_KEY_FILE", "API_TOKEN_FILE")


def load_of_run() -> Settings:
    """Read the settings; what a server needs and nobody set is taken from the run that keeps its files in DATA_DIR.

    Raises: ConfigError when there is no such run either.
    """
    made = dotenv_values(load(is_server=False).data_dir / RUN_FILE, interpolate=False)
    environ = dict(os.environ)
    for name in OF_THE_STORE:
        plain = name.removesuffix("_FILE")
        is_set = any(environ.get(one) or _in_env_file(one) for one in (plain, f"{plain}_FILE"))
        if not is_set and made.get(name):
            environ[name] = str(made[name])
    return load(environ)


def _in_env_file(name: str) -> bool:
    return bool(dotenv_values(".env", interpolate=False).get(name))
