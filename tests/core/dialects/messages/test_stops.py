"""Why an answer ended, in either house's words."""

from typing import Any

import pytest

from router.core.dialects.messages.stops import FINISH_REASONS, STOP_REASONS, finish_of, stop_of


def stop(choice: dict[str, Any], *, calls: bool = False, refused: bool = False) -> tuple[Any, Any]:
    found = stop_of(choice, ("END",), calls=calls, refused=refused)
    return found["stop_reason"], found["stop_sequence"]


@pytest.mark.parametrize("reason", list(STOP_REASONS))
def test_every_finish_reason_has_a_stop_reason_that_anthropic_knows(reason: str) -> None:
    assert stop({"finish_reason": reason})[0] in FINISH_REASONS


def test_a_reason_that_is_not_known_is_the_end_of_a_turn() -> None:
    assert stop({"finish_reason": "eos"}) == ("end_turn", None)
    assert stop({"finish_reason": 7}) == ("end_turn", None)


def test_a_call_that_a_server_finished_with_stop_is_a_call() -> None:
    assert stop({"finish_reason": "stop"}, calls=True) == ("tool_use", None)
    assert stop({"finish_reason": "length"}, calls=True) == ("max_tokens", None)


def test_the_sequence_is_named_where_the_server_named_one_of_the_clients() -> None:
    assert stop({"finish_reason": "stop", "stop_reason": "END"}) == ("stop_sequence", "END")
    assert stop({"finish_reason": "stop", "stop_reason": 128001}) == ("end_turn", None)


def test_a_refusal_is_one_whatever_the_choice_says() -> None:
    assert stop({"finish_reason": "stop"}, calls=True, refused=True) == ("refusal", None)


def test_a_stop_sequence_comes_back_as_vllm_says_it() -> None:
    met = finish_of({"stop_reason": "stop_sequence", "stop_sequence": "END"})
    assert met == {"finish_reason": "stop", "stop_reason": "END"}
    assert finish_of({"stop_reason": "refusal"}) == {"finish_reason": "content_filter"}
    assert finish_of({}) == {"finish_reason": None}
