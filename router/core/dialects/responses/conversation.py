"""Items in, chat messages out: one model's consecutive items become one message; results follow their calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router.core.dialects.reading import Reading, mapping_at, text_at, wrong
from router.core.dialects.responses.content import content_of, plain, texts_of
from router.core.dialects.responses.tools import chat_name
from router.core.errors import BadRequest

ROLES = ("user", "assistant", "system", "developer")
_LEFT_OUT = frozenset({"web_search_call", "mcp_list_tools", "tool_search_call"})
_TOOLS_ONLY = frozenset({"additional_tools", "tool_search_output"})
_HOSTED = frozenset(
    "file_search_call computer_call computer_call_output code_interpreter_call image_generation_call "
    "local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call apply_patch_call_output "
    "mcp_approval_request mcp_approval_response mcp_call compaction compaction_trigger configuration_update "
    "program program_output item_reference".split()
)


@dataclass(slots=True)
class _Turn:
    """A message, and what chat demands directly behind it: the results of its calls, then their pictures."""

    message: dict[str, Any]
    place: str
    results: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether the model is still speaking: no result has come back yet."""
        return self.message["role"] == "assistant" and not self.results

    @property
    def empty(self) -> bool:
        said = ("content", "refusal", "tool_calls")
        return self.message["role"] == "assistant" and all(self.message.get(key) is None for key in said)

    def messages(self) -> list[dict[str, Any]]:
        pictures = [{"role": "user", "content": self.pictures}] if self.pictures else []
        return [self.message, *self.results, *pictures]


class Conversation:
    """Chat messages while they are put together from items, in order."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._turns: list[_Turn] = []
        self._callers: dict[str, _Turn] = {}

    def messages(self) -> list[dict[str, Any]]:
        """The messages so far. Thoughts that nothing was said after are left out, for chat has no place for them."""
        for turn in self._turns:
            if turn.empty:
                self._reading.leave_out(turn.place)
        return [message for turn in self._turns if not turn.empty for message in turn.messages()]

    def say(self, role: str, content: str | list[dict[str, Any]], place: str) -> None:
        """Add a message of anyone but the model."""
        self._turns.append(_Turn({"role": role, "content": content}, place))

    def add(self, value: object, place: str) -> None:
        """Add one item. Raises BadRequest naming what is wrong, unknown or unsupported."""
        item = mapping_at(value, place)
        kind = text_at(item.get("type", "message"), f"{place}.type")
        match kind:
            case "message":
                self._message(item, place)
            case "reasoning":
                self._think(item, place)
            case "function_call" | "custom_tool_call":
                self._call(item, place)
            case "function_call_output" | "custom_tool_call_output":
                self._result(item, place)
            case _:
                self._other(kind, place)

    def _message(self, item: Mapping[str, Any], place: str) -> None:
        role = item.get("role")
        if role not in ROLES:
            raise wrong(f"{place}.role", f"one of {', '.join(ROLES)}", "invalid_value")
        content = content_of(item.get("content"), f"{place}.content", self._reading)
        if item.get("phase") is not None:
            self._reading.leave_out(f"{place}.phase")
        if role != "assistant":
            self.say(role, content, place)
            return
        message = self._speaking(place).message
        refusal = _refusal(content)
        if refusal is not None:
            message["refusal"] = refusal
        elif message["content"] is None:
            message["content"] = content
        else:  # words after a call: chat knows one message with both
            message["content"] = _parts(message["content"]) + _parts(content)

    def _think(self, item: Mapping[str, Any], place: str) -> None:
        """Open thoughts go with the message they led to; what only their maker can read stays behind."""
        for name in ("encrypted_content", "summary"):
            if item.get(name):
                self._reading.leave_out(f"{place}.{name}")
        text = texts_of(item.get("content"), "reasoning_text", f"{place}.content")
        if text:
            message = self._speaking(place).message
            message["reasoning_content"] = message.get("reasoning_content", "") + text

    def _call(self, item: Mapping[str, Any], place: str) -> None:
        name = text_at(item.get("name"), f"{place}.name")
        call_id = text_at(item.get("call_id"), f"{place}.call_id")
        namespace = item.get("namespace")
        if namespace is not None:
            name = chat_name(text_at(namespace, f"{place}.namespace"), name)
        if item.get("type") == "function_call":
            said = {"name": name, "arguments": text_at(item.get("arguments"), f"{place}.arguments")}
            call: dict[str, Any] = {"id": call_id, "type": "function", "function": said}
        else:
            said = {"name": name, "input": text_at(item.get("input"), f"{place}.input")}
            call = {"id": call_id, "type": "custom", "custom": said}
        turn = self._turns[-1] if self._turns and self._turns[-1].open else self._begin(place)
        turn.message.setdefault("tool_calls", []).append(call)
        self._callers[call_id] = turn

    def _result(self, item: Mapping[str, Any], place: str) -> None:
        call_id = text_at(item.get("call_id"), f"{place}.call_id")
        turn = self._callers.get(call_id)
        if turn is None and self._reading.native:
            self._reading.leave_out(place)  # its call may lie where only the upstream finds it
            return
        if turn is None:
            message = f"No tool call found for the output with call_id {call_id!r}. Send the call before its output."
            raise BadRequest(message, param=f"{place}.call_id", code="invalid_value")
        content = content_of(item.get("output"), f"{place}.output", self._reading)
        if isinstance(content, list):  # a tool's message holds text only
            turn.pictures += [part for part in content if part["type"] != "text"]
            content = plain([part for part in content if part["type"] == "text"]) or ""
        turn.results.append({"role": "tool", "tool_call_id": call_id, "content": content})

    def _other(self, kind: str, place: str) -> None:
        if kind in _LEFT_OUT:
            self._reading.leave_out(place)
        elif kind in _HOSTED:
            self._reading.refuse(place, f"a {kind} needs what this proxy does not keep. Send messages and calls.")
        elif kind not in _TOOLS_ONLY:
            self._reading.unknown(f"{place}.type", "a known kind of item, such as `message` or `function_call`")

    def _speaking(self, place: str) -> _Turn:
        """The turn that words and thoughts go into: an open one that has not spoken, or has an open call."""
        last = self._turns[-1] if self._turns else None
        if last and last.open and (last.message.get("tool_calls") or _silent(last.message)):
            return last
        return self._begin(place)

    def _begin(self, place: str) -> _Turn:
        self._turns.append(_Turn({"role": "assistant", "content": None}, place))
        return self._turns[-1]


def _silent(message: Mapping[str, Any]) -> bool:
    return message["content"] is None and message.get("refusal") is None


def _refusal(content: str | list[dict[str, Any]]) -> str | None:
    """The refusal that is the whole content; None for any other content."""
    if isinstance(content, str) or len(content) != 1 or content[0]["type"] != "refusal":
        return None
    return str(content[0]["refusal"])


def _parts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
