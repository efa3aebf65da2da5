"""The web process: wires settings, store, channels and views together. No logic lives here.

`gunicorn app:app` serves it; `flask --app app …` runs the commands.
"""

import os
import sys
import threading
from typing import Any

import click
from flask import Flask
from web.api import api

import settings as configuration
from domain.errors import ConfigError, StoreError
from logs import set_up_logging
from store import Store
from web.context import KEY, Context
from web.fulfillment import fulfillment
from web.health import health
from web.home import home
from web.webhooks import webhooks
from wiring import make_channels, make_store

MAX_BODY_BYTES = 5 * 1024 * 1024
#: A webhook that meets a dead server is answered within a second.
STORE_TIMEOUT_S = 0.7

#: With this exit status of a worker gunicorn stops instead of starting the next one, which would fail as well.
GUNICORN_WORKER_BOOT_ERROR = 3


def create_app(settings: configuration.Settings | None = None) -> Flask:
    """Make the application. Raises ConfigError with every bad setting."""
    settings = settings or configuration.load()
    set_up_logging(settings.log_level)
    store = make_store(settings, threads=settings.web_threads, timeout_s=STORE_TIMEOUT_S)
    try:
        store.start()
    except StoreError:
        # The platform asks again when we answer 503; /readyz says so meanwhile, and looks at the partitions again.
        pass
    channels = make_channels(settings, store)
    app = Flask("markdone", root_path=os.path.dirname(__file__), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions[KEY] = Context(
        store=store,
        facebook=channels.facebook,
        vibers=channels.vibers,
        api_tokens=settings.api_tokens,
        fulfillment_tokens=settings.dialogflow_fulfillment_tokens,
        has_bot=bool(settings.dialogflow_project_id),
        # At most half of the threads wait for a welcome; one thread alone never does.
        welcome_places=threading.Semaphore(settings.web_threads // 2),
    )
    for blueprint in (webhooks, fulfillment, health, api, home):
        app.register_blueprint(blueprint)
    return app


def create_commands() -> Flask:
    """Make an application that has only the commands: they run without a store."""
    from channels.connect import Wiring, command
    from sandbox.agent_zip import agent_zip
    from sandbox.say import say
    from settings_of_run import load_of_run
    from store import commands as store_commands

    def wiring() -> Wiring:
        loaded = configuration.load(is_server=False)
        channels = make_channels(loaded)
        return Wiring(channels.facebook, list(channels.vibers.values()), loaded.public_url, loaded.port)

    def store() -> Store:
        try:
            return make_store(load_of_run(), threads=1, timeout_s=STORE_TIMEOUT_S)
        except ConfigError as error:
            raise click.ClickException("\n".join(error.problems)) from error

    app = Flask("markdone", static_folder=None)
    for one in (command(wiring), store_commands.command(store), say, agent_zip):
        app.cli.add_command(one)
    return app


def __getattr__(name: str) -> Any:
    """`app` is made when somebody asks for it: commands by `flask`, the whole by everybody else."""
    if name != "app":
        raise AttributeError(name)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        return create_commands()
    try:
        return create_app()
    except ConfigError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        sys.exit(GUNICORN_WORKER_BOOT_ERROR)
