"""What the documents say is there, and nothing in the repository speaks of the machine it was written on."""

import dataclasses
import os
import re
from pathlib import Path

import pytest

from domain.platform_settings import PER_CHANNEL, SIMPLE, PlatformSettings, write_setting
from handlers.canned import FIELDS, VARIABLES
from measures.catalogue import LOOKED_UP, MEASURED
from settings import SETTINGS
from tests.source import ROOT, files

DOCUMENTS = [name for name in files() if name.suffix == ".md"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
EVERYTHING = "\n".join((ROOT / name).read_text() for name in DOCUMENTS)
README = (ROOT / "README.md").read_text()
# The outside contract: other people's scripts and hosts use these names.
PROMISED_SETTINGS = {
    *("REDIS_URL", "DATA_DIR", "SECRET_KEY", "API_TOKEN", "PUBLIC_URL", "PORT", "SANDBOX_PORT", "LOG_LEVEL"),
    *("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN", "FACEBOOK_PAGES", "FACEBOOK_GRAPH_URL"),
    *("METRICS_DIR", "WORKER_METRICS_PORT", "AUTOMATION_HOSTS"),
    *("VIBER_BOTS", "VIBER_API_URL", "PARTITIONS", "WEB_CONCURRENCY", "WEB_THREADS", "LIVE_STREAMS", "WORKER_THREADS"),
    *("DIALOGFLOW_PROJECT_ID", "DIALOGFLOW_LOCATION", "DIALOGFLOW_ENVIRONMENT", "DIALOGFLOW_LANGUAGE"),
    *("DIALOGFLOW_CREDENTIALS", "DIALOGFLOW_ENDPOINT", "DIALOGFLOW_FULFILLMENT_TOKEN"),
}
AGENT_EVENTS = {"FACEBOOK_WELCOME", "VIBER_WELCOME"}  # look like settings


def test_the_readme_begins_with_the_two_commands() -> None:
    first_block = re.search(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert first_block and first_block[1].splitlines() == ["make run", "make test"]
    assert README[: first_block.start()].count("\n#") == 0


def test_a_make_command_that_is_written_about_exists() -> None:
    mentioned = re.findall(r"(?:`|^)(?:[A-Z]+=\S+ )*make ([a-z-]+)", EVERYTHING, re.MULTILINE)
    assert set(mentioned) - TARGETS == set()


@pytest.mark.parametrize("name", DOCUMENTS, ids=str)
def test_a_link_leads_to_a_file_that_is_there(name: Path) -> None:
    links = re.findall(r"\[[^]\n]*\]\(([^)#\s]+)(?:#[^)]*)?\)", (ROOT / name).read_text())
    relative = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in relative if not _is_in_a_clone(name.parent / link)] == []


@pytest.mark.parametrize("name", DOCUMENTS, ids=str)
def test_a_link_into_a_page_leads_to_a_heading(name: Path) -> None:
    for link, anchor in re.findall(r"\[[^]\n]*\]\(([^)#\s:]*)#([^)]+)\)", (ROOT / name).read_text()):
        page = ROOT / name.parent / link if link else ROOT / name
        headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{link}#{anchor}"


def test_a_promised_setting_is_read_and_explained() -> None:
    explained = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert PROMISED_SETTINGS - {row.name for row in SETTINGS} == set()
    assert PROMISED_SETTINGS - set(explained) == set()


def test_a_setting_that_is_written_about_is_read() -> None:
    known = {row.name for row in SETTINGS}
    words = re.findall(
        r"`((?:FACEBOOK|VIBER|DIALOGFLOW|AUTOMATION|WEB|WORKER|SANDBOX)_[A-Z_]+)(?:=[^`]*)?`", EVERYTHING
    )
    assert {word.removesuffix("_FILE") for word in words} - known - AGENT_EVENTS == set()


def test_no_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    places = [str(place) for place in (ROOT, ROOT.parent / "shared", Path.home() / ".") if len(place.parts) > 2]
    texts = {name: (ROOT / name).read_bytes().decode(errors="replace") for name in files()}
    assert [name for name, text in texts.items() if any(place in text for place in places)] == []


@pytest.mark.parametrize("name", ["Makefile", "requirements.txt", "requirements-dev.txt", "supervisor/install.py"])
def test_where_packages_come_from_is_left_to_pips_own_configuration(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not any("-".join(words) in text for words in (("index", "url"), ("find", "links")))
    assert not re.search(r"https?://(?!127\.0\.0\.1)", text)


def test_every_setting_that_people_change_is_explained_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    named = {name.name for name in dataclasses.fields(PlatformSettings)} | {*SIMPLE, *PER_CHANNEL}
    assert {name for name in named if f"`{name}`" not in page} == set()
    defaults = dict(re.findall(r"^\| `(\w+)` \| `?(\w+)", page, re.MULTILINE))
    promised = {name: write_setting(getattr(PlatformSettings(), name)) or "none" for name in SIMPLE}
    assert {name: defaults.get(name) for name in SIMPLE} == promised
    assert {f"{{{{{name}}}}}" for name in (*VARIABLES, f"{FIELDS}ID")} - set(re.findall(r"`([^`]+)`", page)) == set()


def test_every_number_that_is_measured_is_explained_and_no_other() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text()
    named = {f"{one.name}_total" if one.kind == "counter" else one.name for one in (*MEASURED, *LOOKED_UP)}
    explained = set(re.findall(r"^\| `(markdone_[a-z_]+)", page, re.MULTILINE))
    assert explained == named == set(re.findall(r"\bmarkdone_[a-z_]+", page)) - {"markdone_api_token"}
    outcomes = {word for one in MEASURED for word in one.labels.get("outcome", ())}
    assert {word for word in outcomes if f"`{word}`" not in page} == set()


def _is_in_a_clone(path: Path) -> bool:
    target = Path(os.path.normpath(path))
    return any(file == target or file.is_relative_to(target) for file in files())  # an empty folder is not
