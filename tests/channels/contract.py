"""The tests that each channel must pass; test_facebook.py and test_viber.py subclass ChannelContract."""

import hashlib
import hmac
import json
import re
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from channels.base import Channel
from domain.errors import BadPayload, BadSignature, ChannelError, Outcome
from domain.events import Event, MessageReceived
from domain.identities import Identity

FIXTURES = Path(__file__).parents[1] / "fixtures"
SECRET = "the-secret-of-the-account"
ANY_PATH = re.compile("/")


def fixture(kind: str, name: str) -> bytes:
    return (FIXTURES / kind / f"{name}.json").read_bytes()


def fixtures(kind: str) -> list[str]:
    return sorted(path.stem for path in (FIXTURES / kind).glob("*.json"))


def digest(raw: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


@contextmanager
def server_that_hangs_up() -> Iterator[str]:
    """Reads a request and closes the connection without a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@contextmanager
def server_that_answers_nonsense() -> Iterator[str]:
    """Answers anything with a page that is no JSON."""
    with HTTPServer() as server:
        server.expect_request(ANY_PATH).respond_with_data("<html>Hm</html>")
        yield server.url_for("")


@contextmanager
def server_of_odd_profiles() -> Iterator[str]:
    """Answers anything with a profile in which nothing is what it should be."""
    with HTTPServer() as server:
        server.expect_request(ANY_PATH).respond_with_json(
            {"first_name": [1], "last_name": {}, "name": None, "error": 7}
        )
        yield server.url_for("")


@contextmanager
def closed_port() -> Iterator[str]:
    """Holds a port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


class ChannelContract(ABC):
    kind: str
    identity: Identity

    @abstractmethod
    def channel(self, url: str = "http://127.0.0.1:9", secret: str = SECRET) -> Channel: ...

    @abstractmethod
    def signed(self, signature: str) -> Mapping[str, str]: ...

    @abstractmethod
    def message(self, text: str) -> dict[str, Any]:
        """Return a webhook body with one text message of the contact."""

    # Signatures

    def test_a_body_signed_with_the_secret_is_accepted(self) -> None:
        raw = b'{"text": "\xd1\x82\xd0\xbe\xd1\x80\xd1\x82\xd0\xb0"}'
        self.channel().verify(raw, self.signed(digest(raw)))

    @pytest.mark.parametrize(
        "signature", ["", "garbage", digest(b"{}").upper(), digest(b"{}")[:-1], digest(b"{}", "other"), "é" * 64]
    )
    def test_any_other_signature_is_refused(self, signature: str) -> None:
        with pytest.raises(BadSignature):
            self.channel().verify(b"{}", self.signed(signature))

    def test_a_body_without_a_signature_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.channel().verify(b"{}", {})

    def test_a_body_that_was_changed_on_the_way_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.channel().verify(b'{"a":1}', self.signed(digest(b'{"a": 1}')))

    def test_without_a_secret_nothing_is_accepted(self) -> None:
        with pytest.raises(BadSignature):
            self.channel(secret="").verify(b"{}", self.signed(digest(b"{}", "")))

    # Parsing

    def test_each_fixture_is_read_and_reads_the_same_again(self) -> None:
        for name in fixtures(self.kind):
            events = self.channel().parse(fixture(self.kind, name))
            assert events, name
            assert events == self.channel().parse(fixture(self.kind, name)), name

    def test_different_events_have_different_native_ids(self) -> None:
        native_ids: dict[str, str] = {}
        for name in fixtures(self.kind):
            for event in self.channel().parse(fixture(self.kind, name)):
                if isinstance(event, Event):
                    native_id = event.native_id
                    said = json.dumps([event.kind, getattr(event, "external_id", ""), repr(event.sent_at_ms)])
                    assert native_id
                    assert native_ids.setdefault(native_id, said) == said, name

    @pytest.mark.parametrize(
        "raw",
        [b"", b"{", b"[]", b"null", b"7", b'"text"', b'{"a": NaN}', b'{"a": Infinity}', b"[" * 100_000, b"\x00\xff"],
    )
    def test_what_is_not_a_json_object_is_a_bad_payload(self, raw: bytes) -> None:
        with pytest.raises(BadPayload):
            self.channel().parse(raw)

    @pytest.mark.parametrize("depth", [300, 1000, 100_000])
    def test_deep_nesting_is_read_or_is_a_bad_payload(self, depth: int) -> None:
        whole = json.dumps({**self.message("hi"), "deep": 0}).encode()
        raw = whole.replace(b'"deep": 0', b'"deep": ' + b"[" * depth + b"]" * depth)
        if depth < 500:
            assert self.channel().parse(raw) == self.channel().parse(whole)
        elif depth > 1000:
            with pytest.raises(BadPayload):
                self.channel().parse(raw)
        else:
            with suppress(BadPayload):
                assert self.channel().parse(raw) == self.channel().parse(whole)

    @pytest.mark.parametrize(("sent", "kept"), [("a\x00b", "ab"), ("a\ud800b", "ab"), ("a\nb", "a\nb"), ("🎂", "🎂")])
    def test_text_is_kept_without_what_cannot_be_stored(self, sent: str, kept: str) -> None:
        (event,) = self.channel().parse(json.dumps(self.message(sent)).encode())
        assert isinstance(event, MessageReceived)
        assert event.text == kept

    @pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 5000, b"99999999999999999999999"])
    def test_a_number_beyond_any_range_costs_only_itself(self, number: bytes) -> None:
        raw = json.dumps({**self.message("hi"), "new": 0}).encode().replace(b'"new": 0', b'"new": ' + number)
        (event,) = self.channel().parse(raw)
        assert isinstance(event, MessageReceived)
        assert event.text == "hi"

    # Sending

    def test_a_refused_connection_may_be_tried_again(self) -> None:
        with closed_port() as url:
            assert self._failure(url).outcome is Outcome.RETRY

    def test_a_connection_that_breaks_after_sending_is_ambiguous(self) -> None:
        with server_that_hangs_up() as url:
            assert self._failure(url).outcome is Outcome.AMBIGUOUS

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"{}", b"[]", b'{"message_id": null}', b"{" + b" " * 70_000 + b"}"]
    )
    def test_a_success_without_the_documented_body_is_ambiguous(self, httpserver: HTTPServer, body: bytes) -> None:
        httpserver.expect_request(ANY_PATH).respond_with_data(body)
        assert self._failure(httpserver.url_for("")).outcome is Outcome.AMBIGUOUS

    @pytest.mark.parametrize("status", [400, 404, 500, 502, 503])
    def test_an_error_page_may_be_tried_again(self, httpserver: HTTPServer, status: int) -> None:
        httpserver.expect_request(ANY_PATH).respond_with_data("<html>Sorry</html>", status=status)
        assert self._failure(httpserver.url_for("")).outcome is Outcome.RETRY

    def test_a_redirect_is_not_followed(self, httpserver: HTTPServer) -> None:
        elsewhere = {"Location": httpserver.url_for("/elsewhere")}
        httpserver.expect_request(ANY_PATH).respond_with_data(status=307, headers=elsewhere)
        assert self._failure(httpserver.url_for("")).outcome is Outcome.RETRY
        assert len(httpserver.log) == 1

    def test_a_text_that_is_too_long_is_refused_and_never_cut(self, httpserver: HTTPServer) -> None:
        channel = self.channel(httpserver.url_for(""))
        with pytest.raises(ChannelError) as caught:
            channel.send_text(self.identity, "x" * (channel.max_text_chars + 1), "")
        assert caught.value.outcome is Outcome.PERMANENT
        assert not httpserver.log

    def test_no_error_shows_a_secret(self) -> None:
        with closed_port() as url:
            error = self._failure(url)
        shown = f"{error!r} {error} {error.__cause__!r}"
        assert SECRET not in shown
        assert error.__suppress_context__

    # Files

    def test_a_file_that_could_not_be_sent_means_what_a_text_would(self, httpserver: HTTPServer) -> None:
        with closed_port() as url:
            assert self._file_failure(url).outcome is Outcome.RETRY
        with server_that_hangs_up() as url:
            assert self._file_failure(url).outcome is Outcome.AMBIGUOUS
        httpserver.expect_oneshot_request(ANY_PATH).respond_with_data("{}")
        assert self._file_failure(httpserver.url_for("")).outcome is Outcome.AMBIGUOUS
        httpserver.expect_oneshot_request(ANY_PATH).respond_with_data("<html>Sorry</html>", status=502)
        assert self._file_failure(httpserver.url_for("")).outcome is Outcome.RETRY

    @pytest.mark.parametrize("kind", ["image", "audio", "video", "file"])
    def test_a_file_beyond_the_limit_of_its_kind_is_refused_before_anything_is_sent(
        self, httpserver: HTTPServer, kind: str
    ) -> None:
        limit_bytes = self.channel().file_limit_bytes(kind)
        assert limit_bytes > 5 * 1024 * 1024, "what we keep must be small enough to be sent"
        for size_bytes in (limit_bytes + 1, 0, -1):
            assert self._file_failure(httpserver.url_for(""), kind, size_bytes).outcome is Outcome.PERMANENT
        assert not httpserver.log

    def test_a_kind_that_nobody_knows_is_refused_before_anything_is_sent(self, httpserver: HTTPServer) -> None:
        assert self.channel().file_limit_bytes("template") == 0
        assert self._file_failure(httpserver.url_for(""), "template", 1).outcome is Outcome.PERMANENT
        assert not httpserver.log

    @pytest.mark.parametrize(
        ("url", "is_here"),
        [
            ("http://127.0.0.1:8001/api", True),
            ("http://localhost:8001", True),
            ("https://api.example.com", False),
            ("https://127.0.0.1.example.com", False),
        ],
    )
    def test_it_knows_whether_a_stand_in_plays_its_platform(self, url: str, is_here: bool) -> None:
        assert self.channel(url).is_on_this_machine is is_here

    # Typing

    def test_typing_that_could_not_be_shown_is_a_channel_error_and_nothing_else(self) -> None:
        for server in (closed_port, server_that_answers_nonsense):
            with server() as url, suppress(ChannelError):
                self.channel(url).show_typing(self.identity)

    # Profiles

    def test_a_profile_is_told_or_not_or_a_channel_error_and_nothing_else(self) -> None:
        for server in (closed_port, server_that_answers_nonsense, server_of_odd_profiles):
            with server() as url, suppress(ChannelError):
                assert self.channel(url).fetch_profile(self.identity) is None

    def _failure(self, url: str) -> ChannelError:
        return self._raised(lambda: self.channel(url).send_text(self.identity, "Yes, we do", ""))

    def _file_failure(self, url: str, kind: str = "file", size_bytes: int = 7) -> ChannelError:
        address = "https://files.example.com/a.pdf"
        return self._raised(lambda: self.channel(url).send_file(self.identity, address, "a.pdf", kind, size_bytes, ""))

    @staticmethod
    def _raised(send: Callable[[], object]) -> ChannelError:
        with pytest.raises(ChannelError) as caught:
            send()
        return caught.value
