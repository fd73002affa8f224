"""The judge `structure`: whether the answer is complete and has the form that was asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from router.core.exchange import ACCEPT, ASK, ESCALATE, WAIT, Verdict
from router.core.missing import missing
from router.core.ports import Answer
from router.core.reply import text_of
from router.judges.repair import mendable, repair
from router.judges.schema import Unjudged, named, schema_of

_CUT_SHORT = {
    "length": "truncated: finish_reason is length",
    "content_filter": "withheld: finish_reason is content_filter",
    "error": "broken off: finish_reason is error",
}


_JSON_BEGINS = ("{", "[", '"', "-", "t", "f", "n", *"0123456789")


@dataclass(frozen=True, slots=True)
class _Call:
    """One tool call of the answer: `arguments` is the text the model wrote, None for a custom tool's input."""

    name: str
    arguments: str | None


@dataclass(frozen=True, slots=True)
class _Finding:
    """Faults found in one part of an answer, and what could not be judged."""

    faults: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


class Structure:
    """Escalates an answer that is empty, truncated, not the JSON that was asked for, or an invalid tool call.

    If the step says `repair`, the model may correct JSON or a tool call once first. Score 1 or 0. Evidence:
    (json_asked, json_valid, calls, calls_valid, length), the last one in characters of content. If a schema cannot be
    used, the answer is not judged by it, and the reason says so.
    """

    name = "structure"

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        """The verdict on a whole answer, or on the beginning of one. Never raises, whatever the model wrote."""
        if not answer.complete:
            return self._begun(request, answer)
        calls, text = tuple(_calls(answer.message)), text_of(answer.message)
        asked = bool(_format(request)) and not calls and not answer.message.get("refusal")
        json = _json(request, text) if asked else _Finding()
        each = [_call(request, call) for call in calls]
        lacking = missing(request, answer.choices, measured=bool(answer.logprobs) or not text)
        faults = (*_ending(answer), *lacking, *_choice(request, calls), *json.faults)
        faults += tuple(fault for finding in each for fault in finding.faults)
        valid = sum(not finding.faults for finding in each)
        figures = (float(asked), float(asked and not json.faults), len(calls), float(valid), float(len(text)))
        if faults and answer.hearing.may_repair and mendable(answer):
            return Verdict(self.name, ASK, faults[0], 0.0, figures, questions=(repair(self.name, answer, faults[0]),))
        if faults:
            return Verdict(self.name, ESCALATE, faults[0], 0.0, figures)
        unjudged = (*json.unjudged, *(note for finding in each for note in finding.unjudged))
        return Verdict(self.name, ACCEPT, unjudged[0] if unjudged else "well formed", 1.0, figures)

    def _begun(self, request: Mapping[str, Any], answer: Answer) -> Verdict:
        """The verdict on a prefix, which fails if it calls a tool that was not offered, or does not begin as JSON."""
        calls, text = tuple(_calls(answer.message)), text_of(answer.message).lstrip()
        if not calls and not text:
            return Verdict(self.name, WAIT, "nothing has come yet")
        known = {name for name, _ in _tools(request)}
        stranger = next((call.name for call in calls if call.name not in known), None)
        if stranger is not None:
            return Verdict(self.name, ESCALATE, f"tool {named(stranger)} is unknown", 0.0)
        if _format(request) and not calls and not answer.message.get("refusal") and not text.startswith(_JSON_BEGINS):
            return Verdict(self.name, ESCALATE, "content does not begin as JSON", 0.0)
        return Verdict(self.name, ACCEPT, "begins well")


def _ending(answer: Answer) -> Iterator[str]:
    """Faults of the answer as a whole: it is cut short or empty."""
    message, reason = answer.message, answer.finish_reason
    if reason in _CUT_SHORT:
        yield _CUT_SHORT[reason]
    calls = bool(message.get("tool_calls") or message.get("function_call"))
    if not (calls or text_of(message).strip() or message.get("refusal") or message.get("audio")):
        yield "empty: no content, no tool call, no refusal"
    if reason in ("tool_calls", "function_call") and not calls:
        yield f"finish_reason is {reason} but no tool is called"


