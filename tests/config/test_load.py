"""config.yaml read whole: defaults, every key, every kind of mistake, and all of them at once."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from router.config import load_config
from router.config.records import Hold, Limits, Listen, Telemetry
from router.core.entrypoint import Entrypoint
from router.core.errors import SetupError
from router.core.prices import PriceState
from router.core.upstream import Quirks
from tests.config.conftest import WHOLE, Desk

SHIPPED = Path(__file__).parents[2] / "config.yaml"


def test_two_upstreams_alone_are_a_whole_configuration(desk: Desk) -> None:
    config = desk.load(desk.pair)
    assert list(config.upstreams) == ["small", "big"]
    assert (config.listen, config.auth, config.baseline) == (Listen("127.0.0.1", 4000), "open", "big")
    assert (config.hold, config.limits, config.telemetry) == (Hold(10.0), Limits(64), Telemetry(None, True, False))
    assert config.store.url == f"sqlite:///{desk.folder}/smallfirst.db"
    assert (config.store.keep_bodies, config.store.retain_days, config.store.on_failure) == ("none", 90, "open")
    assert (config.policies.folder, config.policies.default) == (desk.folder / "policies", "balanced")
    assert config.warnings == ()


def test_every_key_that_exists_is_read(desk: Desk) -> None:
    config = desk.load(WHOLE, BIG_KEY="sk-of-the-big-one")
    assert config.listen == Listen("127.0.0.1", 4001)
    assert config.store.url == f"sqlite:///{desk.folder}/ledger/ours.db"
    assert (config.store.on_failure, config.store.sync, config.auth) == ("closed", True, "required")
    assert (config.policies.folder, config.policies.default) == (desk.folder / "rules", "observe")
    assert (config.reply_model, config.hold.commit_s, config.limits.body_mb) == ("requested", 2.5, 8)
    assert config.entrypoints == {"gpt-4.1": Entrypoint("balanced", "second"), "o3": Entrypoint("observe", "big")}
    assert config.admin_key is None
    small, big = config.upstreams["small"], config.upstreams["big"]
    assert (small.url, small.local, small.context, small.slots) == ("http://gpu.home.example:8000/v1", True, 8192, None)
    assert small.supports == frozenset({"tools", "json", "json_schema"})
    assert small.quirks == Quirks("vllm", "both", "keep", frozenset({"store"}), frozenset({"vision"}))
    assert (config.sessions.expire_s, config.sessions.cache_s) == (60.0, 30.0)
    assert (small.timeouts.connect_s, small.timeouts.total_s) == (1.0, 90.5)
    assert (big.key, big.headers, big.query) == (
        "sk-of-the-big-one",
        {"x-team": "search"},
        {"api-version": "2026-01-01"},
    )
    assert big.price.cached_input == Decimal("0.50")
    assert config.upstreams["second"].price.state is PriceState.UNKNOWN


def test_the_shipped_file_needs_no_variable_and_asks_to_discover() -> None:
    config = load_config(SHIPPED, environ={})
    assert (config.discover, dict(config.upstreams), config.warnings) == (True, {}, ())


def test_the_shipped_file_shows_every_default_as_it_is(desk: Desk) -> None:
    shown = [line[2:] for line in SHIPPED.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    first = next(number for number, line in enumerate(shown) if line.startswith("baseline:"))
    config = desk.load(desk.pair + "\n".join(shown[first:]))
    assert [warning.path for warning in config.warnings] == ["store.retain_days"]
    assert config.digest == desk.load(desk.pair).digest


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("lisen: {port: 4000}", "lisen", "no such key; did you mean 'listen'?"),
        ("listen: {prot: 4000}", "listen.prot", "no such key; did you mean 'port'?"),
        (
            "listen: {port: many}",
            "listen.port",
            "must be a whole number from 0 to 65535, not 'many'; the default is 4000",
        ),
        (
            "listen: {port: 70000}",
            "listen.port",
            "must be a whole number from 0 to 65535, not '70000'; the default is 4000",
        ),
        (
            "listen: {port: true}",
            "listen.port",
            "must be a whole number from 0 to 65535, not 'true'; the default is 4000",
        ),
        ("listen: {port: [1]}", "listen.port", "must be a single value; write it on one line"),
        ("listen: 4000", "listen", "must be a mapping; write `key: value` lines under it"),
        ("listen: {host: 7}", "listen.host", "must be text, not '7'; write it in quotes: host: \"…\""),
        ("auth: opened", "auth", "'opened' is not one of its values; did you mean 'open'?"),
        ("auth: x", "auth", "'x' is not one of its values; write one of: open, required"),
        ("hold: {commit_s: 0}", "hold.commit_s", "must be over 0 and at most 600; the default is 10"),
        (
            "hold: {commit_s: soon}",
            "hold.commit_s",
            "must be a number, not 'soon'; write digits and at most one point, like 2.50",
        ),
        (
            "telemetry: {metrics: perhaps}",
            "telemetry.metrics",
            "must be true or false, not 'perhaps'; the default is true",
        ),
        ("baseline: bug", "baseline", "no upstream is called 'bug'; did you mean 'big'?"),
        ("baseline: claude", "baseline", "no upstream is called 'claude'; name one of: small, big"),
        (
            "entrypoints: {gpt: {baseline: bigg}}",
            "entrypoints.gpt.baseline",
            "no upstream is called 'bigg'; did you mean 'big'?",
        ),
        (
            "entrypoints: {gpt: {policy: balance}}",
            "entrypoints.gpt.policy",
            "no policy is called 'balance'; did you mean 'balanced'?",
        ),
        (
            "entrypoints: {gpt: {plan: big}}",
            "entrypoints.gpt.plan",
            "no such key; see docs/configuration.md for the keys it knows",
        ),
        ("entrypoints: {auto/x: {}}", "entrypoints.auto/x", "`auto` always means a policy; choose another name"),
        (
            "policies: {default: zebra}",
            "policies.default",
            "no policy is called 'zebra'; put a file of that name into the policies folder",
        ),
        (
            "counters: redis://host:6379/0",
            "counters",
            "counters elsewhere than in memory comes with a later release; write `counters: memory`",
        ),
        (
            "telemetry: {content: true}",
            "telemetry.content",
            "content in telemetry comes with a later release; write `content: false`",
        ),
        ("auth: ${DOOR}", "auth", "the variable DOOR is not set; export DOOR=…, or write ${DOOR:-default}"),
    ],
)
def test_a_mistake_is_told_with_line_key_path_and_remedy(desk: Desk, line: str, path: str, said: str) -> None:
    problem = desk.problem(desk.pair + line + "\n")
    assert str(problem) == f"{desk.path}:4: {path}: {said}"


def test_three_mistakes_are_told_at_once_in_the_order_of_the_file(desk: Desk) -> None:
    problems = desk.problems("lisen: {port: 1}\n" + desk.server(url="ftp://x", price="{input: -1, output: 2}"))
    assert [(problem.line, problem.path) for problem in problems] == [
        (1, "lisen"),
        (7, "upstreams.third.url"),
        (9, "upstreams.third.price.input"),
    ]


def test_a_missing_file_says_how_to_get_one(desk: Desk) -> None:
    with pytest.raises(SetupError, match="No such file or directory; run `smallfirst init`"):
        load_config(desk.path, environ={})


def test_where_nobody_named_a_file_and_none_is_there_upstreams_are_discovered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    assert load_config(Path("config.yaml"), environ={}).discover


def test_a_folder_is_no_configuration(desk: Desk) -> None:
    with pytest.raises(SetupError, match="Is a directory"):
        load_config(desk.folder, environ={})


def test_upstreams_must_be_there(desk: Desk) -> None:
    problems = desk.problems("auth: open\n")
    assert ("upstreams", "is missing") in [(problem.path, problem.message) for problem in problems]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "127.0.0.1.example.com"])
def test_without_keys_no_address_but_loopback_is_listened_on(desk: Desk, host: str) -> None:
    problem = desk.problem(f'{desk.pair}listen: {{host: "{host}"}}\n')
    assert problem.path == "auth"
    assert "auth: required" in problem.remedy
    assert desk.load(f'{desk.pair}listen: {{host: "{host}"}}\nauth: required\n').listen.host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_without_keys_loopback_is_listened_on(desk: Desk, host: str) -> None:
    assert desk.load(f'{desk.pair}listen: {{host: "{host}"}}\n').listen.host == host


def test_what_waits_for_a_later_release_and_harms_nobody_is_a_warning(desk: Desk) -> None:
    config = desk.load(
        desk.pair + 'admin_key: ${ADMIN}\ntelemetry: {otlp: "${OTLP}"}\n', ADMIN="s3cret", OTLP="http://o"
    )
    assert [warning.path for warning in config.warnings] == ["admin_key", "telemetry.otlp"]
    assert config.admin_key == "s3cret"


def test_discovered_upstreams_take_their_place_under_a_new_digest(desk: Desk) -> None:
    config = desk.load("upstreams: discover\n")
    pair = desk.load(desk.pair).upstreams
    whole = config.with_upstreams(pair, artifact="builtin")
    assert (whole.discover, dict(whole.upstreams), whole.classifier.artifact) == (False, dict(pair), "builtin")
    assert whole.digest != config.digest


def test_an_artifact_that_a_person_chose_stays(desk: Desk) -> None:
    (desk.folder / "mine").mkdir()
    config = desk.load("upstreams: discover\nclassifier: {artifact: mine}\n")
    assert config.with_upstreams({}, artifact="builtin").classifier.artifact == str(desk.folder / "mine")


def test_the_process_environment_is_read_when_none_is_given(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SMALLFIRST_TEST_PORT", "4321")
    desk.path.write_text(desk.pair + "listen: {port: '${SMALLFIRST_TEST_PORT}'}\n", encoding="utf-8")
    assert load_config(desk.path).listen.port == 4321
