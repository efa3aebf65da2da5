import json

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer

from channels.connect import Line, Wiring, command, connect
from channels.facebook_registration import FIELDS
from tests.channels.contract import ANY_PATH, SECRET, closed_port
from tests.channels.test_facebook import PAGE, facebook
from tests.channels.test_viber import viber

PUBLIC = "https://shop.example.com"


def expect_success(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/42424242/subscriptions").respond_with_json({"success": True})
    httpserver.expect_request("/me/messenger_profile").respond_with_json({"result": "success"})
    httpserver.expect_request("/set_webhook").respond_with_json({"status": 0, "status_message": "ok"})
    httpserver.expect_request(ANY_PATH).respond_with_json({"success": True})


def connected(httpserver: HTTPServer, public_url: str = PUBLIC) -> list[Line]:
    url = httpserver.url_for("")
    return list(connect(facebook(url), [viber(url)], public_url, 8000, url))


def failures(lines: list[Line]) -> list[str]:
    return [line.text for line in lines if not line.is_ok]


def test_every_channel_is_told_where_we_listen(httpserver: HTTPServer) -> None:
    expect_success(httpserver)
    lines = connected(httpserver, f"{PUBLIC}/")
    assert not failures(lines)
    assert lines[0].text == f"Public address: {PUBLIC}"
    subscribed, page, button, *_, webhook = [request for request, _ in httpserver.log]
    assert subscribed.form.to_dict() == {
        "object": "page",
        "callback_url": f"{PUBLIC}/webhooks/facebook",
        "verify_token": "our-word",
        "fields": FIELDS,
        "include_values": "true",
    }
    assert subscribed.headers["Authorization"] == f"Bearer 42424242|{SECRET}"
    assert (page.path, page.args["subscribed_fields"]) == (f"/{PAGE}/subscribed_apps", FIELDS)
    assert page.headers["Authorization"] == "Bearer page-token-1"
    assert json.loads(button.data) == {"get_started": {"payload": "GET_STARTED"}}
    assert json.loads(webhook.data) == {
        "url": f"{PUBLIC}/webhooks/viber/shop",
        "event_types": ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"],
        "send_name": True,
        "send_photo": True,
    }


def test_each_page_is_subscribed_and_gets_its_button(httpserver: HTTPServer) -> None:
    expect_success(httpserver)
    connected(httpserver)
    paths = [request.path for request, _ in httpserver.log]
    assert len([path for path in paths if path.endswith("/subscribed_apps")]) == 2
    assert paths.count("/me/messenger_profile") == 2


def test_what_the_platform_says_is_shown_and_the_others_go_on(httpserver: HTTPServer) -> None:
    error = {"error": {"message": "Callback verification failed", "code": 2200}}
    httpserver.expect_request("/42424242/subscriptions").respond_with_json(error, status=400)
    expect_success(httpserver)
    lines = connected(httpserver)
    (failed,) = failures(lines)
    assert "Callback verification failed (2200)" in failed
    assert lines[-1].is_ok


def test_vibers_words_are_shown(httpserver: HTTPServer) -> None:
    answer = {"status": 1, "status_message": "java.net.ConnectException: Connection refused"}
    httpserver.expect_request("/set_webhook").respond_with_json(answer)
    expect_success(httpserver)
    (failed,) = failures(connected(httpserver))
    assert "Connection refused (status 1)" in failed


def test_a_failure_without_words_is_still_a_failure(httpserver: HTTPServer) -> None:
    httpserver.expect_request(ANY_PATH).respond_with_data("<html>", status=502)
    lines = connected(httpserver)
    assert len(failures(lines)) == len(lines) - 1
    assert all("502" in text for text in failures(lines))


def test_no_line_shows_a_token_even_if_the_platform_repeats_it(httpserver: HTTPServer) -> None:
    repeated = f"Malformed access token page-token-1 page-token-2 42424242|{SECRET} our-word"
    httpserver.expect_request("/set_webhook").respond_with_json({"status": 2, "status_message": f"no such {SECRET}"})
    httpserver.expect_request(ANY_PATH).respond_with_json({"error": {"message": repeated, "code": 190}}, status=400)
    failed = failures(connected(httpserver))
    assert "Malformed access token" in failed[0]
    assert "no such" in failed[-1]
    assert not [token for token in ("page-token", SECRET, "our-word") if token in "\n".join(failed)]


def test_a_platform_that_cannot_be_reached_is_named() -> None:
    with closed_port() as url:
        failed = failures(list(connect(facebook(url), [viber(url)], PUBLIC, 8000, url)))
    assert [text for text in failed if "FACEBOOK_GRAPH_URL" in text]
    assert [text for text in failed if "VIBER_API_URL" in text]


def test_missing_facebook_settings_are_named(httpserver: HTTPServer) -> None:
    expect_success(httpserver)
    (failed,) = failures(list(connect(facebook(httpserver.url_for(""), (), ""), [], PUBLIC, 8000, "")))
    assert "FACEBOOK_APP_SECRET, FACEBOOK_VERIFY_TOKEN" in failed


@pytest.mark.parametrize(
    "url",
    ["http://shop.example.com", "shop.example.com", "https://", "https://x?a=b", "https://me:hunter2@x", "http://[::1"],
)
def test_an_address_that_the_platforms_do_not_call_is_refused(httpserver: HTTPServer, url: str) -> None:
    (line,) = connected(httpserver, url)
    assert not line.is_ok
    assert "https" in line.text
    assert "hunter2" not in line.text
    assert not httpserver.log


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_plain_http_is_good_enough_on_this_machine(httpserver: HTTPServer, url: str) -> None:
    expect_success(httpserver)
    assert not failures(connected(httpserver, url))


def test_without_a_channel_the_settings_are_named() -> None:
    (line,) = connect(None, [], PUBLIC, 8000, "")
    assert not line.is_ok
    assert "FACEBOOK_PAGES" in line.text


def tunnel(public_url: str, addr: str) -> dict[str, object]:
    return {"name": "t", "public_url": public_url, "proto": public_url.split(":")[0], "config": {"addr": addr}}


@pytest.mark.parametrize("addr", ["http://localhost:8000", "localhost:8000", "8000", "http://127.0.0.1:8000"])
def test_the_address_is_found_at_the_ngrok_agent(httpserver: HTTPServer, addr: str) -> None:
    others = [tunnel("https://other.ngrok.app", "http://localhost:3000"), tunnel("http://a.ngrok.app", addr)]
    httpserver.expect_request("/api/tunnels").respond_with_json(
        {"tunnels": [*others, tunnel("https://a.ngrok.app", addr)]}
    )
    expect_success(httpserver)
    assert connected(httpserver, "")[0].text == "Public address: https://a.ngrok.app"


@pytest.mark.parametrize(
    ("tunnels", "words"),
    [
        ([], "no tunnel to port 8000"),
        ([tunnel("https://a.ngrok.app", "http://localhost:3000")], "no tunnel to port 8000"),
        ([tunnel("http://a.ngrok.app", "http://localhost:8000")], "not https"),
        ([tunnel("https://a.ngrok.app", "8000"), tunnel("https://b.ngrok.app", "8000")], "several"),
        ([None, {}, {"config": 7}, tunnel("https://a", "http://localhost:x")], "no tunnel to port 8000"),
    ],
)
def test_what_is_wrong_with_the_tunnels_is_said(httpserver: HTTPServer, tunnels: list[object], words: str) -> None:
    httpserver.expect_request("/api/tunnels").respond_with_json({"tunnels": tunnels})
    (line,) = connected(httpserver, "")
    assert not line.is_ok
    assert words in line.text


def test_without_an_ngrok_agent_both_ways_out_are_named() -> None:
    with closed_port() as url:
        (line,) = connect(facebook(), [], "", 8000, url)
    assert not line.is_ok
    assert "ngrok http 8000" in line.text
    assert "--public-url" in line.text


def test_the_command_exits_with_1_when_a_channel_failed(httpserver: HTTPServer) -> None:
    url = httpserver.url_for("")
    httpserver.expect_oneshot_request("/set_webhook").respond_with_json(
        {"status": 2, "status_message": "invalidAuthToken"}
    )
    httpserver.expect_request("/set_webhook").respond_with_json({"status": 0})
    run = command(lambda: Wiring(facebook=None, vibers=[viber(url)], public_url="http://ignored", port=8000))
    first = CliRunner().invoke(run, ["--public-url", PUBLIC])
    second = CliRunner().invoke(run, ["--public-url", PUBLIC])
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "invalidAuthToken" in first.output
    assert f"viber: ok bot shop: webhook {PUBLIC}/webhooks/viber/shop" in second.output