def _choice(request: Mapping[str, Any], calls: Sequence[_Call]) -> Iterator[str]:
    """Faults against `tool_choice` and `parallel_tool_calls`."""
    choice = request.get("tool_choice") or request.get("function_call") or "auto"
    if isinstance(choice, dict):
        wanted = _mapping(choice.get("function") or choice.get("custom") or choice).get("name")
        mode = _mapping(choice.get("allowed_tools")).get("mode")
        if isinstance(wanted, str) and not any(call.name == wanted for call in calls):
            yield f"tool_choice names {named(wanted)}, which is not called"
        choice = mode
    if choice == "required" and not calls:
        yield "tool_choice is required but no tool is called"
    if choice == "none" and calls:
        yield f"tool_choice is none but {named(calls[0].name)} is called"
    if request.get("parallel_tool_calls") is False and len(calls) > 1:
        yield f"{len(calls)} tools are called, and parallel_tool_calls is false"


def _call(request: Mapping[str, Any], call: _Call) -> _Finding:
    """Check that the tool which a call names exists, and that the arguments fit the tool's schema."""
    tools, tool = dict(_tools(request)), f"tool {named(call.name)}"
    if call.name not in tools:
        return _Finding((f"{tool} is unknown",))
    if call.arguments is None:
        return _Finding()
    try:
        arguments = orjson.loads(call.arguments)
    except orjson.JSONDecodeError:
        return _Finding((f"{tool}: arguments are not JSON",))
    if not isinstance(arguments, dict):
        return _Finding((f"{tool}: arguments are not an object",))
    schema = tools[call.name]
    if schema is None:
        return _Finding()
    return _against(schema, arguments, len(call.arguments), (tool, "arguments"))


def _json(request: Mapping[str, Any], text: str) -> _Finding:
    """Check the content against `response_format`. A fenced block is not JSON: the client parses the content."""
    asked = _format(request)
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, ValueError):
        fenced = ", but a fenced block" if text.lstrip().startswith("```") else ""
        return _Finding((f"content is not JSON{fenced}",))
    if asked == "json_object":
        return _Finding() if isinstance(value, dict) else _Finding(("content is JSON but not an object",))
    schema = _mapping(_mapping(request.get("response_format")).get("json_schema")).get("schema")
    return _Finding() if schema is None else _against(schema, value, len(text), ("response_format", "content"))


def _against(schema: object, value: Any, length: int, where: tuple[str, str]) -> _Finding:
    owner, root = where
    try:
        fault = schema_of(schema).fault(value, length, root)
    except Unjudged as error:
        return _Finding(unjudged=(f"{owner}: not judged, its schema {error}",))
    return _Finding((f"{owner}: {fault}",) if fault else ())


def _format(request: Mapping[str, Any]) -> str:
    """`json_object`, `json_schema`, or "" if any text will do."""
    kind = _mapping(request.get("response_format")).get("type")
    return kind if kind in ("json_object", "json_schema") else ""


def _tools(request: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Name and parameters of every tool on offer; None if it has no parameters. `functions` is the old form."""
    for tool in _mappings(request.get("tools")):
        function = _mapping(tool.get("function") or tool.get("custom") or tool)
        yield str(function.get("name")), function.get("parameters")
    for function in _mappings(request.get("functions")):
        yield str(function.get("name")), function.get("parameters")


def _calls(message: Mapping[str, Any]) -> Iterator[_Call]:
    for call in _mappings(message.get("tool_calls")):
        if isinstance(call.get("custom"), dict):
            yield _Call(str(call["custom"].get("name")), None)
        else:
            yield _function(_mapping(call.get("function")))
    if isinstance(message.get("function_call"), dict):
        yield _function(message["function_call"])


def _function(function: Mapping[str, Any]) -> _Call:
    arguments = function.get("arguments")
    return _Call(str(function.get("name")), arguments if isinstance(arguments, str) else "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(values: object) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
