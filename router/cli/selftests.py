"""A policy's own tests, run with the signals that a request would have."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from policies.policy import Policy
from policies.selftest import run_tests
from router.config import Config
from router.core.dialects.chat import max_tokens_of
from router.core.errors import BadRequest, Problem
from router.core.privacy.detect import detect
from router.core.signals import READ, Facts, facts_of, gather
from router.core.signals import SignalValue as Value
from router.core.tokens import prompt_tokens
from router.pipeline.reading import read_off


def policy_tests(config: Config, policy: Policy) -> list[Problem]:
    """Return a problem for each of *policy*'s tests that meets another rule than it names.

    `p_good` and `cut` are what the test sets, else unknown: no classifier is asked.
    """
    return run_tests(policy, _gatherer(config, policy))


def _gatherer(config: Config, policy: Policy) -> Callable[[Mapping[str, object]], Mapping[str, Value]]:
    about: dict[str, Value] = {}
    for spec in config.upstreams.values():
        about |= facts_of(spec, None)
    first = next((name for name, spec in config.upstreams.items() if spec.local), None)

    def signals(body: Mapping[str, Any]) -> Mapping[str, Value]:
        whole = {**body, "messages": _messages(body)}
        facts = Facts(
            whole,
            prompt_tokens=prompt_tokens(whole),
            max_tokens=_limit(whole),
            stream=whole.get("stream") is True,
            first=first,
            found=detect(whole),
            local_models=sum(spec.local for spec in config.upstreams.values()),
            read=read_off(whole, replace(policy, keep_cut=policy.keep_cut or 1.0), frozenset(READ)),
        )
        return gather(facts, about)

    return signals


def _limit(body: Mapping[str, Any]) -> int | None:
    try:
        return max_tokens_of(body)
    except BadRequest:  # a test's request need not be one that would be let in
        return None


def _messages(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # A test may leave the request out and set the signals that matter.
    messages = body.get("messages")
    sound: list[Mapping[str, Any]] = (
        [message for message in messages if isinstance(message, Mapping)] if isinstance(messages, list) else []
    )
    return sound or [{"role": "user", "content": ""}]
