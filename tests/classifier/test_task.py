"""A task is an application and a template; a split key is a question, however it is written."""

import pytest

from classifier.task import named_path, question_key, split_key, task_path


def body(ask: str, system: str = "") -> dict[str, object]:
    first = [{"role": "system", "content": system}] if system else []
    return {"messages": [*first, {"role": "user", "content": ask}]}


def test_the_same_question_has_one_key_however_it_is_typed() -> None:
    assert split_key("What is the capital of Peru, please?") == split_key("what is the CAPITAL of peru please")


def test_options_do_not_make_another_question_of_a_long_stem() -> None:
    stem = "Which of the following planets has the largest number of known moons?"
    assert split_key(f"{stem}\nA. Mars\nB. Saturn") == split_key(f"{stem}\nA. Venus\nB. Saturn")


def test_a_stem_that_asks_nothing_by_itself_needs_its_options() -> None:
    assert split_key("Which is true?\nA. one\nB. two") != split_key("Which is true?\nA. red\nB. blue")


def test_a_date_in_the_system_prompt_makes_no_new_application() -> None:
    one, other = (task_path(body("Sort this mail now", f"Today is 2026-01-{day}."), b"s") for day in ("03", "14"))
    assert one == other
    assert [element.partition(":")[0] for element in one] == ["app", "task"]


def test_a_bare_question_names_no_application() -> None:
    assert all(element.startswith("task:") for element in task_path(body("one two three four five six"), b"s"))


def test_a_path_says_nothing_to_whoever_has_another_salt() -> None:
    asked = body("one two three four five six", "An application")
    assert not set(task_path(asked, b"one")) & set(task_path(asked, b"other"))


@pytest.mark.parametrize("other", [("mail", "b"), ("web", "a")])
def test_a_named_path_tells_sources_and_categories_apart(other: tuple[str, str]) -> None:
    assert named_path("mail", "a", b"")[1] != named_path(*other, b"")[1]


def test_however_long_a_question_is_its_key_is_of_its_beginning() -> None:
    words = "Prove that there are infinitely many primes, and say in which year it was first written down by whom. " * 9
    assert split_key(words) == split_key(words + "Thanks!")
    assert split_key(" . " * 400 + words) == split_key(words)


def test_a_question_has_one_key_under_a_salt_whatever_stands_around_it() -> None:
    asked = [body("What is the capital of Peru?"), body("what is the capital of PERU", "You are a guide.")]
    assert len({question_key(one, b"salt") for one in asked}) == 1
    assert question_key(asked[0], b"salt") != question_key(asked[0], b"other")
    assert question_key(asked[0], b"salt") != question_key(body("What is the capital of Chile?"), b"salt")
