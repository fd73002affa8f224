"""What the second stage reads of the answers a step has got."""

from router.core.ports import Answer, Hearing, Said
from router.judges.weighing import given_of


def test_every_answer_goes_over_with_its_model_and_its_log_probabilities() -> None:
    entries = ({"token": "42", "logprob": -0.5}, {"token": "", "logprob": -3.0})
    first = Answer({"content": "42"}, "stop", logprobs=entries)
    said = (Said("small", "d1", first, 3, {"clean": 1.0}), Said("second", "d2", Answer({"content": "41"}, "length")))
    given = given_of(Answer({"content": "41"}, "length", hearing=Hearing(given=said)))
    assert [(one.member, one.digest, one.finish_reason) for one in given] == [
        ("small", "d1", "stop"),
        ("second", "d2", "length"),
    ]
    assert (given[0].logprobs, given[0].tokens, given[1].logprobs) == ((-0.5,), 3, None)


def test_an_answer_alone_is_given_alone() -> None:
    (only,) = given_of(Answer({"content": "42"}, "stop"))
    assert only.message == {"content": "42"}
