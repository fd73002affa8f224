"""How an answer is worded is counted over its beginning alone."""

from classifier.wording import CHARS, FEATURES, figures, worded


def told(text: str, *asked: str) -> dict[str, float]:
    return dict(zip(FEATURES, worded(text, frozenset(asked)), strict=True))


def test_lines_figures_and_doubts_are_counted() -> None:
    seen = told("3 + 4 = 7\nHowever, none of the options fits; the closest is 8.", "3", "4", "5")
    assert seen["text_lines"] == 2
    assert seen["text_figures"] == 4
    assert seen["text_doubts"] == 1
    assert seen["text_misfits"] == 2
    assert seen["text_equations"] == 1
    assert seen["text_uses_ask"] == 2 / 3


def test_figures_are_compared_by_value() -> None:
    assert list(figures("1,200 and 3.50 and 7.")) == ["1200", "3.5", "7"]


def test_nothing_beyond_the_beginning_counts() -> None:
    assert told("a" * CHARS + " 7 however") == told("a" * CHARS)


def test_an_ask_without_figures_is_used_by_none() -> None:
    assert told("It is 7.")["text_uses_ask"] == 0


def test_digits_without_end_are_no_number() -> None:
    assert list(figures("9" * 400)) == []
