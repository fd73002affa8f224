"""Output items while they grow."""

from openai.types.responses import ResponseCustomToolCall, ResponseFunctionToolCall, ResponseOutputMessage
from openai.types.responses import ResponseReasoningItem as Reasoning

from router.core.dialects.responses.output import CallItem, MessageItem, Part, annotation_of


def test_a_message_and_thoughts_are_as_openais_types_say() -> None:
    words = MessageItem("msg_1", 0, "message", [Part("output_text", ["a", "b"]), Part("refusal", ["No."])])
    ResponseOutputMessage.model_validate(words.whole("completed"), strict=True)
    thoughts = MessageItem("rs_1", 0, "reasoning", [Part("reasoning_text", ["h", "m"])])
    read = Reasoning.model_validate(thoughts.whole("completed"), strict=True)
    assert [part.text for part in read.content or ()] == ["hm"]


def test_a_name_repeated_with_every_fragment_is_said_once() -> None:
    call = CallItem("function")
    for piece in ("{", "}"):
        assert call.add({"id": "c1", "function": {"name": "look", "arguments": piece}}) == piece
    read = ResponseFunctionToolCall.model_validate(call.whole("completed", {}))
    assert (read.name, read.arguments, read.call_id) == ("look", "{}", "c1")


def test_a_name_in_pieces_is_put_together() -> None:
    call = CallItem("function")
    call.add({"function": {"name": "get_"}})
    call.add({"function": {"name": "weather"}})
    assert call.name == "get_weather"


def test_a_custom_call_is_as_openais_type_says() -> None:
    call = CallItem("custom", id="ctc_1")
    call.add({"id": "c1", "custom": {"name": "ns__patch", "input": "x"}})
    read = ResponseCustomToolCall.model_validate(call.whole("completed", {"ns__patch": ("ns", "patch")}))
    assert (read.namespace, read.name, read.input) == ("ns", "patch", "x")


def test_an_annotation_loses_a_level_and_nothing_else() -> None:
    assert annotation_of({"type": "url_citation", "url_citation": {"url": "u"}}) == {"type": "url_citation", "url": "u"}
    assert annotation_of({"type": "odd", "x": 1}) == {"type": "odd", "x": 1}
