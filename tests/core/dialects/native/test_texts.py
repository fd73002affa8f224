"""Text completions read as chat."""

from router.core.dialects.native.texts import TextReader


def test_a_chunk_of_text_is_a_delta_and_its_end_a_finish() -> None:
    (said,) = TextReader().feed({"id": "c", "choices": [{"index": 1, "text": "ab", "finish_reason": None}]})
    (last,) = TextReader().feed({"choices": [{"text": "", "finish_reason": "length"}], "usage": {"prompt_tokens": 1}})
    assert said == {"id": "c", "choices": [{"index": 1, "delta": {"content": "ab"}, "finish_reason": None}]}
    assert last["choices"] == [{"index": 0, "delta": {}, "finish_reason": "length"}]
    assert last["usage"] == {"prompt_tokens": 1}


def test_a_whole_text_is_the_assistants_message() -> None:
    told = TextReader().whole({"id": "c", "choices": [{"index": 0, "text": "ab", "finish_reason": "stop"}]})
    assert told["choices"][0]["message"] == {"role": "assistant", "content": "ab"}


def test_nonsense_is_no_choice() -> None:
    assert TextReader().whole({"choices": "none"}) == {"choices": []}
    assert TextReader().feed({"choices": [None]}) == [{"choices": []}]
