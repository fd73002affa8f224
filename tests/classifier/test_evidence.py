"""Evidence says who supports what, in numbers that do not depend on the order of the values."""

from math import isnan

import pytest

from classifier.answers import Given, asked, read
from classifier.evidence import FEATURES, candidates, mark, rows

SUM = {"messages": [{"role": "user", "content": "How many are 3 and 14?"}]}
ANSWERS = read(
    SUM, [Given(d, d, {"content": text}) for d, text in (("a", "17"), ("b", "16"), ("c", "It is 17"))], asked(SUM)
)


def test_each_distinct_value_has_its_supporters() -> None:
    found = candidates(ANSWERS, {})
    assert [(one.value, one.supporters, one.best) for one in found] == [("17", (0, 2), 0), ("16", (1,), 1)]
    assert candidates(ANSWERS, {"c": 0.9, "a": 0.5})[0].best == 2


def test_votes_are_shares_of_the_asked_and_counts() -> None:
    table = rows(candidates(ANSWERS, {}), ANSWERS, asked(SUM), {})
    row = dict(zip(FEATURES, table[0].tolist(), strict=True))
    assert (row["support"], row["lead"], row["distinct"], row["abstained"]) == (2, 1, 2, 0)
    assert row["support_share"] == pytest.approx(2 / 3)
    assert row["strongest_supports"] == 1
    assert isnan(row["logprob_mean"])


def test_a_slot_says_supports_does_not_or_was_not_asked() -> None:
    found = candidates(ANSWERS, {})
    table = rows(found, ANSWERS, asked(SUM), {})
    mark(table, found, [answer.digest for answer in ANSWERS], {"a": 0, "b": 1, "z": 2})
    first = FEATURES.index("who_0")
    assert table[0, first : first + 2].tolist() == [1.0, 0.0]
    assert isnan(table[0, first + 2])
