"""The shell around a cascade: the client gets what was released, when it was, and nothing twice."""

import asyncio
from dataclasses import replace

import pytest

from policies.policy import Plan, Step
from router.core.errors import UpstreamError
from router.core.exchange import Outcome
from router.core.upstream import Call, OpenStream, Reply, UpstreamSpec, UpstreamState
from router.pipeline.holding import Holding, weight_of
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import SORRY, Client, chat, open_call, serving
from tests.standins.acts import event

JUDGED = Plan((Step("small", ("structure", "refusal")), Step("big")))
PASSED = Plan((Step("small"), Step("big")))


async def test_an_accepted_answer_goes_out_whole_with_its_length(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client = scripted(), Client()
    small.says("42")
    served = serving(make_deps(small, scripted()), client)
    await served.run(JUDGED)
    assert client.started.length == len(client.body)
    assert (client.ended, len(client.chunks)) == (True, 1)
    assert (served.exchange.outcome, served.exchange.upstream) == (Outcome.ANSWERED, "small")
    assert [verdict.action for verdict in served.exchange.verdicts] == ["accept", "accept"]
    assert {verdict.attempt for verdict in served.exchange.verdicts} == {served.exchange.attempts[0].id}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_no_byte_of_a_doubtful_answer_goes_out_when_a_better_one_can_be_had(
    stream: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.says(SORRY)
    big.says("42")
    served = serving(make_deps(small, big), client, stream=stream)
    await served.run(JUDGED)
    assert b"sorry" not in client.body
    assert b"42" in client.body
    assert (served.exchange.upstream, served.exchange.escalated) == ("big", "refusal")
    assert served.exchange.degraded is False
    assert client.started.headers["x-router-escalated"] == "refusal"


async def test_judges_stop_at_the_first_that_escalates(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("")
    served = serving(make_deps(small, scripted()), Client())
    await served.run(JUDGED)
    assert [verdict.judge for verdict in served.exchange.verdicts] == ["structure"]
    assert served.exchange.escalated == "structure"


async def test_a_stream_without_judges_goes_out_as_it_comes(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client = scripted(), Client()
    small.slow("one", " two")
    served = asyncio.ensure_future(serving(make_deps(small, scripted()), client, stream=True).run(PASSED))
    small.release(2)
    await client.came.wait()
    assert not client.ended
    small.release(10)
    await served
    assert client.body.endswith(b"data: [DONE]\n\n")
    assert client.started.length is None


async def test_a_stream_that_breaks_after_it_began_ends_in_band(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.cuts(after=3)
    served = serving(make_deps(small, big), client, stream=True)
    await served.run(PASSED)
    assert client.started.status == 200
    assert b'data: {"error":' in client.body
    assert b"[DONE]" not in client.body
    assert served.exchange.outcome is Outcome.FAILED
    assert big.requests == []


async def test_when_nobody_answers_the_error_is_raised_for_the_client(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.fails(500, {})
    big.fails(503, {})
    served = serving(make_deps(small, big), client)
    with pytest.raises(UpstreamError) as raised:
        await served.run(PASSED)
    assert raised.value.upstream == "big"
    assert (client.head, served.outgoing.started) == (None, False)
    assert (served.exchange.outcome, served.exchange.fallback) == (Outcome.FAILED, "upstream_failed")


async def test_a_doubtful_answer_is_better_than_none_and_is_called_degraded(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.says(SORRY)
    big.fails(500)
    served = serving(make_deps(small, big), client)
    await served.run(JUDGED)
    assert b"sorry" in client.body
    assert client.started.headers["x-router-degraded"] == "1"
    assert served.exchange.outcome is Outcome.ANSWERED


async def test_a_client_that_leaves_ends_every_call_and_gets_nothing(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.hangs()
    served = serving(make_deps(small, big), client)
    running = asyncio.ensure_future(served.run(JUDGED))
    await small.asked.happened()
    client.leave()
    await running
    assert served.exchange.outcome is Outcome.ABORTED
    assert [attempt.error for attempt in served.exchange.attempts] == ["cancelled"]
    assert (client.head, big.requests) == (None, [])


async def test_a_retry_is_told_from_a_fallback(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client = scripted(), Client()
    small.says("warm").then.drops().then.says("again")
    deps = make_deps(small, scripted())
    await serving(deps, Client()).run(PASSED)
    served = serving(deps, client)
    await served.run(PASSED)
    assert [str(attempt.reason) for attempt in served.exchange.attempts] == ["first", "retry"]
    assert served.exchange.fallback is None


class Buggy:
    """An upstream kind of somebody's own, with a bug."""

    def __init__(self, spec: UpstreamSpec) -> None:
        self.spec = spec

    async def send(self, call: Call) -> Reply:
        raise ZeroDivisionError("a bug")

    async def stream(self, call: Call) -> OpenStream:
        raise ZeroDivisionError("a bug")

    async def state(self) -> UpstreamState:
        return UpstreamState("ready")

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_bug_in_an_upstreams_kind_ends_the_request_and_not_its_clients_patience(
    stream: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted())
    upstreams = {**deps.upstreams, "small": Buggy(deps.upstreams["small"].spec)}
    served = serving(replace(deps, upstreams=upstreams), Client(), stream=stream)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await served.run(JUDGED)
    (attempt,) = served.exchange.attempts
    assert (attempt.error, attempt.ended_at is not None) == ("internal_error", True)


class Narrow(Holding):
    """Holds no more than 5 kB for anybody."""

    def take(self, kept: int, size: int) -> str | None:
        super().take(kept, size)
        return "too much" if kept + size > 5000 else None


async def test_a_prefix_that_was_to_be_looked_at_and_became_too_much_leads_to_the_next_step(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big, client = scripted(), scripted(), Client()
    said = ["Hello there. It is fine. ", *["y" * 600] * 12]
    events = (event({"id": "x", "choices": [{"index": 0, "delta": {"content": text}}]}) for text in said)
    small.sends(b"".join(events), content_type="text/event-stream")
    big.streams(["forty", " two"])
    deps = replace(make_deps(small, big), holding=Narrow())
    served = serving(deps, client, stream=True)
    await served.run(Plan((Step("small", ("refusal",), stream="prefix", prefix=0), Step("big"))))
    assert b"two" in client.body
    assert [attempt.error for attempt in served.exchange.attempts] == ["answer_too_large", None]
    assert deps.holding.bytes == deps.holding.calls == 0


async def test_what_is_kept_for_judges_counts_until_the_exchange_is_over(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, client = scripted(), Client()
    small.streams(["y" * 1000] * 3)
    deps = make_deps(small, scripted())
    one = open_call(deps, chat(stream=True))
    await one.run(lambda event: None)
    assert deps.holding.bytes == sum(weight_of(part, part) for part in one.parts) > 3000
    one.release_to(client)
    assert deps.holding.bytes == 0
