"""Settings: what is accepted, what stops the start, and that no problem shows a secret."""

import json
from pathlib import Path

import pytest

import settings
from domain.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / ".env.example"
KEY = "k" * 16
SERVER = {"REDIS_URL": "redis://127.0.0.1:6379/0", "SECRET_KEY": KEY, "API_TOKEN": "t" * 16}
ACCOUNT = json.dumps(
    {
        "type": "service_account",
        "client_email": "bot@florist-77.iam.gserviceaccount.com",
        "private_key": "no key",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
)


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tests run where there is no .env unless they write one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(**environ: str) -> list[str]:
    """The sentences that loading `environ`, on top of what a server needs, stops with."""
    with pytest.raises(ConfigError) as caught:
        settings.load({**SERVER, **environ})
    return caught.value.problems


def test_a_server_starts_with_three_settings_and_defaults_for_the_rest() -> None:
    loaded = settings.load(SERVER)
    assert loaded == settings.Settings(
        redis_url="redis://127.0.0.1:6379/0", secret_keys=(KEY,), api_tokens=("t" * 16,), data_dir=Path("data")
    )
    assert (loaded.partitions, loaded.port, loaded.sandbox_port, loaded.dialogflow_language) == (16, 8000, 8001, "en")


def test_every_missing_setting_is_named_at_once_and_says_what_to_do() -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load({})
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["REDIS_URL", "SECRET_KEY", "API_TOKEN"]
    assert all("make run" in problem for problem in caught.value.problems)


def test_what_is_not_a_server_needs_no_settings() -> None:
    assert settings.load({}, is_server=False) == settings.Settings()


def test_every_setting_fills_its_attribute() -> None:
    loaded = settings.load(
        {
            "REDIS_URL": "rediss://:pass@redis.example.com/1?ssl_cert_reqs=none",
            "DATA_DIR": "/tmp/there-is-no-such-directory",
            "SECRET_KEY": f"{KEY}new, {KEY}old",
            "API_TOKEN": KEY,
            "PUBLIC_URL": "https://desk.example.com/",
            "FACEBOOK_APP_ID": "55501",
            "FACEBOOK_APP_SECRET": "newer,older",
            "FACEBOOK_VERIFY_TOKEN": "tulips",
            "FACEBOOK_PAGES": "9001:page-token|a:b, 9002:another",
            "FACEBOOK_GRAPH_URL": "http://127.0.0.1:8001/graph/",
            "VIBER_BOTS": "florist:aaa-bbb,florist-2:ccc",
            "VIBER_API_URL": "http://127.0.0.1:8001/viber",
            "DIALOGFLOW_PROJECT_ID": "florist-77",
            "DIALOGFLOW_LOCATION": "europe-west2",
            "DIALOGFLOW_ENVIRONMENT": "production",
            "DIALOGFLOW_LANGUAGE": "pt-BR",
            "DIALOGFLOW_CREDENTIALS": ACCOUNT,
            "DIALOGFLOW_ENDPOINT": "http://127.0.0.1:8002",
            "DIALOGFLOW_FULFILLMENT_TOKEN": KEY,
            "AUTOMATION_HOSTS": "CRM.internal, 10.0.0.5:8080,[fd00::5]:8443",
            "PARTITIONS": "64",
            "WEB_CONCURRENCY": "3",
            "WEB_THREADS": "8",
            "WORKER_THREADS": "32",
            "METRICS_DIR": "/tmp/there-is-no-such-directory-either",
            "WORKER_METRICS_PORT": "9102",
            "LOG_LEVEL": "debug",
            "PORT": "9000",
            "SANDBOX_PORT": "9100",
        }
    )
    assert loaded == settings.Settings(
        redis_url="rediss://:pass@redis.example.com/1?ssl_cert_reqs=none",
        data_dir=Path("/tmp/there-is-no-such-directory"),
        secret_keys=(f"{KEY}new", f"{KEY}old"),
        api_tokens=(KEY,),
        public_url="https://desk.example.com",
        facebook_app_id="55501",
        facebook_app_secrets=("newer", "older"),
        facebook_verify_token="tulips",
        facebook_pages={"9001": "page-token|a:b", "9002": "another"},
        facebook_graph_url="http://127.0.0.1:8001/graph",
        viber_bots={"florist": "aaa-bbb", "florist-2": "ccc"},
        viber_api_url="http://127.0.0.1:8001/viber",
        dialogflow_project_id="florist-77",
        dialogflow_location="europe-west2",
        dialogflow_environment="production",
        dialogflow_language="pt-BR",
        dialogflow_credentials=ACCOUNT,
        dialogflow_endpoint="http://127.0.0.1:8002",
        dialogflow_fulfillment_tokens=(KEY,),
        automation_hosts=frozenset({"crm.internal", "10.0.0.5:8080", "[fd00::5]:8443"}),
        partitions=64,
        web_concurrency=3,
        web_threads=8,
        worker_threads=32,
        metrics_dir=Path("/tmp/there-is-no-such-directory-either"),
        worker_metrics_port=9102,
        log_level="DEBUG",
        port=9000,
        sandbox_port=9100,
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("REDIS_URL", "http://127.0.0.1", "redis://"),
        ("REDIS_URL", "redis://", "redis://"),
        ("REDIS_URL", "redis://127.0.0.1/first", "redis://"),
        ("REDIS_URL", "redis://:pa/ss@host:6379", "well-formed"),
        ("REDIS_URL", "unix://", "unix:///"),
        ("SECRET_KEY", "short", "at least 16"),
        ("SECRET_KEY", f"{KEY},{KEY}", "twice"),
        ("SECRET_KEY", f"{KEY}a,{KEY}b,{KEY}c", "at most 2"),
        ("SECRET_KEY", f"{KEY},", "empty part"),
        ("API_TOKEN", "with a space in the middle", "space"),
        ("DIALOGFLOW_FULFILLMENT_TOKEN", "short", "at least 16"),
        ("PUBLIC_URL", "http://desk.example.com", "https://"),
        ("PUBLIC_URL", "desk.example.com", "https://"),
        ("PUBLIC_URL", "https://desk.example.com/?a=1", "query"),
        ("FACEBOOK_APP_ID", "my-app", "digits"),
        ("FACEBOOK_PAGES", "9001", "pair 1"),
        ("FACEBOOK_PAGES", "9001:a,flowers:b", "pair 2"),
        ("FACEBOOK_PAGES", "9001:a,9001:b", "earlier"),
        ("FACEBOOK_GRAPH_URL", "graph.facebook.com", "https://"),
        ("VIBER_BOTS", "Florist:aaa", "bot's name"),
        ("VIBER_BOTS", "florist:", "name:token"),
        ("VIBER_BOTS", f"{'x' * 33}:aaa", "bot's name"),
        ("VIBER_API_URL", "https://exa mple.com", "well-formed"),
        ("DIALOGFLOW_PROJECT_ID", "florist/agent", "project"),
        ("DIALOGFLOW_LOCATION", "evil.example.com/", "region"),
        ("DIALOGFLOW_ENVIRONMENT", "a/b", "environment"),
        ("DIALOGFLOW_LANGUAGE", "english please", "language"),
        ("DIALOGFLOW_CREDENTIALS", "{", "JSON"),
        ("DIALOGFLOW_CREDENTIALS", "[" * 100_000, "JSON"),
        ("DIALOGFLOW_CREDENTIALS", '{"type": "authorized_user"}', "service_account"),
        ("DIALOGFLOW_CREDENTIALS", '{"type": "service_account"}', "private_key"),
        ("DIALOGFLOW_ENDPOINT", "https://127.0.0.1:8002", "host:port"),
        ("DIALOGFLOW_ENDPOINT", "dialogflow.example.com", "host:port"),
        ("DIALOGFLOW_ENDPOINT", "127.0.0.1:99999", "host:port"),
        ("AUTOMATION_HOSTS", "http://crm.internal", "entry 1"),
        ("AUTOMATION_HOSTS", "crm.internal,10.0.0.5/hook", "entry 2"),
        ("AUTOMATION_HOSTS", "crm.internal:99999", "entry 1"),
        ("AUTOMATION_HOSTS", "*", "host:port"),
        ("AUTOMATION_HOSTS", "crm.internal,", "empty part"),
        ("PARTITIONS", "0", "1 to 64"),
        ("PARTITIONS", "65", "1 to 64"),
        ("WEB_THREADS", "four", "whole number"),
        ("WORKER_THREADS", "1.5", "whole number"),
        ("WEB_CONCURRENCY", "true", "whole number"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("PORT", "70000", "65534"),
        ("SANDBOX_PORT", "8000", "PORT"),
    ],
)
def test_a_bad_value_stops_the_start_and_says_what_is_wrong(name: str, text: str, words: str) -> None:
    others = {"FACEBOOK_APP_SECRET": "s", "FACEBOOK_VERIFY_TOKEN": "v", "DIALOGFLOW_PROJECT_ID": "florist-77"}
    (problem,) = problems(**{**others, name: text})
    assert problem.startswith(f"{name}: ")
    assert words in problem
    assert "; example: " in problem


def test_all_problems_are_reported_together() -> None:
    found = problems(PORT="x", PARTITIONS="y", REDIS_URL="z", SECRET_KEY="short")
    assert [problem.split(":")[0] for problem in found] == ["REDIS_URL", "SECRET_KEY", "PARTITIONS", "PORT"]


def test_no_problem_and_no_repr_shows_a_secret() -> None:
    hush = "hush5ecret"
    shown = problems(
        REDIS_URL=f"redis://:{hush}/{hush}@host:{hush}",
        SECRET_KEY=hush,
        API_TOKEN=f"{hush} {hush} {hush}",
        FACEBOOK_PAGES=f"{hush}:{hush}",
        VIBER_BOTS=f"{hush} {hush}:{hush}",
        DIALOGFLOW_CREDENTIALS=f'{{"private_key": "{hush}"}}',
    )
    loaded = settings.load(
        {
            "REDIS_URL": f"redis://:{hush}@127.0.0.1",
            "SECRET_KEY": hush * 2,
            "API_TOKEN": hush * 3,
            "FACEBOOK_APP_SECRET": hush,
            "FACEBOOK_VERIFY_TOKEN": hush,
            "FACEBOOK_PAGES": f"9001:{hush}",
            "VIBER_BOTS": f"florist:{hush}",
            "DIALOGFLOW_PROJECT_ID": "florist-77",
            "DIALOGFLOW_CREDENTIALS": ACCOUNT.replace("no key", hush),
            "DIALOGFLOW_FULFILLMENT_TOKEN": hush * 2,
        }
    )
    assert len(shown) >= 6
    assert hush not in "\n".join(shown) + repr(loaded) + str(loaded)


def test_pages_need_an_app_secret_and_a_verify_token() -> None:
    found = problems(FACEBOOK_PAGES="9001:token")
    assert [problem.split(":")[0] for problem in found] == ["FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN"]


def test_an_agents_endpoint_needs_its_project() -> None:
    (problem,) = problems(DIALOGFLOW_ENDPOINT="127.0.0.1:8002")
    assert problem.startswith("DIALOGFLOW_PROJECT_ID: ")


def test_a_bad_value_is_not_also_called_missing() -> None:
    (problem,) = problems(FACEBOOK_PAGES="9001:t", FACEBOOK_VERIFY_TOKEN="v", FACEBOOK_APP_SECRET="a,b,c")
    assert "at most 2" in problem


def test_plain_http_is_allowed_as_public_address_of_this_machine_only() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert settings.load({**SERVER, "PUBLIC_URL": f"http://{host}:8000"}).public_url == f"http://{host}:8000"


def test_the_sandbox_is_one_port_further_unless_set() -> None:
    assert settings.load({**SERVER, "PORT": "9000"}).sandbox_port == 9001


def test_global_is_the_same_as_no_location() -> None:
    assert settings.load({**SERVER, "DIALOGFLOW_LOCATION": "global"}).dialogflow_location == ""


def test_the_environment_goes_before_the_env_file(empty_directory: Path) -> None:
    (empty_directory / ".env").write_text("PORT=9000\nLOG_LEVEL=ERROR\nFACEBOOK_VERIFY_TOKEN='a${PORT}b'\n")
    loaded = settings.load({**SERVER, "PORT": "9500", "LOG_LEVEL": " "})
    assert (loaded.port, loaded.log_level, loaded.facebook_verify_token) == (9500, "ERROR", "a${PORT}b")


def test_the_processs_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_THREADS", "7")
    assert settings.load(is_server=False).worker_threads == 7


def test_an_env_file_that_cannot_be_read_is_a_problem(empty_directory: Path) -> None:
    (empty_directory / ".env").write_bytes(b"PORT=\xff\xfe\n")
    (problem,) = problems()
    assert problem.startswith(".env: ")


def test_a_secret_can_come_from_a_file(empty_directory: Path) -> None:
    (empty_directory / "key").write_text(f"\n{KEY}from-file\n")
    environ = {**SERVER, "SECRET_KEY": "", "SECRET_KEY_FILE": str(empty_directory / "key")}
    assert settings.load(environ).secret_keys == (f"{KEY}from-file",)


def test_a_file_in_the_environment_goes_before_a_value_in_the_env_file(empty_directory: Path) -> None:
    (empty_directory / "token").write_text("from-file")
    (empty_directory / ".env").write_text("FACEBOOK_VERIFY_TOKEN=from-env-file\n")
    loaded = settings.load({**SERVER, "FACEBOOK_VERIFY_TOKEN_FILE": "token"})
    assert loaded.facebook_verify_token == "from-file"


def test_a_secrets_file_that_is_missing_empty_or_one_too_many_is_a_problem(empty_directory: Path) -> None:
    (empty_directory / "empty").write_text("\n")
    for environ, words in (
        ({"VIBER_BOTS_FILE": "nowhere"}, "cannot be read"),
        ({"VIBER_BOTS_FILE": "empty"}, "is empty"),
        ({"VIBER_BOTS_FILE": "empty", "VIBER_BOTS": "a:b"}, "set twice"),
    ):
        (problem,) = problems(**environ)
        assert problem.startswith("VIBER_BOTS: ")
        assert words in problem


def test_the_example_names_every_setting_and_sets_none() -> None:
    lines = EXAMPLE.read_text().splitlines()
    named = {line[1:].split("=")[0] for line in lines if line.startswith("#") and not line.startswith("# ")}
    assert named == {setting.name for setting in settings.SETTINGS}
    assert all(not line or line.startswith("#") for line in lines)


def test_the_examples_in_the_table_can_be_read_where_they_are_values() -> None:
    in_words = ("what `openssl", "the ", "a word")
    for setting in settings.SETTINGS:
        if not setting.example.startswith(in_words):
            setting.read(setting.example)
