"""Applications: what stays the same from request to request, and nothing that one request could change for the next."""

from router.builtin.applications import ASSISTANT, CHAT, HOME, INTAKE, tool


def test_an_application_without_a_system_prompt_sends_the_ask_alone() -> None:
    assert CHAT.body("hi")["messages"] == [{"role": "user", "content": "hi"}]
    assert [message["role"] for message in ASSISTANT.body("hi")["messages"]] == ["system", "user"]


def test_only_who_wants_json_or_has_tools_says_so() -> None:
    assert INTAKE.body("hi")["response_format"] == {"type": "json_object"}
    assert HOME.body("hi")["tools"]
    assert not {"response_format", "tools"} & CHAT.body("hi").keys()


def test_a_body_is_the_callers_own() -> None:
    body = HOME.body("hi")
    body["tools"].clear()
    body["messages"].clear()
    assert HOME.body("hi")["tools"]
    assert HOME.body("hi")["messages"]


def test_a_tool_takes_all_its_arguments_and_no_other() -> None:
    function = tool("timer", "Rings.", minutes="integer")["function"]
    parameters = function["parameters"]
    assert (parameters["required"], parameters["additionalProperties"]) == (["minutes"], False)
    assert parameters["properties"] == {"minutes": {"type": "integer"}}
