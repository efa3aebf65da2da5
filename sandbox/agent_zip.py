"""`flask --app app agent-zip`: write the sample agent for import into the Dialogflow console."""

import json
import zipfile
from pathlib import Path

import click

from sandbox.agent import SAMPLE_AGENT

_FIXED_TIME = (2026, 1, 1, 0, 0, 0)  # so that the same agent gives the same bytes


@click.command("agent-zip")
@click.option("--output", default="markdone-agent.zip", show_default=True, help="Where to write the zip.")
@click.option("--url", default="", help="Your public address, for example https://markdone.example.com.")
def agent_zip(output: str, url: str) -> None:
    """Write the sample agent as a zip for Dialogflow's Settings, Export and Import, Import from zip.

    It holds no secret: after the import, enter the fulfillment token in the console, under Fulfillment.
    """
    if url and not url.startswith("https://"):
        raise click.BadParameter("Dialogflow calls https addresses only", param_hint="--url")
    try:
        count = write_agent_zip(Path(output), url)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{output}: {count} files. Import it in the Dialogflow console: Settings, Export and Import.")


def write_agent_zip(output: Path, url: str = "", folder: Path = SAMPLE_AGENT) -> int:
    """Write the agent in `folder` to `output` and return the number of files; equal input gives equal bytes.

    url: the platform's public address, written into agent.json as the fulfillment webhook; empty leaves it off.
    """
    paths = sorted(path for path in folder.rglob("*.json"))
    with zipfile.ZipFile(output, "w") as archive:
        for path in paths:
            content = path.read_bytes()
            if path.name == "agent.json" and url:
                content = _with_webhook(content, url)
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIXED_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return len(paths)


def _with_webhook(content: bytes, url: str) -> bytes:
    agent = json.loads(content)
    address = url.rstrip("/").removesuffix("/dialogflow/fulfillment") + "/dialogflow/fulfillment"
    agent["webhook"] |= {"url": address, "available": True}
    return (json.dumps(agent, indent=2, ensure_ascii=False) + "\n").encode()
