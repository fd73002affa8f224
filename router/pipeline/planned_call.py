"""Plans one call: what it is for, and the request that it carries."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from msgspec import Struct
from msgspec.structs import replace

from policies.policy import Step
from router.core.dialects.chat import ChatRequest
from router.core.exchange import Origin, Question, Reason
from router.core.lessons import Lesson
from router.core.moves import Ask
from router.core.splice import splice
from router.core.upstream import UpstreamSpec

TOP_LOGPROBS = 5
COLD = 0.3  # below this temperature a model's samples hardly differ
WARM = 0.7
TELLS_LOGPROBS = frozenset({"llamacpp", "ollama"})


class PlannedCall(Struct, frozen=True):
    """What one call is for: the request it carries and its place in the plan.

    `look_at`: after how many tokens judges look at its prefix; None for never. `hide_logprobs`: judges need
    log-probabilities that the client did not ask for. `question`: the judge's question that it asks, if any.
    `patient`: no step of the plan's own comes after it. `lesson`: what the same step's refusal has just taught. `ahead`
    is awaited before anything is sent, and may raise UpstreamError. `hedges`: the attempt that this one repeats beside
    it. `kept`: the answer is gathered although it passes through, for the shadow.
    """

    number: int
    step: int
    upstream: str
    reason: Reason
    held: bool
    origin: Origin = Origin.SERVE
    look_at: int | None = None
    hide_logprobs: bool = False
    question: Question | None = None
    patient: bool = True
    lesson: Lesson | None = None
    ahead: Callable[[], Awaitable[None]] | None = None
    hedges: str = ""
    kept: bool = False

    @property
    def as_it_came(self) -> bool:
        """Whether the client's own bytes may go to an upstream of its dialect, as nothing in them must be changed."""
        return self.question is None and self.reason is not Reason.SAMPLE


def plan_call(
    ask: Ask, steps: Sequence[Step], request: ChatRequest, spec: UpstreamSpec, lesson: Lesson | None = None
) -> PlannedCall:
    """The call that `ask` wants made in a plan of `steps`, to the upstream of `spec`."""
    step = steps[ask.step]
    question = ask.question
    origin = Origin.PANEL if step.confers or (question and question.kind == "sample") else Origin.SERVE
    return PlannedCall(
        number=ask.call,
        step=ask.step,
        upstream=spec.name,
        reason=ask.reason,
        held=ask.held,
        origin=Origin.JUDGE if question and question.kind == "opinion" else origin,
        look_at=(step.prefix or 0) if ask.prefix else None,
        hide_logprobs=bool(step.judges) and _wants_logprobs(step, spec) and _may_be_asked(request),
        question=question,
        patient=ask.step + 1 == len(steps) or bool(steps[ask.step + 1].resort),  # then only steps of last resort follow
        lesson=lesson,
    )


def worded(planned: PlannedCall, request: ChatRequest, nth: int) -> ChatRequest:
    """The request that this call carries: the client's own if nothing is added. `nth`: which sample it is."""
    question = planned.question
    if question is None and not planned.hide_logprobs and planned.reason is not Reason.SAMPLE:
        return request
    if question is not None and question.kind == "opinion":
        return _own_request(question.body)
    changes: dict[str, Any] = {}
    if question is not None and question.kind == "repair":
        changes["messages"] = [*request.body["messages"], *question.body["messages"]]
    if planned.hide_logprobs:
        changes |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    if planned.reason is Reason.SAMPLE:
        changes |= _varied(request.body, nth)
    if not changes:  # a sample whose temperature is high enough, without a seed
        return request
    raw = splice(request.raw, {name: orjson.dumps(value) for name, value in changes.items()})
    return replace(request, raw=raw, body={**request.body, **changes})


def _wants_logprobs(step: Step, spec: UpstreamSpec) -> bool:
    """Whether the step's judges read log-probabilities that this upstream gives, or may give.

    The judge `confidence` needs them. `verifier` can do without, so it asks only servers known to give them: others may
    refuse the whole request.
    """
    if spec.supports is not None:
        gives = "logprobs" in spec.supports
        return gives and ("confidence" in step.judges or "verifier" in step.judges)
    return "confidence" in step.judges or ("verifier" in step.judges and spec.kind in TELLS_LOGPROBS)


def _may_be_asked(request: ChatRequest) -> bool:
    """Whether log-probabilities can be added to the request.

    Not if the client asks for them itself, nor if it streams tool calls: llama.cpp refuses the two together."""
    return not request.body.get("logprobs") and not (request.stream and request.body.get("tools"))


def _varied(body: Any, nth: int) -> dict[str, Any]:
    """Changes that make further samples of a model differ from its first."""
    temperature, seed = body.get("temperature"), body.get("seed")
    changes: dict[str, Any] = {}
    if isinstance(temperature, int | float) and temperature < COLD:
        changes["temperature"] = WARM
    if isinstance(seed, int) and not isinstance(seed, bool):
        changes["seed"] = seed + nth
    return changes


def _own_request(body: Any) -> ChatRequest:
    whole = {"model": "judge", **body}
    limit = whole.get("max_tokens")
    return ChatRequest(orjson.dumps(whole), whole, "judge", stream=False, wants_usage=False, max_tokens=limit)
