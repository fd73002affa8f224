"""What providers say over HTTP, each in its own format: one answer told five ways.

gemini_wire(Answer("42")) and its like are scripts for `ScriptedUpstream.does`, streamed or not as the
request asks.
"""

import json
import struct
from binascii import crc32
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins.acts import Act, Completion, Received, completion_act, event, json_act, stream_act

Script = Callable[[Received], Act]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is put into anyone's format. `calls`: (id, name, arguments).

    `counts`: input, cached, written, output and reasoning tokens, disjoint.
    """

    text: str = ""
    calls: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    counts: tuple[int, int, int, int, int] = (100, 900, 0, 20, 0)

    @property
    def words(self) -> list[str]:
        """The text in the pieces that a stream sends."""
        first, *others = self.text.split(" ") if self.text else [""]
        return [word for word in (first, *(f" {other}" for other in others)) if word]


@dataclass(frozen=True, slots=True)
class Wire:
    """One provider's format: an answer, a refusal, and where a request's parts stand in it.

    Of a request's body `tools` are the names of those offered, `image` is its picture in base64, `result` what a tool
    answered.
    """

    script: Callable[[Answer], Script]
    refusal: Callable[[int, str], Mapping[str, Any]]
    tools: Callable[[Any], list[str]] = field(default=lambda body: [t["function"]["name"] for t in body["tools"]])
    image: Callable[[Any], str] = field(default=lambda body: _openai_image(body))
    result: Callable[[Any], Any] = field(default=lambda body: body["messages"][-1])


def openai_wire(answer: Answer) -> Script:
    """OpenAI's chat completions, which Azure, Mistral, TGI, vLLM and many more speak."""
    fresh, cached, written, output, reasoning = answer.counts
    usage = {
        "prompt_tokens": fresh + cached + written,
        "completion_tokens": output + reasoning,
        "total_tokens": sum(answer.counts),
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    calls = [_openai_call(*call) for call in answer.calls]
    completion = Completion(answer.words, "tool_calls" if calls else "stop", usage=usage, tool_calls=calls)
    return lambda request: completion_act(request, completion)


def last_chunk_wire(answer: Answer) -> Script:
    """The same with the counts on the last chunk of a stream, unasked, as Mistral sends them."""

    def script(request: Received) -> Act:
        act = openai_wire(answer)(request)
        if not request.wants_stream:
            return act
        usage = json.loads(openai_wire(answer)(Received("POST", "/", {}, b"", b"{}")).pieces[0])["usage"]
        chunks = [json.loads(piece[6:]) for piece in act.pieces if b"[DONE]" not in piece]
        kept = [chunk for chunk in chunks if chunk["choices"]]
        kept[-1]["usage"] = usage
        return stream_act([*map(event, kept), event("[DONE]")])

    return script


def azure_wire(answer: Answer) -> Script:
    """Azure's: a stream begins with a chunk of filter results that has no choices."""

    def script(request: Received) -> Act:
        act = openai_wire(answer)(request)
        if not request.wants_stream:
            return act
        filters = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
        head = {"id": "", "object": "", "created": 0, "model": "", "choices": [], **filters}
        return stream_act([event(head), *act.pieces])

    return script


def gemini_wire(answer: Answer) -> Script:
    """Google's generateContent, for Gemini and Vertex AI."""

    def script(request: Received) -> Act:
        parts: list[Any] = [{"text": word} for word in answer.words]
        parts += [{"functionCall": {"name": name, "args": dict(arguments)}} for _, name, arguments in answer.calls]
        if "stream" not in request.path:
            return json_act(_gemini(parts, "STOP", answer))
        *before, last = parts
        return stream_act(
            [*(event(_gemini([part], None, answer)) for part in before), event(_gemini([last], "STOP", answer))]
        )

    return script


def anthropic_wire(answer: Answer) -> Script:
    """Anthropic's Messages."""

    def script(request: Received) -> Act:
        fresh, cached, written, output, reasoning = answer.counts
        into = {"input_tokens": fresh, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written}
        blocks: list[Any] = [{"type": "text", "text": answer.text}] if answer.text else []
        blocks += [{"type": "tool_use", "id": i, "name": name, "input": dict(args)} for i, name, args in answer.calls]
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_sequence": None}
        stop = "tool_use" if answer.calls else "end_turn"
        usage = {**into, "output_tokens": output + reasoning}
        if not request.wants_stream:
            return json_act({**head, "content": blocks, "stop_reason": stop, "usage": usage})
        start: dict[str, Any] = {**head, "content": [], "stop_reason": None, "usage": {**into, "output_tokens": 1}}
        pieces = [_named("message_start", message=start)]
        for number, block in enumerate(blocks):
            pieces += _anthropic_block(number, block, answer)
        pieces.append(_named("message_delta", delta={"stop_reason": stop}, usage={"output_tokens": output + reasoning}))
        return stream_act([*pieces, _named("message_stop")])

    return script


def bedrock_wire(answer: Answer) -> Script:
    """Bedrock's Converse, whose streams are AWS's binary frames."""

    def script(request: Received) -> Act:
        blocks: list[Any] = [{"text": answer.text}] if answer.text else []
        blocks += [{"toolUse": {"toolUseId": i, "name": name, "input": dict(args)}} for i, name, args in answer.calls]
        stop = "tool_use" if answer.calls else "end_turn"
        if not request.path.endswith("converse-stream"):
            message = {"role": "assistant", "content": blocks}
            metrics = {"latencyMs": 1}
            return json_act(
                {"output": {"message": message}, "stopReason": stop, "usage": _aws(answer), "metrics": metrics}
            )
        pieces = [_frame("messageStart", {"role": "assistant"})]
        for number, block in enumerate(blocks):
            pieces += _bedrock_block(number, block, answer)
        metadata = {"usage": _aws(answer), "metrics": {"latencyMs": 1}}
        pieces += [_frame("messageStop", {"stopReason": stop}), _frame("metadata", metadata)]
        return Act(pieces, content_type="application/vnd.amazon.eventstream", framing="chunked")

    return script


def _gemini(parts: list[Any], finish: str | None, answer: Answer) -> dict[str, Any]:
    fresh, cached, _, output, reasoning = answer.counts
    usage = {"promptTokenCount": fresh + cached, "cachedContentTokenCount": cached, "candidatesTokenCount": output}
    usage |= {"thoughtsTokenCount": reasoning, "totalTokenCount": fresh + cached + output + reasoning}
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r1"}


def _anthropic_block(number: int, block: Any, answer: Answer) -> list[bytes]:
    if block["type"] == "text":
        begun: dict[str, Any] = {"type": "text", "text": ""}
        deltas: list[Any] = [{"type": "text_delta", "text": word} for word in answer.words]
    else:
        begun = {**block, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
    return [
        _named("content_block_start", index=number, content_block=begun),
        *(_named("content_block_delta", index=number, delta=delta) for delta in deltas),
        _named("content_block_stop", index=number),
    ]


def _named(name: str, **fields: Any) -> bytes:
    return f"event: {name}\n".encode() + event({"type": name, **fields})


def _bedrock_block(number: int, block: Any, answer: Answer) -> list[bytes]:
    if "text" in block:
        deltas: list[Any] = [{"text": word} for word in answer.words]
        begun: list[bytes] = []
    else:
        call = block["toolUse"]
        start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
        begun = [_frame("contentBlockStart", {"start": start, "contentBlockIndex": number})]
        deltas = [{"toolUse": {"input": json.dumps(call["input"])}}]
    told_deltas = [_frame("contentBlockDelta", {"delta": delta, "contentBlockIndex": number}) for delta in deltas]
    return [*begun, *told_deltas, _frame("contentBlockStop", {"contentBlockIndex": number})]


def _frame(kind: str, payload: Mapping[str, Any]) -> bytes:
    """One message of application/vnd.amazon.eventstream: lengths, headers, payload, checksums."""
    body = json.dumps(payload).encode()
    said = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in said.items()
    )
    prelude = struct.pack(">II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return message + struct.pack(">I", crc32(message))


def _aws(answer: Answer) -> dict[str, int]:
    fresh, cached, written, output, reasoning = answer.counts
    counts = {"inputTokens": fresh, "outputTokens": output + reasoning, "totalTokens": sum(answer.counts)}
    return {**counts, "cacheReadInputTokens": cached, "cacheWriteInputTokens": written}


def _openai_call(call_id: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def _openai_image(body: Any) -> str:
    parts = body["messages"][-1]["content"]
    image = next(part["image_url"] for part in parts if part["type"] == "image_url")
    url = image if isinstance(image, str) else image["url"]
    return str(url).partition("base64,")[2]


def _google_refusal(status: int, message: str) -> Mapping[str, Any]:
    names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}
    return {"error": {"code": status, "message": message, "status": names.get(status, "UNKNOWN")}}


def _anthropic_refusal(status: int, message: str) -> Mapping[str, Any]:
    names = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}
    return {"type": "error", "error": {"type": names.get(status, "api_error"), "message": message}}


def _openai_refusal(status: int, message: str) -> Mapping[str, Any]:
    code = "context_length_exceeded" if "context" in message else None
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


OPENAI = Wire(openai_wire, _openai_refusal)
MISTRAL = Wire(last_chunk_wire, _openai_refusal)
AZURE = Wire(azure_wire, _openai_refusal)
GEMINI = Wire(
    gemini_wire,
    _google_refusal,
    tools=lambda body: [
        f["name"] for t in body["tools"] for f in t.get("functionDeclarations") or t["function_declarations"]
    ],
    image=lambda body: next(
        str((part.get("inlineData") or part["inline_data"])["data"])
        for part in body["contents"][-1]["parts"]
        if "inlineData" in part or "inline_data" in part
    ),
    result=lambda body: next(
        part.get("functionResponse") or part["function_response"] for part in body["contents"][-1]["parts"]
    ),
)
ANTHROPIC = Wire(
    anthropic_wire,
    _anthropic_refusal,
    tools=lambda body: [tool["name"] for tool in body["tools"]],
    image=lambda body: next(str(p["source"]["data"]) for p in body["messages"][-1]["content"] if p["type"] == "image"),
    result=lambda body: next(p for p in body["messages"][-1]["content"] if p["type"] == "tool_result"),
)
BEDROCK = Wire(
    bedrock_wire,
    lambda status, message: {"message": message},
    tools=lambda body: [tool["toolSpec"]["name"] for tool in body["toolConfig"]["tools"]],
    image=lambda body: next(
        str(p["image"]["source"]["bytes"]) for p in body["messages"][-1]["content"] if "image" in p
    ),
    result=lambda body: next(p["toolResult"] for p in body["messages"][-1]["content"] if "toolResult" in p),
)
