"""One row of `upstreams:`: kinds, addresses, prices, and what may call itself local."""

from dataclasses import replace
from decimal import Decimal

import pytest

from router.core.prices import FREE, UNKNOWN, Above, Price, PriceState
from tests.config.conftest import Desk

LATER = "comes with a later release"


def test_a_builtin_model_keeps_its_word_and_names_itself(desk: Desk) -> None:
    spec = desk.load(desk.pair).upstreams["small"]
    assert (spec.options, spec.model, spec.local) == ({"gguf": "builtin:tiny-a"}, "tiny-a", True)


def test_a_kind_of_ones_own_needs_neither_url_nor_model(desk: Desk) -> None:
    spec = desk.load(desk.server(kind="mine.places:Carrier", url="", model="")).upstreams["third"]
    assert (spec.url, spec.model) == ("", "")


def test_a_kind_of_ones_own_is_told_of_keys_outside_its_options_and_of_unset_variables(desk: Desk) -> None:
    text = desk.server(kind="mine.places:Carrier", wings="2", options="{a: '${NONE}'}") + "baseline: third\n"
    assert [problem.path for problem in desk.problems(text)] == ["upstreams.third.wings", "upstreams.third.options"]
    assert desk.problem(desk.server(kind="mine:Carrier", options="2")).message == "must be a mapping"


@pytest.mark.parametrize(
    ("keys", "key", "message"),
    [
        ({"kind": "openia"}, "kind", "no kind is called 'openia'; did you mean 'openai'?"),
        ({"kind": ""}, "kind", "is missing; write one of: openai, anthropic, ollama, litellm, llamacpp, recorded"),
        ({"kind": "ollama", "keep_alive": "soon"}, "keep_alive", "is not a duration"),
        (
            {"kind": "ollama", "think": "hard"},
            "think",
            "'hard' is not one of its values; write one of: true, false, low",
        ),
        ({"speaks": "[chatt]"}, "speaks", "no dialect is called 'chatt'; did you mean 'chat'?"),
        ({"speaks": "[]"}, "speaks", "it must speak something; leave the key out, or write [chat]"),
        ({"url": ""}, "url", "is missing"),
        ({"url": "127.0.0.1:8000"}, "url", "no http(s) URL with a host"),
        ({"url": "file:///etc/passwd"}, "url", "no http(s) URL with a host"),
        ({"url": "http://h:99999/v1"}, "url", "no http(s) URL with a host"),
        ({"url": "'http://[::1/v1'"}, "url", "no http(s) URL with a host"),
        ({"url": "http://user:pass@h/v1"}, "url", "a URL with a user or password in it would end up in logs"),
        ({"url": "http://h/v1?a=b"}, "url", "a base URL ends with its path"),
        ({"ca": "x.pem"}, "ca", "there is no such file"),
        ({"proxy": "proxy:3128"}, "proxy", "is not a proxy URL"),
        ({"proxy": "http://me:pw@p"}, "proxy", "is not a proxy URL"),
        ({"proxy": "http://p", "local": "true"}, "proxy", "stands before a local upstream"),
        ({"model": ""}, "model", "is missing"),
        ({"model": "4.5"}, "model", "must be text, not '4.5'"),
        ({"kind": "ollama", "key": "passthrough"}, "key", "kind ollama sends no token of a caller's"),
        ({"kind": "litellm", "model": "vertex_ai/m", "key": "passthrough"}, "key", "its provider takes no token"),
        ({"key": '"two words"'}, "key", "holds characters that no header can carry"),
        ({"key": "${lower case}"}, "key", "a malformed ${…}; write ${NAME}"),
        ({"key": "${file:gone}"}, "key", "file gone cannot be read"),
        ({"keyy": "x"}, "keyy", "no such key; did you mean 'key'?"),
        ({"context": "huge"}, "context", "must be a whole number from 64 to 100000000, not 'huge'"),
        ({"slots": "0"}, "slots", "must be a whole number from 1 to 10000, not '0'"),
        ({"supports": "[tool]"}, "supports", "nothing is called 'tool'; did you mean 'tools'?"),
        ({"supports": "tools"}, "supports", "must be a list of words"),
        ({"headers": "{x: [1]}"}, "headers.x", "must be a single value"),
        ({"timeout": "{total: 3}"}, "timeout.total", "no such key; did you mean 'total_s'?"),
        ({"timeout": "{total_s: -1}"}, "timeout.total_s", "must be over 0 and at most 86400"),
        ({"device": "gpu 0", "local": "true"}, "device", "'gpu 0' is not a valid name; write one like gpu0"),
        ({"device": "gpu0"}, "device", "only local upstreams share one; write `local: true`"),
        ({"price": "cheap"}, "price", "must be a mapping, `free` or `unknown`"),
        ({"price": "0"}, "price", "must be text, not '0'"),
        ({"price": "[1, 2]"}, "price", "must be a mapping"),
        ({"price": "{input: 1}"}, "price.output", "is missing"),
        ({"price": "{input: 1, output: 2, above: {input: 2, output: 3}}"}, "price.above.tokens", "is missing"),
        ({"price": "{input: 1, output: 2, above: {tokens: 9, input: 2}}"}, "price.above.output", "is missing"),
        ({"price": "{input: one, output: 2}"}, "price.input", "must be a number, not 'one'"),
        ({"price": "{input: -1, output: 2}"}, "price.input", "must be from 0 to 1000000"),
        ({"price": "{input: .nan, output: 2}"}, "price.input", "must be a number, not '.nan'"),
        ({"price": "{input: 1, output: 2, cached: 1}"}, "price.cached", "no such key; did you mean 'cached_input'?"),
        ({"price": "{watts: 250, usd_per_kwh: 0.3}"}, "price", f"a price from watts and machine hours {LATER}"),
    ],
)
def test_a_mistake_in_a_row_is_told(desk: Desk, keys: dict[str, str], key: str, message: str) -> None:
    said = [str(problem) for problem in desk.problems(desk.server(**keys) + "baseline: third\n")]
    assert any(f"upstreams.third.{key}: {message}" in one for one in said), said


