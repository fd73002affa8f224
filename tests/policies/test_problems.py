"""What is told about a mistake."""

from policies.problems import PolicyErrors, Problem, nearest


def problem(line: int, path: str = "rules[0].when") -> Problem:
    return Problem("balanced.yaml", line, path, "no signal is called 'p_god'", "did you mean 'p_good'?")


def test_a_problem_reads_as_file_line_path_message_and_remedy() -> None:
    assert str(problem(7)) == ("balanced.yaml:7: rules[0].when: no signal is called 'p_god'; did you mean 'p_good'?")


def test_a_problem_of_the_whole_file_has_no_path() -> None:
    assert str(problem(1, "")).startswith("balanced.yaml:1: no signal")


def test_problems_are_told_in_the_order_of_the_file() -> None:
    errors = PolicyErrors([problem(9), problem(2)])
    assert [told.line for told in errors.problems] == [2, 9]
    assert str(errors).count("\n") == 1


def test_a_remedy_is_given_even_when_no_word_is_near() -> None:
    assert nearest("p_god", ["p_good", "tools"], "look it up") == "did you mean 'p_good'?"
    assert nearest("zzz", ["p_good", "tools"], "look it up") == "look it up"
