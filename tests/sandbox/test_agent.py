import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandbox.agent import SAMPLE_AGENT, read_agent
from sandbox.agent_zip import agent_zip, write_agent_zip


def parameters(name: str) -> dict[str, str]:
    found = next(intent for intent in read_agent().intents if intent.name == name)
    return {parameter.name: parameter.value for parameter in found.parameters}


def test_every_file_of_the_sample_agent_is_read_and_every_intent_says_something() -> None:
    agent = read_agent()
    files = [path for path in (SAMPLE_AGENT / "intents").glob("*.json") if "_usersays_" not in path.name]
    assert len(agent.intents) == len(files) >= 7
    assert all(intent.messages for intent in agent.intents)
    assert all(intent.phrases for intent in agent.intents if not intent.is_fallback)
    assert len({intent.id for intent in agent.intents}) == len(files)


def test_the_sample_agent_shows_each_parameter_that_the_platform_obeys() -> None:
    assert parameters("thanks") == {"RB_MARKDONE": "true"}
    handover = parameters("talk to a human")
    assert handover["RB_BOTSTATUS"] == "false"
    assert "person" in handover["RB_NOTIFY"]


def test_the_sample_agent_shows_fulfillment_tabs_and_both_ways_of_welcoming() -> None:
    intents = {intent.name: intent for intent in read_agent().intents}
    assert {name for name, intent in intents.items() if intent.uses_webhook} == {"thanks", "order status"}
    events = set().union(*(intent.events for intent in intents.values()))
    assert events == {"WELCOME", "FACEBOOK_WELCOME"}  # VIBER_WELCOME has none, so that WELCOME is asked
    tabs = {message.get("platform") for message in intents["what I can do"].messages}
    assert tabs == {None, "facebook", "viber"}


def test_a_broken_intent_is_named(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "agent.json").write_text('{"language": "en"}')
    (tmp_path / "intents" / "odd.json").write_text('{"name": "odd"}')
    with pytest.raises(ValueError, match=r"odd\.json"):
        read_agent(tmp_path)


def test_an_intent_switched_off_in_the_console_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "agent.json").write_text('{"language": "en"}')
    (tmp_path / "intents" / "off.json").write_text('{"id": "1", "name": "off", "priority": -1}')
    assert read_agent(tmp_path).intents == ()


def test_the_zip_holds_the_same_agent_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    write_agent_zip(tmp_path / "one.zip")
    write_agent_zip(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert read_agent(tmp_path / "unpacked").intents == read_agent().intents


def test_agent_zip_writes_the_webhook_address_and_no_secret(tmp_path: Path) -> None:
    output = tmp_path / "agent.zip"
    result = CliRunner().invoke(agent_zip, ["--output", str(output), "--url", "https://shop.example.com/"])
    assert result.exit_code == 0, result.output
    webhook = json.loads(zipfile.ZipFile(output).read("agent.json"))["webhook"]
    assert webhook["url"] == "https://shop.example.com/dialogflow/fulfillment"
    assert webhook["available"] is True
    assert not webhook["headers"]
    assert not webhook["username"]


def test_agent_zip_refuses_an_address_that_dialogflow_would_not_call(tmp_path: Path) -> None:
    result = CliRunner().invoke(agent_zip, ["--output", str(tmp_path / "a.zip"), "--url", "http://shop.example.com"])
    assert result.exit_code == 2
    assert "https" in result.output
    assert not (tmp_path / "a.zip").exists()