@pytest.mark.parametrize("name", ["auto", "a/b", "1st", "x" * 65, "'two words'"])
def test_a_name_that_would_not_fit_a_url_or_a_rule_is_refused(desk: Desk, name: str) -> None:
    problem = desk.problem(f"{desk.pair}  {name}: {{kind: recorded, recording: builtin, price: free}}\n")
    assert problem.message == "is not a valid name for an upstream"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "172.31.0.1", "192.168.0.9", "[fd00::1]", "[::ffff:10.0.0.1]"],
)
def test_loopback_and_private_addresses_may_be_local(desk: Desk, host: str) -> None:
    text = desk.server(url=f"'http://{host}:8000/v1'", local="true")
    assert desk.load(text).upstreams["third"].local


@pytest.mark.parametrize(
    "host",
    [
        "api.example.com",
        "8.8.8.8",
        "169.254.169.254",
        "172.32.0.1",
        "100.64.0.1",
        "[2001:db8::1]",
        "localhost.example.com",
    ],
)
def test_nothing_else_is_believed_to_be_local(desk: Desk, host: str) -> None:
    problem = desk.problem(desk.server(url=f"'http://{host}:8000/v1'", local="true"))
    assert problem.path == "upstreams.third.local"


@pytest.mark.parametrize("premises", ["gpu.example.com", ".example.com", "'*'"])
def test_premises_make_a_host_local_by_name_or_domain_and_by_no_wildcard(desk: Desk, premises: str) -> None:
    text = f"premises: [{premises}]\n" + desk.server(url="http://gpu.example.com:8000/v1", local="true")
    if premises == "'*'":
        assert "premises" in {problem.path for problem in desk.problems(text)}
    else:
        assert desk.load(text).upstreams["third"].local


def test_the_whole_internet_is_no_premises(desk: Desk) -> None:
    assert desk.problem("premises: [0.0.0.0/0]\n" + desk.pair).path == "premises"


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "qwen3-coder:480b-Cloud", "glm:cloud"])
def test_a_model_that_its_server_runs_in_a_cloud_is_not_local(desk: Desk, model: str) -> None:
    assert desk.problem(desk.server(model=model, local="true")).path == "upstreams.third.local"


