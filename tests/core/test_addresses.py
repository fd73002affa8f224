"""Where an address leads."""

import pytest

from router.core.addresses import is_loopback, is_on_premises, split_url


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.255.0.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost", "LOCALHOST"]
)
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "128.0.0.1", "localhost.example", "127.0.0.1.example", "", "127.1"])
def test_nothing_else_is_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "premises", "inside"),
    [
        ("gpu.lab.example", (".lab.example",), True),
        ("lab.example", (".lab.example",), False),
        ("evil-lab.example", (".lab.example",), False),
        ("GPU", ("gpu",), True),
        ("100.64.3.2", ("100.64.0.0/10",), True),
        ("100.64.3.2", ("100.64.3.2",), True),
        ("2001:db8::7", ("2001:db8::/32",), True),
        ("8.8.8.8", ("100.64.0.0/10", "2001:db8::/32"), False),
        ("192.168.1.1", (), True),
    ],
)
def test_premises_are_hosts_domains_and_networks(host: str, premises: tuple[str, ...], inside: bool) -> None:
    assert is_on_premises(host, premises) is inside


@pytest.mark.parametrize("url", ["http://h", "https://h:1/v1", "http://[::1]:8080/v1"])
def test_a_url_with_a_host_has_parts(url: str) -> None:
    assert split_url(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h:80",
        "http://",
        "http:///v1",
        "ws://h",
        "http://h:0/",
        "http://h:x",
        "http://h/a b",
        "http://h/\n",
        "http://[::1",
    ],
)
def test_anything_else_has_none(url: str) -> None:
    assert split_url(url) is None
