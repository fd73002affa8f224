"""What came from outside is told nowhere, and no file, however mangled, raises anything but an explanation."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.config import load_config
from router.core.errors import Problem, SetupError
from tests.config.conftest import WHOLE, Desk


def test_no_secret_shows_in_the_record_the_warnings_or_the_digest(desk: Desk) -> None:
    text = desk.server(
        key="${KEY}", headers='{authorization: "${KEY}"}', query='{code: "${KEY}"}', url="http://far.example/v1"
    )
    config = desk.load(text + "admin_key: ${KEY}\n", KEY="sk-very-secret")
    assert "sk-very-secret" not in repr(config) + str(config.warnings)
    assert config.upstreams["third"].key == "sk-very-secret"
    assert config.digest == desk.load(text + "admin_key: ${KEY}\n", KEY="sk-rotated").digest


@pytest.mark.parametrize(
    "line",
    [
        "auth: ${KEY}",
        "listen: {port: '${KEY}'}",
        "listen: {host: '${KEY}'}",
        "hold: {commit_s: '${KEY}'}",
        "telemetry: {metrics: '${KEY}'}",
        "counters: ${KEY}",
        "store: {url: '${KEY}'}",
        "classifier: {artifact: '${KEY}'}",
    ],
)
def test_no_problem_quotes_what_came_from_outside(desk: Desk, line: str) -> None:
    said = "\n".join(map(str, desk.problems(desk.pair + line + "\n", KEY="sk-very-secret")))
    assert "sk-very-secret" not in said


@pytest.mark.parametrize("key", ["url", "kind", "supports", "context", "price", "local", "timeout", "model", "key"])
def test_no_problem_of_an_upstream_quotes_what_came_from_outside(desk: Desk, key: str) -> None:
    secret = "sk very secret:cloud"
    fields = {"local": "true", key: '"${KEY}"'}
    said = "\n".join(map(str, desk.problems(desk.server(**fields) + "baseline: third\n", KEY=secret)))
    assert secret not in said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mangled_file_raises_nothing_but_setup_errors(desk: Desk, data: st.DataObject) -> None:
    bits = st.sampled_from("{|}|[|&a |*a|!!int |: |- |${X|\t|'|\\x00|1e999|~|\n|é|\x85|0x|<<: |>\n|? ".split("|"))
    text = list(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 20))
        text[start : start + length] = list(data.draw(bits | st.text(max_size=4)))
    _loads_or_explains(desk, "".join(text).encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_setup_errors(desk: Desk, raw: bytes) -> None:
    _loads_or_explains(desk, raw)


def _loads_or_explains(desk: Desk, raw: bytes) -> None:
    desk.path.write_bytes(raw)
    problems: tuple[Problem, ...] = ()
    try:
        load_config(desk.path, environ={"BIG_KEY": "sk-of-the-big-one"})
    except SetupError as error:
        problems = error.problems or (Problem("", None, "", "", ""),)
    assert all(problem.message and problem.remedy for problem in problems)
    assert "sk-of-the-big-one" not in "\n".join(map(str, problems))
