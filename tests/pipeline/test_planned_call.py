"""What a call carries: the client's own request unless judges, samples or repairs need more."""

import pytest
from msgspec.structs import replace

from policies.policy import Step
from router.core.exchange import Origin, Question, Reason
from router.core.moves import Ask
from router.core.upstream import UpstreamSpec
from router.pipeline.planned_call import PlannedCall, plan_call, worded
from tests.pipeline.parts import chat

SPEC = UpstreamSpec("small", "openai", "small-model", local=True)
PLAIN = PlannedCall(0, 0, "small", Reason.FIRST, held=True)


def planned(step: Step, reason: Reason = Reason.FIRST, spec: UpstreamSpec = SPEC, **more: object) -> PlannedCall:
    question = more.get("question")
    assert question is None or isinstance(question, Question)
    return plan_call(Ask(0, 0, reason, held=True, question=question), (step,), chat(), spec)


@pytest.mark.parametrize(
    ("judges", "kind", "supports", "asked"),
    [
        (("structure",), "llamacpp", None, False),
        (("confidence",), "openai", None, True),
        (("verifier",), "openai", None, False),
        (("verifier",), "llamacpp", None, True),
        (("verifier",), "openai", frozenset({"logprobs"}), True),
        (("confidence",), "openai", frozenset({"tools"}), False),
    ],
)
def test_log_probabilities_are_asked_only_where_a_judge_reads_them_and_the_server_gives_them(
    judges: tuple[str, ...], kind: str, supports: frozenset[str] | None, asked: bool
) -> None:
    spec = UpstreamSpec("small", kind, "m", supports=supports)
    made = planned(Step("small", judges), spec=spec)
    assert made.hide_logprobs is asked
    body = worded(made, chat(), 0).body
    assert body.get("logprobs", False) is asked


def test_what_the_client_asked_for_itself_is_not_hidden() -> None:
    own = chat(logprobs=True)
    made = plan_call(Ask(0, 0, Reason.FIRST, held=True), (Step("small", ("confidence",)),), own, SPEC)
    assert not made.hide_logprobs
    assert worded(made, own, 0) is own


def test_a_request_to_which_nothing_is_added_is_the_clients_own() -> None:
    own = chat()
    assert worded(PLAIN, own, 0) is own


def test_a_further_sample_is_warm_and_has_a_seed_of_its_own() -> None:
    step = Step("small", ("agreement",), samples=3)
    own = chat(temperature=0, seed=7)
    first, later = planned(step, Reason.PANEL), planned(step, Reason.SAMPLE)
    assert worded(first, own, 0).body["temperature"] == 0
    sampled = worded(later, own, 2)
    assert (sampled.body["temperature"], sampled.body["seed"]) == (0.7, 9)
    assert b'"seed":9' in sampled.raw
    assert worded(later, chat(), 2).raw == chat().raw


def test_the_calls_of_a_panel_and_of_a_judge_have_their_origins() -> None:
    opinion = Question("opinion", "llm", "big", {"messages": [], "max_tokens": 9})
    assert planned(Step("a", panel=("a", "b"))).origin is Origin.PANEL
    assert planned(Step("a")).origin is Origin.SERVE
    assert planned(Step("a", ("llm",)), question=opinion).origin is Origin.JUDGE
    assert planned(Step("a", ("agreement",)), question=Question("sample", "agreement")).origin is Origin.PANEL


def test_a_repair_follows_the_conversation_and_an_opinion_stands_alone() -> None:
    step = Step("small", ("structure",), repair=True)
    mend = Question("repair", "structure", body={"messages": [{"role": "user", "content": "again"}]})
    request = replace(chat("first", stream=True), token="sk-callers")
    repaired = worded(planned(step, question=mend), request, 0)
    assert [message["content"] for message in repaired.body["messages"]] == ["first", "again"]
    opinion = Question("opinion", "llm", "big", {"messages": [{"role": "user", "content": "good?"}], "max_tokens": 9})
    asked = worded(planned(Step("small", ("llm",)), question=opinion), request, 0)
    assert (len(asked.body["messages"]), asked.stream, asked.max_tokens) == (1, False, 9)
    assert (repaired.token, asked.token) == ("sk-callers", "")  # what a judge asks for itself is not on its caller


@pytest.mark.parametrize(("stream", "asked"), [(True, False), (False, True)])
def test_log_probabilities_are_not_asked_beside_tool_calls_that_are_streamed(stream: bool, asked: bool) -> None:
    spec = UpstreamSpec("small", "llamacpp", "m")
    request = chat(stream=stream, tools=[{"type": "function", "function": {"name": "f"}}])
    made = plan_call(Ask(0, 0, Reason.FIRST, held=True), (Step("small", ("verifier",)),), request, spec)
    assert made.hide_logprobs is asked
