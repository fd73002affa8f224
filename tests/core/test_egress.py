"""How far a call goes, by the row of its upstream."""

import pytest

from router.core.egress import Egress, Reach, egress_of, reach_of
from router.core.upstream import UpstreamSpec


@pytest.mark.parametrize(
    ("url", "egress", "host"),
    [
        ("http://127.0.0.1:8000/v1", "loopback", "127.0.0.1:8000"),
        ("http://localhost:8000/v1", "loopback", "localhost:8000"),
        ("http://[::1]:8000/v1", "loopback", "[::1]:8000"),
        ("http://[::ffff:127.0.0.1]/v1", "loopback", "[::ffff:127.0.0.1]"),
        ("http://10.1.2.3/v1", "private", "10.1.2.3"),
        ("http://gpu.home.example/v1", "premises", "gpu.home.example"),
        ("http://203.0.113.9/v1", "premises", "203.0.113.9"),
        ("https://api.openai.com/v1", "remote", "api.openai.com"),
        ("http://169.254.169.254/v1", "remote", "169.254.169.254"),
        ("http://127.0.0.1.evil.example/v1", "remote", "127.0.0.1.evil.example"),
        ("http://8.8.8.8/v1", "remote", "8.8.8.8"),
        ("", "unchecked", ""),
    ],
)
def test_an_address_tells_how_far_it_is(url: str, egress: str, host: str) -> None:
    spec = UpstreamSpec("u", "openai", "m", url, premises=("gpu.home.example", "203.0.113.0/24"))
    assert reach_of(spec) == Reach(Egress(egress), host)


def test_what_we_run_ourselves_is_here() -> None:
    assert reach_of(UpstreamSpec("u", "llamacpp", "m")).egress is Egress.LOOPBACK
    assert reach_of(UpstreamSpec("u", "recorded", "m")).egress is Egress.PROCESS


def test_only_what_is_known_to_be_near_stays() -> None:
    assert {egress for egress in Egress if not egress.stays} == {Egress.REMOTE, Egress.UNCHECKED}
    assert egress_of("192.168.1.1").stays
    assert not egress_of("gpu.home.example").stays
