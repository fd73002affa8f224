"""Streams that are looked at on the way: what goes out, when, and who else was asked."""

from tests.conftest import OpenHouse, Scripted

PREFIX = """
policy: balanced
otherwise:
  plan:
    - {upstream: small, judges: [structure, refusal, loops], stream: prefixMORE}
    - big
"""


def test_the_first_sentence_goes_out_while_the_rest_is_still_written(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    long = "The tide comes in twice a day because the moon pulls at the water of the seas"
    small.slow(*[f"{long} {n}. " for n in range(8)])
    house = open_house({"small": small, "big": big}, policy=PREFIX.replace("MORE", ""))
    body = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "Why tides?"}]}

    small.release(8)
    with house.http.stream("POST", "/v1/chat/completions", json=body) as reply:
        pieces = reply.iter_lines()
        first = next(line for line in pieces if "tide" in line)
        assert "tide" in first  # it came while the upstream was waiting to be let go on
        small.release(20)
        rest = "".join(pieces)

    assert "[DONE]" in rest
    assert reply.headers["x-router-upstream"] == "small"
    assert big.requests == []
    assert all(v["reason"].startswith("too late to act: ") for v in house.ledger("verdicts"))


def test_a_beginning_that_declines_never_goes_out(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.streams(["I'm sorry, ", "but I cannot ", "help with that. ", "It is not something I do."])
    big.streams(["Because ", "of the moon."])
    house = open_house({"small": small, "big": big}, policy=PREFIX.replace("MORE", ""))

    reply = house.ask("Why tides?", stream=True)

    assert "sorry" not in reply.text
    assert "of the moon." in reply.text
    assert reply.headers["x-router-escalated"] == "refusal"


def test_a_verdict_too_late_to_act_is_written_down_and_nothing_is_taken_back(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    beginning = "A good beginning it is, and long enough for everybody who looks at it, whatever comes of it. "
    small.slow(beginning, *["round we go. "] * 40)
    house = open_house({"small": small, "big": big}, policy=PREFIX.replace("MORE", ", prefix: 20"))
    body = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "Why tides?"}]}

    small.release(3)
    with house.http.stream("POST", "/v1/chat/completions", json=body) as reply:
        pieces = reply.iter_lines()
        next(line for line in pieces if "beginning" in line)
        small.release(60)
        rest = list(pieces)

    assert "data: [DONE]" in rest
    assert big.requests == []
    late = [v for v in house.ledger("verdicts") if v["action"] == "escalate"]
    assert [(v["judge"], v["reason"].startswith("too late to act: ")) for v in late] == [("loops", True)]
    (exchange,) = house.ledger("exchanges")
    assert (exchange["outcome"], exchange["upstream"], exchange["escalated"]) == ("answered", "small", None)


RACE = """
policy: balanced
otherwise:
  plan:
    - {upstream: small, judges: [structure], stream: race, first_token_ms: 200}
    - big
"""


def test_a_race_is_won_by_whoever_stands_first_and_both_are_on_the_bill(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.hangs()
    big.streams(["forty ", "two"])
    house = open_house({"small": small, "big": big}, policy=RACE)

    reply = house.ask("What is six times seven?", stream=True)

    assert "forty " in reply.text
    assert reply.headers["x-router-upstream"] == "big"
    rows = house.ledger("attempts")
    assert [(r["upstream"], r["reason"], r["error"]) for r in rows] == [
        ("small", "first", "cancelled"),
        ("big", "race", None),
    ]
    assert all(row["ended_at"] and row["input"] for row in rows)


def test_a_race_that_the_small_one_wins_costs_what_the_big_one_was_asked(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("42")
    big.hangs()
    policy = RACE.replace("first_token_ms: 200", "band: [0.0, 1.0]")
    house = open_house({"small": small, "big": big}, policy=policy)

    reply = house.ask("What is six times seven?")

    assert reply.json()["choices"][0]["message"]["content"] == "42"
    rows = {row["upstream"]: row for row in house.ledger("attempts")}
    assert (rows["big"]["reason"], rows["big"]["error"]) == ("race", "cancelled")
    assert rows["big"]["cost"] > 0
    assert float(reply.headers["x-router-cost-usd"]) > 0
