"""What a refusal teaches, as each server words it, and what it must never teach."""

import json
from typing import Any

import pytest

from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.families import STRANGER
from router.core.lessons import SPARED, Lesson, lesson_in, native_lesson_in
from router.core.sanitise.target import MISTRAL, digest_of
from router.core.upstream import Reply, UpstreamSpec
from router.upstreams.failures import failure

SPEC = UpstreamSpec("big", "openai", "m")
BODY = {"model": "auto", "messages": [], "temperature": 0.2, "max_tokens": 5, "store": True, "tools": [{}], "top_k": 3}


def refused(said: Any, status: int = 400) -> UpstreamRefused:
    error = failure(SPEC, Reply(status, json.dumps(said).encode()))
    assert isinstance(error, UpstreamRefused)
    return error


def openai(message: str, param: str | None, code: str | None = "unsupported_parameter") -> Any:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("said", "status", "lesson"),
    [
        (
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                "max_tokens",
            ),
            400,
            Lesson(limit="max_completion_tokens"),
        ),
        (
            openai("Unsupported value: 'temperature' does not support 0.2.", "temperature", "unsupported_value"),
            400,
            Lesson(rejects="temperature", value=digest_of(0.2)),
        ),
        (openai("Unrecognized request argument supplied: top_k", None, None), 400, Lesson(rejects="top_k")),
        (openai("Unknown parameter: 'store'.", "store", "unknown_parameter"), 400, Lesson(rejects="store")),
        (
            {"detail": [{"type": "extra_forbidden", "loc": ["body", "store"], "msg": "Extra inputs not permitted"}]},
            422,
            Lesson(rejects="store"),
        ),
        (
            openai("Unknown argument or unsupported value: 'temperature'.", "temperature", "unsupported_value"),
            400,
            Lesson(rejects="temperature", value=digest_of(0.2)),
        ),
        (
            {"object": "error", "message": "`store` is not supported", "code": 400},
            400,
            Lesson(rejects="store", value=digest_of(True)),
        ),
    ],
)
def test_a_refusal_that_names_a_field_teaches_to_do_without(said: Any, status: int, lesson: Lesson) -> None:
    assert lesson_in(refused(said, status), BODY) == lesson


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (openai("Unsupported parameter: 'tools' is not supported.", "tools"), 400),
        (openai("Unsupported parameter: 'messages[0].name'.", "messages[0].name"), 400),
        (openai("Unsupported parameter: 'seed'.", "seed"), 400),
        (openai("Unsupported parameter: 'max_tokens' is not supported.", "max_tokens"), 400),
        (openai("Unsupported model.", None, "unsupported_model"), 400),
        (openai("Unknown parameter: 'store'.", "store"), 429),
        (openai("Invalid 'temperature'.", "temperature", "invalid_value"), 400),
        ({"detail": [{"loc": "body"}]}, 422),
        ([], 400),
    ],
)
def test_nothing_is_learnt_from_what_cannot_be_left_out_or_was_not_sent(said: Any, status: int) -> None:
    assert lesson_in(refused(said, status), BODY) is None


def test_a_failure_teaches_nothing() -> None:
    assert lesson_in(UpstreamFailed("it is not supported", upstream="big", upstream_status=500), BODY) is None


def test_options_of_a_stream_are_ours_to_leave_out() -> None:
    error = refused(openai("Unknown parameter: 'stream_options'.", "stream_options"))
    assert lesson_in(error, {"messages": [], "stream": True}) == Lesson(rejects="stream_options")
    assert lesson_in(error, {"messages": []}) is None


def test_a_lesson_corrects_the_target_it_is_applied_to() -> None:
    assert Lesson(rejects="store").applied(None).rejects == {"store"}
    assert Lesson(limit="max_tokens").applied(None) == Lesson(limit="max_tokens").applied(STRANGER)
    corrected = Lesson(rejects="seed").applied(MISTRAL)
    assert corrected.rejects - MISTRAL.rejects == {"seed"}
    assert corrected.limit == MISTRAL.limit


def test_a_value_that_was_refused_is_left_out_and_no_other() -> None:
    first, second = (Lesson(rejects="temperature", value=digest_of(value)) for value in (1.5, 0.2))
    target = second.applied(first.applied(None))
    assert [target.takes("temperature", value) for value in (1.5, 0.2, 0, 1)] == [False, False, True, True]
    assert target.takes("top_p", 1.5)
    assert target.rejects == frozenset()


def test_a_lesson_says_what_was_refused() -> None:
    assert Lesson(rejects="store").note == "store refused"
    assert Lesson(limit="max_completion_tokens").note == "max_tokens refused"
    assert Lesson(rejects="temperature", value=digest_of("of Ada")).note == "a value of temperature refused"


def anthropic(message: str) -> Any:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


@pytest.mark.parametrize(
    ("said", "dialect", "rejects"),
    [
        (anthropic("context_management: Extra inputs are not permitted"), "messages", "context_management"),
        (anthropic("`top_k` is not supported for this model."), "messages", "top_k"),
        (openai("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"), "responses",
         "temperature"),
        (openai("Unrecognized request argument supplied: best_of", None, None), "completions", "best_of"),
    ],
)  # fmt: skip
def test_a_server_of_another_dialect_teaches_as_much(said: Any, dialect: str, rejects: str) -> None:
    body = dict.fromkeys(SPARED[dialect], 1)
    value = None if rejects != "top_k" else digest_of(1)  # not supported: with this value
    assert native_lesson_in(refused(said), dialect, body) == Lesson(rejects=rejects, value=value)
    del body[rejects]
    assert native_lesson_in(refused(said), dialect, body) is None


@pytest.mark.parametrize(
    ("said", "dialect"),
    [
        (anthropic("thinking: Extra inputs are not permitted"), "messages"),
        (anthropic("tools.0.custom.strict: Extra inputs are not permitted"), "messages"),
        (anthropic("max_tokens: 99999 > 8192, which is the maximum allowed"), "messages"),
        (openai("Unsupported parameter: 'store'.", "store"), "responses"),
        (openai("Unsupported parameter: 'temperature'.", "temperature"), "embeddings"),
    ],
)
def test_nothing_that_matters_is_left_out_of_another_dialect(said: Any, dialect: str) -> None:
    body = {"thinking": {}, "tools": [], "max_tokens": 9, "store": False, "temperature": 1}
    assert native_lesson_in(refused(said), dialect, body) is None


def test_what_is_refused_beside_an_effort_of_reasoning_is_left_out_of_that_request_alone() -> None:
    error = refused(openai("Unsupported parameter: temperature", "temperature"))
    assert lesson_in(error, {"temperature": 0.7}) == Lesson(rejects="temperature")
    beside = lesson_in(error, {"temperature": 0.7, "reasoning_effort": "high"})
    assert beside == Lesson(rejects="temperature", lasting=False)
