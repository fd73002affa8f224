"""What one call is for, and the request it carries there."""

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
COLD = 0.3  # below this temperature the samples of a model are one sample
WARM = 0.7
TELLS_LOGPROBS = frozenset({"llamacpp", "ollama"})


class PlannedCall(Struct, frozen=True):
    """What one call is for: the request it carries and its place in the plan.

    `look_at`: after how many tokens its prefix may be looked at, None never. `hide_logprobs`: the
    client did not ask for those that the judges need. `question`: a judge's, which it puts. `patient`:
    no step of the plan's own comes after it. `lesson`: what the refusal of the same step has just taught.
    `ahead` is waited for before anything is sent; it may raise UpstreamError. `hedges`: the attempt beside
    which this one is made. `kept`: its answer is put together although it passes through, for the shadow.
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
        """Whether the client's own bytes may go to an upstream of its dialect: nothing in them need be changed."""
        return self.question is None and self.reason is not Reason.SAMPLE


def plan_call(
    ask: Ask, steps: Sequence[Step], request: ChatRequest, spec: UpstreamSpec, lesson: Lesson | None = None
) -> PlannedCall:
    """The call that an Ask wants in a plan of these steps, to the upstream of `spec`."""
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
        patient=ask.step + 1 == len(steps) or bool(steps[ask.step + 1].resort),  # those of last resort come last
        lesson=lesson,
    )


def worded(planned: PlannedCall, request: ChatRequest, nth: int) -> ChatRequest:
    """The request as this call carries it; the client's own where nothing is added. `nth`: which sample it is."""
    question = planned.question
    if question is None and not planned.hide_logprobs and planned.reason is not Reason.SAMPLE:
        return request
    if question is not None and question.kind == "opinion":
        return _asked_by_us(question.body)
    changes: dict[str, Any] = {}
    if question is not None and question.kind == "repair":
        changes["messages"] = [*request.body["messages"], *question.body["messages"]]
    if planned.hide_logprobs:
        changes |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    if planned.reason is Reason.SAMPLE:
        changes |= _warmed(request.body, nth)
    if not changes:  # a sample that is warm already and has no seed
        return request
    raw = splice(request.raw, {name: orjson.dumps(value) for name, value in changes.items()})
    return replace(request, raw=raw, body={**request.body, **changes})


def _wants_logprobs(step: Step, spec: UpstreamSpec) -> bool:
    """Whether the step's judges read log-probabilities that this upstream gives, or may give.

    The judge `confidence` is about nothing else; for `verifier` they are welcome, so they are asked of servers
    that are known to give them and of no other: some refuse the whole request over it.
    """
    if spec.supports is not None:
        gives = "logprobs" in spec.supports
        return gives and ("confidence" in step.judges or "verifier" in step.judges)
    return "confidence" in step.judges or ("verifier" in step.judges and spec.kind in TELLS_LOGPROBS)


def _may_be_asked(request: ChatRequest) -> bool:
    """Whether log-probabilities may be asked for beside what the client wants: it has not done so itself, and it does
    not stream tool calls, for which llama.cpp refuses them with the whole request."""
    return not request.body.get("logprobs") and not (request.stream and request.body.get("tools"))


def _warmed(body: Any, nth: int) -> dict[str, Any]:
    """What makes the further samples of a model differ from its first."""
    temperature, seed = body.get("temperature"), body.get("seed")
    changes: dict[str, Any] = {}
    if isinstance(temperature, int | float) and temperature < COLD:
        changes["temperature"] = WARM
    if isinstance(seed, int) and not isinstance(seed, bool):
        changes["seed"] = seed + nth
    return changes


def _asked_by_us(body: Any) -> ChatRequest:
    whole = {"model": "judge", **body}
    limit = whole.get("max_tokens")
    return ChatRequest(orjson.dumps(whole), whole, "judge", stream=False, wants_usage=False, max_tokens=limit)
