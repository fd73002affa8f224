"""What the pipeline's tests work with: a client that is a list, a small classifier, and short ways to say things."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from classifier.artifact import Classifier
from classifier.digests import model_digest
from classifier.label import Label, Spending
from classifier.train import Settings, train
from policies.load import load_policy
from policies.policy import Policy
from router.core.dialects.chat import ChatRequest, parse
from router.core.exchange import Exchange, Reason
from router.core.upstream import UpstreamSpec
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall
from router.pipeline.serving import Serving
from router.pipeline.sink import Start
from router.pipeline.streamed_call import StreamedCall
from router.runtime.policybook import names_of
from tests.store.records import NOON

CASCADE = """
policy: balanced
otherwise:
  plan:
    - {upstream: small, judges: [structure, refusal]}
    - big
"""
PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"
SORRY = "I'm sorry, but I cannot help with that."


class Client:
    """A sink that keeps what it is sent; `leave()` closes the connection."""

    def __init__(self) -> None:
        self.head: Start | None = None
        self.chunks: list[bytes] = []
        self.ended = False
        self.came = asyncio.Event()
        self._has_left = False
        self._tell: Callable[[], None] | None = None

    @property
    def body(self) -> bytes:
        """All bytes so far."""
        return b"".join(self.chunks)

    @property
    def started(self) -> Start:
        """Status and headers, which must have come."""
        assert self.head is not None, "nothing was started"
        return self.head

    def leave(self) -> None:
        self._has_left = True
        if self._tell is not None:
            self._tell()

    async def start(self, start: Start) -> None:
        assert self.head is None, "started twice"
        self.head = start

    async def send(self, chunk: bytes) -> None:
        assert self.head is not None, "bytes before the head"
        assert not self.ended, "bytes after the end"
        self.chunks.append(chunk)
        self.came.set()

    async def end(self) -> None:
        assert not self.ended, "ended twice"
        self.ended = True

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        self._tell = left
        if self._has_left:
            left()
        return self._forget

    def _forget(self) -> None:
        self._tell = None


def chat(text: str = "6 times 7?", **more: Any) -> ChatRequest:
    """A request as the dialect reads it; `model` is auto unless said otherwise."""
    body = {"model": "auto", "messages": [{"role": "user", "content": text}], **more}
    return parse(orjson.dumps(body))


def opened_exchange(**fields: Any) -> Exchange:
    """An exchange as the pipeline opens it, at noon."""
    return Exchange(**{"id": "0198-x", "started_at": NOON, **fields})


def open_call(
    deps: Dependencies, request: ChatRequest, upstream: str = "small", *, held: bool = True, **exchange: Any
) -> OpenCall:
    """The first call of an exchange, as the pipeline opens it."""
    planned = PlannedCall(number=0, step=0, upstream=upstream, reason=Reason.FIRST, held=held)
    kind = StreamedCall if request.stream else OpenCall
    return kind(deps, opened_exchange(**exchange), request, planned)


def serving(deps: Dependencies, client: Client, **body: Any) -> Serving:
    """What carries out a plan for `client`; `body`: more fields of the request."""
    return Serving(deps, opened_exchange(baseline="big", stream=bool(body.get("stream"))), chat(**body), client)


def read_policy(text: str, specs: dict[str, UpstreamSpec]) -> Policy:
    """A policy checked against these upstreams, as the runtime does it."""
    return load_policy(text, source="test.yaml", names=names_of(specs))


def tiny_classifier() -> Classifier:
    """A classifier that learned one thing in a second: sums are safe with `small-model`, proofs are not."""
    labels = [_label(n, proof=bool(n % 2)) for n in range(80)]
    return train(labels, Settings(trees=5, min_child=5, min_rows=5, folds=2)).classifier


def _label(n: int, *, proof: bool) -> Label:
    text = f"Prove theorem {n} about primes, step by step." if proof else f"What is {n} + {n}?"
    return Label(
        prompt_id=str(n),
        source="made",
        category="proof" if proof else "sum",
        body={"messages": [{"role": "user", "content": text}]},
        key=str(n),
        small_model="small-model",
        small_digest=model_digest("small-model"),
        large_model="big-model",
        small_quality=0.0 if proof else 1.0,
        large_quality=1.0,
        quality_kind="exact",
        split="train",
        spending=Spending(),
    )
