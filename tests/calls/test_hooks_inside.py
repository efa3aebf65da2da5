"""Calls of automations never reach a private network, whatever the address looks like and wherever its name leads."""

import datetime
import ssl

import pytest

from calls.hooks import Hooks
from domain.errors import HookError
from tests.calls.internet import PUBLIC, Authority, Names, Wires, authority, website, wires

__all__ = ["authority", "wires"]  # fixtures
NAME = "shop.example"
URL = f"https://{NAME}/"


def failure(url: str, hooks: Hooks) -> HookError:
    with pytest.raises(HookError) as caught:
        hooks.call(url, {}, "d-1")
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        *(["127.0.0.1"], ["10.0.0.5"], ["169.254.169.254"], ["100.100.100.200"], ["0.0.0.0"], ["::1"], ["fd00::5"]),
        *(["::ffff:10.0.0.5"], ["64:ff9b::a00:5"]),
        *([PUBLIC, "127.0.0.1"], ["fe80::1", PUBLIC]),
    ],
    ids=" and ".join,
)
def test_a_name_with_an_internal_address_is_not_called(wires: Wires, answer: list[str]) -> None:
    error = failure(URL, Hooks(resolve=Names([answer])))
    assert (error.reason, error.is_permanent) == ("internal_address", True)
    assert "AUTOMATION_HOSTS" in error.words
    assert wires.tried == []


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "127.0.0.1.", "[::1]", "[::]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]"),
        *("１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "127%2e0%2e0%2e1", "169.254.169.254", "localhost", "LOCALHOST."),
    ],
)
def test_no_spelling_of_an_internal_address_is_called(wires: Wires, host: str) -> None:
    for url in (f"https://{host}/", f"https://{host}:443/latest", f"HTTPS://{host}"):
        error = failure(url, Hooks())
        assert error.reason in ("internal_address", "bad_url", "unknown_host")
    assert wires.tried == []


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "https://", "https:///path", "https://[::1", "https://exa mple.com/", f"https://{NAME}:0/"),
        *(f"https://{NAME}:99999/", f"https://{NAME}:port/", f"https://{NAME}/\r\nHost: other", f" https://{NAME}/"),
        *(f"https://alice:pass@{NAME}/", f"https://{NAME}@127.0.0.1/"),
        *(f"https://{NAME}\\@127.0.0.1/", f"https:\\\\{NAME}/", f"https://{NAME}\t/"),
    ],
)
def test_an_odd_address_is_refused_before_anything_is_looked_up(wires: Wires, url: str) -> None:
    names = Names([[PUBLIC]])
    error = failure(url, Hooks(resolve=names))
    assert error.is_permanent and error.reason in ("bad_url", "not_https")
    assert (names.looked_up, wires.tried) == ([], [])


@pytest.mark.parametrize(
    "url", [f"http://{NAME}/", f"HTTP://{NAME}:443/", f"ftp://{NAME}/", f"//{NAME}/", f"file://{NAME}/a"]
)
def test_nothing_but_https_is_called(wires: Wires, url: str) -> None:
    error = failure(url, Hooks(resolve=Names([[PUBLIC]])))
    assert (error.reason, error.is_permanent) == ("not_https", True)
    assert wires.tried == []


def test_a_name_is_looked_up_once_and_what_was_judged_is_called(wires: Wires, authority: Authority) -> None:
    names = Names([[PUBLIC], ["127.0.0.1"]])
    hooks = Hooks(resolve=names)
    with website(authority.certify(NAME)) as shop:
        wires.leads_to = {PUBLIC: (shop.host, shop.port)}
        assert hooks.call(URL, {}, "d-1") == 200
        assert (names.looked_up, wires.tried) == ([NAME], [PUBLIC])
        assert failure(URL, hooks).reason == "internal_address"  # the name has moved inside meanwhile
        assert (names.looked_up, wires.tried) == ([NAME, NAME], [PUBLIC])
        assert len(shop.log) == 1


