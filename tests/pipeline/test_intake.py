"""All bodies under way take no more than they may, whatever they are made of, and what is over makes room."""

import pytest

from policies.policy import Plan, Step
from router.core.errors import NoRoom, Overloaded
from router.core.retrying import retry_headers
from router.pipeline.intake import FEW, IN_ALL, LARGEST, LONG, Intake, Share, weighed, weight_of
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, serving
from tests.standins.acts import Received

MB = 2**20


@pytest.mark.parametrize("number", [9, 90])
def test_no_number_of_requests_takes_more_than_twice_the_limit(number: int) -> None:
    intake = Intake()
    shares = [intake.share(64 * MB) for _ in range(number)]
    refused = 0
    for _ in range(200):
        for share in shares:
            try:
                share.take(MB)
            except Overloaded:
                refused += 1
            assert intake.holding.bytes <= 2 * IN_ALL + refused * MB
    assert refused


def test_a_small_request_goes_on_beside_large_ones() -> None:
    intake = Intake()
    for _ in range(3):
        intake.share(64 * MB).take(170 * MB)
    with intake.share(64 * MB) as small:
        small.take(MB)
    with pytest.raises(Overloaded, match="take over 512 MB together"), intake.share(64 * MB) as large:
        large.take(200 * MB)
    assert intake.holding.bytes == 510 * MB


def test_where_larger_bodies_are_taken_there_is_room_for_some() -> None:
    with Intake().share(1024 * MB) as share:
        share.take(LARGEST * 1024 * MB)


@pytest.mark.parametrize(
    ("raw", "weight"),
    [
        (b"a" * 100, 200),
        ("é".encode() * 50, 400),
        ("中".encode() * 30 + b"a" * 10, 400),
        ("😀".encode() + b"a" * 96, 600),
        (b"\\ud83d\\ude00" + b"a" * 88, 600),
        (b"[1,2,3]", 14 + 2 * 80),
    ],
)
def test_a_body_weighs_what_its_text_and_its_values_take(raw: bytes, weight: int) -> None:
    assert weight_of(raw) == weight


async def test_a_long_body_weighs_the_same_beside_the_loop() -> None:
    raw = "é,".encode() * LONG
    assert await weighed(raw) == weight_of(raw)


LITTLE, LARGE = {"in_all": 100_000}, "y" * 150_000
"""So much that the answer alone takes more than twice the limit, as it came and as it is read."""


async def test_answers_that_take_too_much_end_in_503_and_blame_no_upstream(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    big, client = scripted().says(LARGE), Client()
    deps = make_deps(scripted(), big, settings=LITTLE)
    served = serving(deps, client)
    with pytest.raises(NoRoom) as refused:
        await served.run(Plan((Step("big"),)))
    assert (refused.value.status, refused.value.code) == (503, "overloaded")
    assert retry_headers(refused.value) == {"retry-after": "1"}
    (attempt,) = served.exchange.attempts
    assert (attempt.error, attempt.status) == ("overloaded", 200)
    assert attempt.usage is not None
    assert attempt.usage.output > 0  # it was written, so it will be billed
    assert not deps.breakers.in_trouble("big")
    assert (deps.intake.holding.bytes, deps.intake.holding.calls) == (0, 0)


async def test_a_smaller_answer_of_the_next_step_takes_its_place(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big, client = scripted().says(LARGE), scripted().says("42"), Client()
    deps = make_deps(small, big, settings=LITTLE)
    served = serving(deps, client)
    await served.run(Plan((Step("small"), Step("big"))))
    assert b"42" in client.body
    assert [attempt.error for attempt in served.exchange.attempts] == ["overloaded", None]
    assert served.exchange.fallback == "overloaded"
    assert served.calls[0].reply is None  # else it would go on taking memory that nobody counts


async def test_bodies_and_answers_share_one_limit(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted().says("z" * 60_000)
    deps = make_deps(scripted(), big, settings=LITTLE)
    await serving(deps, Client()).run(Plan((Step("big"),)))  # alone there is room for it
    with Share(deps.intake.holding, 1) as body:
        body.take(50_000)
        with pytest.raises(NoRoom):
            await serving(deps, Client()).run(Plan((Step("big"),)))
    assert deps.intake.holding.bytes == 0


@pytest.mark.parametrize("said", ["cut", "cut " * FEW])
async def test_a_large_answer_that_judges_sent_on_counts_until_the_exchange_is_over(
    scripted: Scripted, make_deps: MakeDeps, said: str
) -> None:
    small, big, seen = scripted().says(said, finish_reason="length"), scripted(), list[int]()
    deps = make_deps(small, big)

    def answer(request: Received) -> str:
        seen.append(deps.intake.holding.bytes)
        return "42"

    big.answers(answer)
    served = serving(deps, Client())
    await served.run(Plan((Step("small", ("structure",)), Step("big"))))
    (doubtful, _) = served.calls.values()
    assert doubtful.reply is not None
    weight = len(doubtful.reply.body) + weight_of(doubtful.reply.body)
    assert seen == [weight if len(doubtful.reply.body) > FEW else 0]
    assert (deps.intake.holding.bytes, deps.intake.holding.calls) == (0, 0)
