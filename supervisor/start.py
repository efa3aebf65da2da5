"""Everything between `make run` and the first process: settings, locks, ports, secrets."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from settings import Settings, load
from supervisor import plan, ports, private_server
from supervisor.environment import additions, merge, needs_sandbox, needs_sandbox_agent
from supervisor.first_link import ask_for_first_link
from supervisor.locks import lock_children, lock_directory
from supervisor.loop import Supervisor
from supervisor.problems import StartError

ENV_FILE = "run.env"


def run(environ: Mapping[str, str]) -> None:
    """Start the platform as `environ` and `.env` say and keep it running until a signal ends it.

    Raises: ConfigError for settings that cannot be used, StartError for everything else that keeps it from starting.
    """
    settings = load(environ, is_server=False)
    data_dir = settings.data_dir.absolute()
    store_dir = data_dir / "store"
    _make(data_dir, store_dir)
    lock_directory(data_dir)
    children_lock = lock_children(data_dir)
    ports.check(_ports(settings))
    socket = None if settings.redis_url else private_server.socket_path(store_dir)
    try:
        redis_url = private_server.url(socket) if socket else settings.redis_url
        added = additions(settings, data_dir, redis_url)
        child_environ = merge(environ, added)
        load(child_environ)  # what the processes would refuse is better said once, here
        ports_taken = {"PORT": str(settings.port), "SANDBOX_PORT": str(settings.sandbox_port)}
        _write_env_file(data_dir / ENV_FILE, added | ports_taken)
        programs = plan.programs(settings, child_environ)
        if socket:
            programs.insert(0, private_server.program(store_dir, socket, environ))
        supervisor = Supervisor(programs, children_lock, lives_with_parent="MAKELEVEL" in environ)
        supervisor.run(lambda: plan.where_to_look(settings, data_dir, ask_for_first_link(child_environ)))
    finally:
        if socket and socket.parent != store_dir:
            shutil.rmtree(socket.parent, ignore_errors=True)


def _make(*directories: Path) -> None:
    for directory in directories:
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"{directory} cannot be made ({error.strerror}): set DATA_DIR to a folder of yours"
            ) from None


def _ports(settings: Settings) -> dict[str, int]:
    needed = {"PORT": settings.port}
    if needs_sandbox(settings):
        needed["SANDBOX_PORT"] = settings.sandbox_port
    if needs_sandbox_agent(settings):
        needed["SANDBOX_PORT (its agent listens on the port above it)"] = settings.sandbox_port + 1
    return needed


def _write_env_file(path: Path, added: Mapping[str, str]) -> None:
    """Leave what the run added, and its ports, where commands beside it can read them.

    REDIS_URL of a server of the person's own may hold a password, so it stays out.
    """
    lines = [f"{name}='{value}'\n" for name, value in sorted(added.items()) if not _is_persons_own(name, value)]
    path.write_text("".join(lines))


def _is_persons_own(name: str, value: str) -> bool:
    return name == "REDIS_URL" and not value.startswith("unix://")