def written(
    into: str, out: str, cached: Decimal | None = None, write: Decimal | None = None, reasoning: Decimal | None = None
) -> Price:
    """A price that stands in the configuration."""
    return Price(PriceState.KNOWN, Decimal(into), Decimal(out), cached, write, reasoning, source="config.yaml")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("free", FREE),
        ("unknown", UNKNOWN),
        ("", UNKNOWN),
        ("{input: 0.10, output: 0.3000000000000000000001}",
         written("0.10", "0.3000000000000000000001")),
        ("{input: 1, output: 2, cached_input: 0.5, cache_write: 1.25, reasoning: 3}",
         written("1", "2", Decimal("0.5"), Decimal("1.25"), Decimal(3))),
        ("{input: '${RATE}', output: 2}", written("0.15", "2")),
        ("{input: 1, output: 2, above: {tokens: 200000, input: 2, output: 3}}",
         replace(written("1", "2"), above=Above(200_000, written("2", "3")))),
    ],
)  # fmt: skip
def test_a_price_is_read_to_the_last_digit(desk: Desk, text: str, price: Price) -> None:
    assert desk.load(desk.server(price=text), RATE="0.15").upstreams["third"].price == price


@pytest.mark.parametrize(
    ("keys", "path", "message"),
    [
        ({"price": ""}, "upstreams.third.price", "its price is unknown, so no report can add it up"),
        ({"price": "{input: 0, output: 0.0}"}, "upstreams.third.price.input", "every figure is 0"),
        ({"key": "sk-in-the-file"}, "upstreams.third.key", "the key itself stands in this file"),
        (
            {"url": "http://far.example/v1", "key": "${KEY}"},
            "upstreams.third.url",
            "the key would travel in clear text",
        ),
    ],
)
def test_a_doubt_is_a_warning(desk: Desk, keys: dict[str, str], path: str, message: str) -> None:
    config = desk.load(desk.server(**keys) + "baseline: third\n", KEY="sk-1234")
    assert [(warning.path, warning.message) for warning in config.warnings] == [(path, message)]
    assert "sk-" not in str(config.warnings)


@pytest.mark.parametrize("key", ["kind", "url", "model", "local", "context", "supports", "price", "key", "slots"])
def test_an_unset_variable_is_never_taken_for_an_absent_key(desk: Desk, key: str) -> None:
    problems = desk.problems(desk.server(**{key: "${NONE}"}) + "baseline: third\n")
    told = [problem.message for problem in problems if problem.path == f"upstreams.third.{key}"]
    assert told == ["the variable NONE is not set"]


def test_passthrough_is_no_key_and_says_that_the_callers_own_is_sent(desk: Desk) -> None:
    spec = desk.load(desk.server(key="passthrough")).upstreams["third"]
    assert (spec.key, spec.passes_key) == (None, True)
    assert desk.load(desk.server(key="${KEY}"), KEY="sk").upstreams["third"].passes_key is False


def test_a_callers_token_that_two_providers_would_see_is_doubtful(desk: Desk) -> None:
    row = "  fourth: {kind: openai, url: 'URL', model: m, price: free, key: passthrough}\n"
    one = desk.server(key="passthrough", url="https://one.example/v1")
    same = desk.load(one + row.replace("URL", "https://one.example/v2"))
    assert "token" not in " ".join(warning.message for warning in same.warnings)
    (warning,) = (
        w for w in desk.load(one + row.replace("URL", "https://two.example/v1")).warnings if "token" in w.message
    )
    assert (warning.path, warning.message[:7]) == ("upstreams.fourth.key", "2 hosts")


def test_a_callers_token_in_clear_text_is_doubtful(desk: Desk) -> None:
    config = desk.load(desk.server(key="passthrough", url="http://far.example/v1"))
    assert "the key would travel in clear text" in [warning.message for warning in config.warnings]
