"""What a run consists of, in the order in which it is started, and what the person is told when it is up."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from settings import Settings
from supervisor.environment import needs_sandbox
from supervisor.ports import HOST
from supervisor.processes import Program
from supervisor.readiness import answers_http

_LOOK_ALIVE_S = 0.5  # the worker serves nobody: it counts as started when it does not end at once


def programs(settings: Settings, environ: dict[str, str]) -> list[Program]:
    """Return web, the sandbox where no channel is configured, and the worker. `settings` are the person's own.

    They are stopped in reverse: the worker first, while everything that it still calls is there.
    """
    python = sys.executable
    environ = environ | {"PYTHONUNBUFFERED": "1"}
    web = Program(
        name="web",
        argv=(python, "-m", "gunicorn", "--bind", f"{HOST}:{settings.port}", "app:app"),
        environ=environ,
        is_ready=lambda: answers_http(HOST, settings.port, "/healthz"),
        announcement=f"ready on {_url(settings.port)}",
    )
    worker = Program(
        name="worker",
        argv=(python, "worker.py"),
        environ=environ,
        is_ready=_after(_LOOK_ALIVE_S),
        announcement="started",
    )
    sandbox = Program(
        name="sandbox",
        argv=(python, "-m", "sandbox"),
        environ=environ,
        is_ready=lambda: answers_http(HOST, settings.sandbox_port, "/"),
        announcement=f"ready on {_url(settings.sandbox_port)}",
    )
    return [web, sandbox, worker] if needs_sandbox(settings) else [web, worker]


def where_to_look(settings: Settings, data_dir: Path, first_link: str) -> str:
    """Return the block that is shown once everything is up.

    first_link: path and query of the first owner's link; empty when somebody can log in.
    """
    token = "the one you set" if settings.api_tokens else f"in {_short(data_dir / 'secrets' / 'api_token')}"
    lines = ["", "Markdone is up."]
    if first_link:
        lines.append(f"  sign in    {_url(settings.port)}{first_link.removeprefix('/')}")
        lines.append("             once, as the owner; the next start makes another as long as nobody has")
    else:
        lines.append(f"  sign in    {_url(settings.port)}")
    lines.append(f"  API        {_url(settings.port)}api/docs")
    if needs_sandbox(settings):
        lines.append(f"  phones     {_url(settings.sandbox_port)}  write to the business as a contact")
        lines.append("  channels   none of your own yet: docs/connect.md")
    else:
        lines.append("  channels   .venv/bin/flask --app app connect  registers them; docs/connect.md")
    lines += [f"  API token  {token}", "  stop       Ctrl-C", "", ""]
    return "\n".join(lines)


def _after(wait_s: float) -> Callable[[], bool]:
    first_look_at: list[float] = []

    def is_ready() -> bool:
        first_look_at.append(time.monotonic())
        return first_look_at[-1] - first_look_at[0] >= wait_s

    return is_ready


def _url(port: int) -> str:
    return f"http://{HOST}:{port}/"


def _short(path: Path) -> str:
    here = Path.cwd()
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
