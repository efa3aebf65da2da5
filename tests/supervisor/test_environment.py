"""Which settings a run adds to the person's own, and above all which it does not."""

from pathlib import Path

import pytest

from settings import Settings, load
from supervisor.environment import additions, merge, needs_sandbox, needs_sandbox_agent

REAL_PAGE = {
    "FACEBOOK_APP_SECRET": "own-app-secret",
    "FACEBOOK_VERIFY_TOKEN": "own-verify-token",
    "FACEBOOK_PAGES": "444555666:own-page-token",
}
REAL_BOT = {"VIBER_BOTS": "bakery:own-bot-token"}
REAL_AGENT = {"DIALOGFLOW_PROJECT_ID": "bakery-agent"}


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def result(tmp_path: Path, own: dict[str, str]) -> Settings:
    """Return the settings that the processes of a run would read."""
    added = additions(load(own, is_server=False), tmp_path, "unix:///tmp/x.sock")
    return load(merge(own, added))


def test_with_nothing_configured_the_platform_is_wired_to_the_sandbox(tmp_path: Path) -> None:
    settings = result(tmp_path, {"SANDBOX_PORT": "9100"})
    assert settings.facebook_graph_url == "http://127.0.0.1:9100/graph/v25.0"
    assert settings.viber_api_url == "http://127.0.0.1:9100/viber/pa"
    assert settings.dialogflow_endpoint == "http://127.0.0.1:9101"
    assert settings.dialogflow_project_id == "sandbox"
    assert len(settings.facebook_pages) == len(settings.viber_bots) == 1
    assert settings.facebook_app_id and settings.facebook_app_secrets and settings.dialogflow_fulfillment_tokens


@pytest.mark.parametrize("own", [REAL_PAGE, REAL_BOT, REAL_PAGE | REAL_BOT], ids=["page", "bot", "both"])
def test_a_real_channel_gets_nothing_of_the_sandbox_not_even_its_agent(tmp_path: Path, own: dict[str, str]) -> None:
    settings = load(own, is_server=False)
    assert not needs_sandbox(settings) and not needs_sandbox_agent(settings)
    added = additions(settings, tmp_path, "unix:///tmp/x.sock")
    assert set(added) == {"DATA_DIR", "REDIS_URL", "SECRET_KEY_FILE", "API_TOKEN_FILE", "METRICS_DIR"}


def test_a_real_agent_answers_the_sandboxs_phones(tmp_path: Path) -> None:
    settings = result(tmp_path, REAL_AGENT)
    assert settings.dialogflow_project_id == "bakery-agent"
    assert settings.dialogflow_endpoint == ""
    assert settings.dialogflow_fulfillment_tokens == ()
    assert "127.0.0.1" in settings.facebook_graph_url


def test_what_the_person_set_stays_as_it_is(tmp_path: Path) -> None:
    own = {
        "SECRET_KEY": "own-secret-key-of-enough-length",
        "API_TOKEN": "own-api-token-of-enough-length",
        "FACEBOOK_APP_ID": "7007007",
        "FACEBOOK_APP_SECRET": "own-app-secret",
        "DIALOGFLOW_FULFILLMENT_TOKEN": "own-fulfillment-token",
    }
    settings = result(tmp_path, own)
    assert settings.secret_keys == (own["SECRET_KEY"],)
    assert settings.api_tokens == (own["API_TOKEN"],)
    assert settings.facebook_app_id == own["FACEBOOK_APP_ID"]
    assert settings.facebook_app_secrets == (own["FACEBOOK_APP_SECRET"],)
    assert settings.dialogflow_fulfillment_tokens == (own["DIALOGFLOW_FULFILLMENT_TOKEN"],)


def test_an_added_setting_replaces_both_forms_of_it() -> None:
    own = {"A": "own", "B_FILE": "own.txt", "C": "own"}
    assert merge(own, {"A_FILE": "/run/a", "B": "added"}) == {"A_FILE": "/run/a", "B": "added", "C": "own"}


def test_no_secret_stands_in_the_environment_itself(tmp_path: Path) -> None:
    added = additions(load({}, is_server=False), tmp_path, "unix:///tmp/x.sock")
    kept = [file.read_text().strip() for file in (tmp_path / "secrets").iterdir()]
    assert kept and not [value for value in added.values() if value in kept]
