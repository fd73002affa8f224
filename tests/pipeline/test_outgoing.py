"""What goes out to a client, and when: comments while it waits, then the answer or why there is none."""

import asyncio

from policies.policy import Plan, Step
from router.core.exchange import Outcome
from router.pipeline.accounting import overhead_ms
from router.pipeline.intake import LONG
from router.pipeline.outgoing import PING, WAITING
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, serving

JUDGED = Plan((Step("small", ("structure", "refusal")), Step("big")))
PASSED = Plan((Step("small"), Step("big")))


async def test_a_held_stream_that_takes_long_says_so_and_tells_the_rest_at_its_end(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, client = scripted(), Client()
    small.slow("42")
    deps = make_deps(small, scripted(), settings={"commit_s": 0.001})
    running = asyncio.ensure_future(serving(deps, client, stream=True).run(JUDGED))
    await client.came.wait()
    assert client.chunks[0] == WAITING
    assert (client.started.status, client.started.headers["x-router-upstream"]) == (200, "")
    small.release(20)
    await running
    assert b"data: [DONE]\n\n" in client.body
    assert b"x-router-upstream=small" in client.chunks[-1]
    assert client.chunks[-1].startswith(b": ")


async def test_a_held_stream_that_said_it_waits_fails_in_band(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.slow("42")
    big.fails(500)
    deps = make_deps(small, big, settings={"commit_s": 0.001})
    served = serving(deps, client, stream=True)
    running = asyncio.ensure_future(served.run(Plan((Step("small", ("structure",)),))))
    await client.came.wait()
    await small.asked.happened()  # what is still on its way in would never be answered
    await asyncio.to_thread(small.down)
    await running
    assert b'data: {"error":' in client.body
    assert b"[DONE]" not in client.body
    assert (served.exchange.outcome, client.ended) == (Outcome.FAILED, True)


async def test_a_stream_that_falls_silent_sends_comments_and_goes_on(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client = scripted(), Client()
    small.slow("forty", " two")
    deps = make_deps(small, scripted(), settings={"commit_s": 0.001, "ping_s": 0.001})
    running = asyncio.ensure_future(serving(deps, client, stream=True).run(PASSED))
    small.release(2)  # the role, and a token
    while PING not in client.chunks:
        client.came.clear()
        await client.came.wait()
    small.release(9)
    await running
    assert b"data: [DONE]\n\n" in client.body
    assert b"two" in client.body


async def test_an_answer_that_is_not_streamed_never_says_that_it_waits(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client = scripted(), Client()
    deps = make_deps(small, scripted(), settings={"commit_s": 0.0})
    await serving(deps, client).run(JUDGED)
    assert WAITING not in client.chunks


async def test_a_slow_client_of_a_long_answer_is_waited_for_in_its_own_time(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    big, took = scripted().says("y" * LONG), 5_000_000
    deps = make_deps(scripted(), big)
    now = deps.clock_us

    class Slow(Client):
        """It takes five seconds to read."""

        async def send(self, chunk: bytes) -> None:
            await super().send(chunk)
            object.__setattr__(deps, "clock_us", lambda: now() + took)

    served = serving(deps, Slow())
    await served.run(Plan((Step("big"),)))
    assert took <= served.exchange.waited_us < took + 1_000_000
    assert overhead_ms(served.exchange, deps.clock_us()) < 1_000
