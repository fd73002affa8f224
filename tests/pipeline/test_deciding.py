"""Deciding: names to entrypoints, facts to signals, a policy to a plan, and nothing sent."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from classifier.artifact import Classifier
from policies.decide import decide
from policies.policy import Draw, Plan
from router.core.dialects.chat import parse
from router.core.entrypoint import Entrypoint
from router.core.errors import Forbidden
from router.core.exchange import Exchange
from router.pipeline.deciding import choose_plan, subject_of
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.sessions import Turn
from router.reports.explained import Asked, score_of
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, opened_exchange, read_policy

LIKELY = """
policy: balanced
cut: 0.5
rules:
  - {name: likely-good, when: p_good >= cut, plan: [small, big]}
otherwise: {plan: [big]}
"""
UNCUT = LIKELY.replace("cut: 0.5\n", "")
PLAIN = RequestOptions()
SCORED = (
    *("p_good", "cut", "subject", "artifact_digest", "features", "feature_set", "task_terms"),
    *("policy", "policy_digest", "signals"),
)


@pytest.fixture
def deps(scripted: Scripted, make_deps: MakeDeps) -> Dependencies:
    mail = {"mail": Entrypoint("balanced", "small")}
    return make_deps(scripted(), scripted(), settings={"entrypoints": mail})


def decided(
    deps: Dependencies, text: str = "What is 2 + 2?", options: RequestOptions = PLAIN, **exchange: Any
) -> tuple[Exchange, Plan]:
    told = opened_exchange(**exchange)
    return told, choose_plan(deps, told, chat(text), options)


async def test_what_was_decided_is_written_down_whole(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier)
    told, plan = decided(deps, options=RequestOptions(tags={"team": "mail"}), key="ada")
    assert [step.upstream for step in plan.steps] == ["small", "big"]
    assert (told.policy, told.rule, told.plan) == ("balanced", "likely-good", ("small", "big"))
    assert (told.entrypoint, told.baseline, told.config_digest) == ("auto", "big", "0123456789ab")
    assert (told.subject, told.artifact_digest) == ("small", classifier.digest)
    assert told.p_good is not None
    assert told.cut == 0.5
    assert told.p_good > 0.5
    assert told.signals["tag.team"] == "mail"
    assert told.signals["key"] == "ada"
    assert (len(told.session), bool(told.features), bool(told.feature_set), bool(told.task)) == (32, True, True, True)


async def test_the_classifier_tells_what_is_likely_from_what_is_not(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier)
    sums, _ = decided(deps, "What is 12 + 12?")
    proof, plan = decided(deps, "Prove theorem 12 about primes, step by step.")
    assert sums.p_good is not None
    assert proof.p_good is not None
    assert sums.p_good > 0.5 > proof.p_good
    assert (proof.rule, plan.upstreams) == ("otherwise", ("big",))


async def test_the_served_p_good_is_the_classifiers_own(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    from classifier.features import extract
    from classifier.task import task_path

    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier)
    told, _ = decided(deps, "What is 7 + 7?")
    body = chat("What is 7 + 7?").body
    own = classifier.p_good(extract(body), task_path(body, classifier.salt), deps.digests["small"])
    assert told.p_good == pytest.approx(own, abs=1e-12)


async def test_a_form_never_seen_is_written_down_as_such_and_its_sum_can_be_shown_later(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier)
    told, plan = decided(deps, "What is 7 + 7?\nA. 14\nB. 7\nC. 1")
    forms = classifier.manifest.forms
    assert forms is not None
    assert told.task_terms == (("global", forms.mean), ("unseen", forms.spread), ("model", 0.0))
    assert plan.upstreams == ("big",)
    asked = Asked(classifier, {}, deps.digests, {})
    row = {name: getattr(told, name) for name in SCORED}
    score = score_of(row, asked)
    assert score is not None
    assert (score["base_value"], score["contributions"], score["flip"]) == (0.0, [], None)
    assert sum(value for _, value in score["task_terms"]) == pytest.approx(score["raw"], abs=1e-6)
    assert score["calibrated"] == pytest.approx(told.p_good)


async def test_without_a_classifier_p_good_is_unknown_and_features_are_kept_all_the_same(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    told, plan = decided(make_deps(scripted(), scripted(), LIKELY))
    assert (told.p_good, told.artifact_digest, told.rule) == (None, "", "otherwise")
    assert told.features
    assert plan.upstreams == ("big",)
    first = told.reasons[0]
    assert (first["rule"], first["outcome"]) == ("likely-good", "unknown")


async def test_a_configured_cut_stands_in_where_the_policy_sets_none(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), UNCUT, classifier=classifier, cuts={"balanced": 0.4})
    assert decided(deps)[0].cut == 0.4


async def test_a_cut_by_hand_wins_over_the_configured_one(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier, cuts={"balanced": 0.4})
    assert decided(deps)[0].cut == 0.5


CONFER = """
policy: balanced
rules:
  - name: let-them-confer
    when: keep_cut > 0 and checkable
    plan: [{upstream: small, samples: 2, judges: [verifier]}, big]
