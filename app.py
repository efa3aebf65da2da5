"""The web process: wires settings, store, channels and views together. No logic lives here.

`gunicorn app:app` serves it; `flask --app app …` runs the commands.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Collection
from typing import Any

import click
from flask import Flask

import settings as configuration
from domain.errors import ConfigError, StoreError
from logs import set_up_logging
from store import Store
from web.api import api
from web.bodies import limit_body_wait
from web.context import KEY, Context
from web.files import files
from web.machines import set_up_machines
from web.pages import register_pages
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
    # The platforms ask again when we answer 503; /readyz says so meanwhile, and looks at the partitions again.
    with contextlib.suppress(StoreError):
        store.start()
    channels = make_channels(settings, store)
    app = Flask("markdone", root_path=os.path.dirname(__file__), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions[KEY] = Context(
        store=store,
        channels=channels.by_account(),
        facebook=channels.facebook,
        vibers=channels.vibers,
        api_tokens=settings.api_tokens,
        fulfillment_tokens=settings.dialogflow_fulfillment_tokens,
        has_bot=bool(settings.dialogflow_project_id),
        # At most half of the threads wait for a welcome; one thread alone never does.
        welcome_places=threading.Semaphore(settings.web_threads // 2),
        public_base=settings.public_url or f"http://127.0.0.1:{settings.port}",
    )
    limit_body_wait(app)
    set_up_machines(app)
    for blueprint in (api, files):
        app.register_blueprint(blueprint)
    register_pages(app, settings)
    return app


def create_commands() -> Flask:
    """Make an application that has only the commands: they run without a store."""
    import settings_of_run
    from channels.connect import Wiring, command
    from demo import commands as demo_commands
    from sandbox import say
    from sandbox.agent_zip import agent_zip
    from store import commands as store_commands
    from store import user_commands
    from web.reports import export

    def wiring() -> Wiring:
        loaded = _read(settings_of_run.load_beside_run)
        channels = make_channels(loaded)
        return Wiring(channels.facebook, list(channels.vibers.values()), loaded.public_url, loaded.port)

    def store() -> Store:
        return make_store(_read(settings_of_run.load_store_of_run), threads=1, timeout_s=STORE_TIMEOUT_S)

    def known_channels() -> Collection[str]:
        return make_channels(_read(settings_of_run.load_channels_of_run)).by_account()

    def address() -> str:
        loaded = _read(settings_of_run.load_beside_run)
        return loaded.public_url or f"http://127.0.0.1:{loaded.port}"

    def sandbox_port() -> int:
        return _read(settings_of_run.load_beside_run).sandbox_port

    def demo_channels() -> tuple[str, str]:
        own = make_channels(_read(settings_of_run.load_beside_run)).by_account()
        return demo_commands.choose_channels(own, known_channels())

    app = Flask("markdone", static_folder=None)
    commands = (
        command(wiring),
        store_commands.command(store, known_channels),
        user_commands.command(store, address),
        export.command(store),
        say.command(sandbox_port),
        demo_commands.command(store, demo_channels, address),
        agent_zip,
    )
    for one in commands:
        app.cli.add_command(one)
    return app


def _read(load: Callable[[], configuration.Settings]) -> configuration.Settings:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException("\n".join(error.problems)) from error


def __getattr__(name: str) -> Any:
    """`app` is made when somebody asks for it: commands by `flask`, the whole by everybody else."""
    if name != "app":
        raise AttributeError(name)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        invoked = click.get_current_context(silent=True)
        if invoked and invoked.info_name == "run":
            raise click.ClickException("flask runs the commands only; to serve: make run, or gunicorn app:app")
        return create_commands()
    try:
        return create_app()
    except ConfigError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        sys.exit(GUNICORN_WORKER_BOOT_ERROR)
