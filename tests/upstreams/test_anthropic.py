"""Kind `anthropic`: its own dialect as it came, and chat by translation."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.upstream import Call
from tests.conftest import Scripted
from tests.standins.claude import message_act
from tests.upstreams.conftest import Built, asked, read

KEY = "sk-ant-secret"
BODY = b'{"model":"claude","max_tokens":9 , "messages":[{"role":"user","content":"hi"}],"odd":1.0}'
VERSIONS = {"anthropic-version": "2026-10-21", "anthropic-beta": "a-1,b-2"}


def native(**headers: str) -> Call:
    return Call("a", BODY, {"messages": []}, path="/messages", headers=headers)


async def test_a_messages_body_goes_as_it_came_with_our_key_and_the_clients_versions(
    built: Built, scripted: Scripted
) -> None:
    claude = scripted().does(lambda request: message_act(request, "hi"))
    reply = await built(kind="anthropic", url=claude.url.removesuffix("/v1"), key=KEY).send(native(**VERSIONS))
    sent = claude.requests[-1]
    assert (sent.path, sent.body) == ("/v1/messages", BODY)
    assert sent.headers["x-api-key"] == KEY
    assert "authorization" not in sent.headers
    assert {name: sent.headers[name] for name in VERSIONS} == VERSIONS
    assert json.loads(reply.body)["odd"] == 1


async def test_a_client_that_names_no_version_gets_one(built: Built, scripted: Scripted) -> None:
    claude = scripted().does(lambda request: message_act(request, "hi"))
    await built(kind="anthropic", url=claude.url).send(native())
    assert claude.requests[-1].headers["anthropic-version"] == "2023-06-01"


async def test_a_chat_is_said_in_messages_and_its_usage_keeps_every_bucket(built: Built, scripted: Scripted) -> None:
    claude = scripted().does(lambda request: message_act(request, "hi"))
    upstream = built(kind="anthropic", url=claude.url, options={"max_tokens": 77})
    reply = json.loads((await upstream.send(asked("hello"))).body)
    sent = claude.requests[-1].json
    assert (sent["max_tokens"], sent["messages"][0]["role"]) == (77, "user")
    assert reply["choices"][0]["message"]["content"] == "hi"
    assert (reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"]) == (9, 5)
    assert reply["usage"]["prompt_tokens_details"] == {"cached_tokens": 3, "cache_write_tokens": 2}


async def test_what_anthropic_has_no_word_for_is_refused_unasked(built: Built, scripted: Scripted) -> None:
    claude = scripted()
    with pytest.raises(UpstreamRefused) as raised:
        await built(kind="anthropic", url=claude.url).send(asked("hello", functions=[{"name": "f"}]))
    assert (raised.value.upstream_status, raised.value.code) == (400, "unsupported_parameter")
    assert json.loads(raised.value.body)["error"]["param"] == "functions"
    assert claude.requests == []


OVERLONG = {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}


async def test_its_errors_are_openais_to_a_chat_and_its_own_to_its_own(built: Built, scripted: Scripted) -> None:
    claude = scripted()
    claude.fails(400, OVERLONG)
    upstream = built(kind="anthropic", url=claude.url)
    with pytest.raises(UpstreamRefused) as chat:
        await upstream.send(asked("hello"))
    with pytest.raises(UpstreamRefused) as own:
        await upstream.send(native())
    assert chat.value.code == "context_length_exceeded"
    assert json.loads(chat.value.body)["error"]["code"] == "context_length_exceeded"
    assert json.loads(own.value.body) == OVERLONG


@pytest.mark.parametrize("stream", [False, True])
async def test_overload_is_a_failure_that_falls_on(stream: bool, built: Built, scripted: Scripted) -> None:
    claude = scripted()
    claude.fails(529, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}})
    upstream: Any = built(kind="anthropic", url=claude.url)
    call = asked("hello", stream=stream)
    with pytest.raises(UpstreamFailed) as raised:
        await (upstream.stream(call) if stream else upstream.send(call))
    assert raised.value.code == "overloaded"


async def test_a_native_stream_is_passed_on_byte_for_byte(built: Built, scripted: Scripted) -> None:
    claude = scripted().does(lambda request: message_act(request, "forty two"))
    body = BODY.replace(b'"odd"', b'"stream":true,"odd"')
    stream = await built(kind="anthropic", url=claude.url).stream(replace(native(), body=body))
    into: list[bytes] = []
    await read(stream, into)
    assert b"".join(into).startswith(b"event: message_start\n")
    assert b"".join(into).endswith(b'data: {"type": "message_stop"}\n\n')


async def test_a_stream_longer_than_any_event_may_be_fails(built: Built, scripted: Scripted) -> None:
    claude = scripted()
    claude.sends(b"data: " + b"x" * (9 * 2**20), content_type="text/event-stream")
    stream = await built(kind="anthropic", url=claude.url).stream(asked("hello", stream=True))
    with pytest.raises(UpstreamFailed) as raised:
        await read(stream, [])
    await stream.close()
    assert raised.value.code == "event_too_large"