def test_the_next_address_is_tried_where_the_first_one_is_down(wires: Wires, authority: Authority) -> None:
    with website(authority.certify(NAME)) as shop:
        wires.leads_to = {PUBLIC: (shop.host, shop.port)}
        assert Hooks(resolve=Names([["8.8.8.8", PUBLIC]])).call(URL, {}, "d-1") == 200
    assert wires.tried == ["8.8.8.8", PUBLIC]


def test_the_other_side_hears_the_name_not_the_address(wires: Wires, authority: Authority) -> None:
    context, heard = authority.certify(NAME), []

    def hear(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        heard.append(name)

    context.sni_callback = hear
    with website(context) as shop:
        wires.leads_to = {PUBLIC: (shop.host, shop.port)}
        assert Hooks(resolve=Names([[PUBLIC]])).call(f"https://{NAME.upper()}/", {}, "d-1") == 200
        assert (heard, shop.log[0][0].headers["Host"].lower()) == ([NAME], NAME)


def test_a_name_beyond_ascii_is_called_by_its_ascii_form(wires: Wires, authority: Authority) -> None:
    names = Names([[PUBLIC]])
    with website(authority.certify("xn--blmchen-o2a.example")) as shop:
        wires.leads_to = {PUBLIC: (shop.host, shop.port)}
        assert Hooks(resolve=names).call("https://blümchen.example/", {}, "d-1") == 200
    assert names.looked_up == ["xn--blmchen-o2a.example"]


def test_a_certificate_of_another_name_is_refused(wires: Wires, authority: Authority) -> None:
    _is_refused(wires, authority.certify("other.example"))


def test_a_certificate_that_has_run_out_is_refused(wires: Wires, authority: Authority) -> None:
    _is_refused(wires, authority.certify(NAME, lasts=-datetime.timedelta(hours=1)))


def test_a_certificate_that_nobody_vouches_for_is_refused(
    wires: Wires, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _is_refused(wires, Authority(tmp_path_factory.mktemp("stranger")).certify(NAME))


def _is_refused(wires: Wires, context: ssl.SSLContext) -> None:
    with website(context) as shop:
        wires.leads_to = {PUBLIC: (shop.host, shop.port)}
        for allowed in (frozenset[str](), frozenset({NAME})):
            error = failure(URL, Hooks(allowed, Names([[PUBLIC]])))
            assert (error.reason, error.is_permanent) == ("tls_failed", False)
        assert shop.log == []


def test_a_host_that_is_allowed_may_be_internal_and_without_tls() -> None:
    with website() as inside:
        for allowed in ("crm.internal", f"crm.internal:{inside.port}"):
            hooks = Hooks(frozenset({allowed}), Names([["127.0.0.1"]]))
            for host in ("crm.internal", "CRM.internal", "crm.internal."):
                assert hooks.call(f"http://{host}:{inside.port}/", {}, "d-1") == 200


def test_an_ipv6_address_is_allowed_in_brackets(wires: Wires) -> None:
    with website() as inside:
        wires.leads_to = {"fd00::5": (inside.host, inside.port)}
        hooks = Hooks(frozenset({"[fd00::5]:8080"}), Names([["fd00::5"]]))
        assert hooks.call("http://[fd00::5]:8080/", {}, "d-1") == 200


def test_what_is_allowed_allows_nothing_beside_it(wires: Wires) -> None:
    allowed = frozenset({"crm.internal:8080", "10.0.0.5"})
    for url, reason in (
        ("http://crm.internal/", "not_https"),
        ("https://crm.internal/", "internal_address"),
        ("https://crm.internal:8443/", "internal_address"),
        ("https://other.crm.internal:8080/", "internal_address"),
        ("https://crm.internal.example:8080/", "internal_address"),
        ("http://167772165/", "not_https"),  # 10.0.0.5, spelled differently
    ):
        assert failure(url, Hooks(allowed, Names([["10.0.0.5"]]))).reason == reason
    assert wires.tried == []