otherwise: {plan: [big]}
"""


@pytest.mark.parametrize(
    ("keep_cuts", "text", "rule"),
    [
        ({"balanced": 0.8}, "What is 6 times 7? Answer with a number.", "let-them-confer"),
        ({"balanced": 0.8}, "Write a poem about the sea.", "otherwise"),
        ({"other": 0.8}, "What is 6 times 7? Answer with a number.", "otherwise"),
        ({}, "What is 6 times 7? Answer with a number.", "otherwise"),
    ],
)
async def test_a_configured_keep_cut_has_them_confer_where_answers_can_be_compared(
    scripted: Scripted, make_deps: MakeDeps, keep_cuts: dict[str, float], text: str, rule: str
) -> None:
    told, _ = decided(make_deps(scripted(), scripted(), CONFER, keep_cuts=keep_cuts), text)
    assert (told.rule, told.keep_cut) == (rule, keep_cuts.get("balanced"))


async def test_the_configured_keep_cut_comes_with_its_strictness(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), CONFER, keep_cuts={"balanced": 0.8}, strictness={"balanced": 0.02})
    assert decided(deps, "How many are 6 and 7?")[0].strictness == 0.02


async def test_a_keep_cut_by_hand_wins_over_the_configured_one(scripted: Scripted, make_deps: MakeDeps) -> None:
    by_hand = CONFER.replace("rules:", "keep_cut: 0.6\nrules:")
    deps = make_deps(scripted(), scripted(), by_hand, keep_cuts={"balanced": 0.8})
    assert decided(deps, "How many are 6 and 7?")[0].keep_cut == 0.6


async def test_a_pause_sends_to_the_baseline_and_asks_no_classifier(
    scripted: Scripted, make_deps: MakeDeps, classifier: Classifier
) -> None:
    deps = make_deps(scripted(), scripted(), LIKELY, classifier=classifier, paused=lambda key: key == "ada")
    paused, plan = decided(deps, key="ada")
    other, _ = decided(deps, key="bob")
    assert (paused.paused, paused.mode, plan.upstreams) == (True, "paused", ("big",))
    assert (paused.p_good, paused.features, paused.artifact_digest) == (None, b"", "")
    assert other.paused is False


async def test_a_pause_holds_inside_a_tool_loop_too(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted(), "policy: balanced\notherwise: {plan: [big]}\n")
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "How warm is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "21"},
    ]
    looping = parse(orjson.dumps({"model": "auto", "messages": turns}))
    first = opened_exchange()
    choose_plan(deps, first, looping, PLAIN)
    deps.sessions.note(first.session, Turn("small", first.started_at))
    running, paused = opened_exchange(), opened_exchange()
    assert choose_plan(deps, running, looping, PLAIN).upstreams == ("small", "big")
    assert choose_plan(replace(deps, paused=lambda key: True), paused, looping, PLAIN).upstreams == ("big",)
    assert (running.pinned, paused.pinned) == (True, False)


async def test_local_only_takes_every_remote_step_away(deps: Dependencies) -> None:
    told, plan = decided(deps, options=RequestOptions(local_only=True))
    assert plan.upstreams == ("small",)
    assert told.local_only is True


async def test_local_only_with_no_local_step_is_refused_and_the_decision_is_kept(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted(), "policy: balanced\notherwise: {plan: [big]}\n")
    told = opened_exchange()
    with pytest.raises(Forbidden) as refused:
        choose_plan(deps, told, chat(), RequestOptions(local_only=True))
    assert refused.value.code == "local_only"
    assert told.rule == "otherwise"


async def test_the_subject_is_the_rules_own_local_upstream(deps: Dependencies) -> None:
    policy = read_policy(LIKELY, {name: upstream.spec for name, upstream in deps.upstreams.items()})
    decision = decide(policy, {"p_good": 0.9}, Draw(1, 1, 0, 0), "big")
    assert decision.rule == "likely-good"
    assert subject_of(decision, {"small": (), "second": ()}) == "small"
    assert subject_of(decision, {"second": ()}) == "second"
    assert subject_of(decision, {}) == ""
