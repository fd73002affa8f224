"""Kind `openai` against a server that answers as scripted."""

import asyncio
import json
import socket
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from router.core.errors import NoRoom, NotReady, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.upstream import Timeouts
from tests.conftest import Scripted
from tests.upstreams.conftest import Built, asked

KEY = "sk-secret-canary"


async def test_the_body_arrives_byte_for_byte(built: Built, scripted: Scripted) -> None:
    server = scripted()
    body = b'{ "model":"m",  "seed":9007199254740993, "x":"\\u00e9", "messages":[{"role":"user","content":"hi"}] }'
    await built(url=server.url).send(replace(asked(), body=body))
    assert server.requests[0].body == body
    assert server.requests[0].path == "/v1/chat/completions"


async def test_the_reply_comes_back_byte_for_byte(built: Built, scripted: Scripted) -> None:
    server = scripted()
    raw = b'{"id":"x" ,"choices":[],  "vendor":{"n":9007199254740993}}'
    server.sends(raw, headers={"x-request-id": "req-1", "x-ratelimit-remaining-tokens": "7", "set-cookie": "a=b"})
    reply = await built(url=server.url).send(asked())
    assert (reply.status, reply.body, reply.content_type) == (200, raw, "application/json")
    assert reply.headers == {"x-request-id": "req-1", "x-ratelimit-remaining-tokens": "7"}


async def test_only_the_upstreams_own_key_headers_and_query_travel(built: Built, scripted: Scripted) -> None:
    server = scripted()
    upstream = built(url=server.url, key=KEY, headers={"x-team": "search"}, query={"api-version": "2026-10-21"})
    await upstream.send(replace(asked(), traceparent="00-abc-def-01"))
    sent = server.requests[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["x-team"] == "search"
    assert sent.headers["accept-encoding"] == "identity"
    assert sent.headers["traceparent"] == "00-abc-def-01"
    assert sent.query == {"api-version": "2026-10-21"}


async def test_without_a_key_no_authorization_is_sent(built: Built, scripted: Scripted) -> None:
    server = scripted()
    await built(url=server.url).send(asked())
    assert "authorization" not in server.requests[0].headers


async def test_credentials_in_the_url_travel_as_a_header_and_appear_in_no_error(
    built: Built, scripted: Scripted
) -> None:
    server = scripted().fails(500)
    upstream = built(url=server.url.replace("http://", f"http://ann:{KEY}@"))
    with pytest.raises(UpstreamFailed) as failed:
        await upstream.send(asked())
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert KEY not in str(failed.value)


async def test_the_path_of_the_call_is_joined_to_the_url(built: Built, scripted: Scripted) -> None:
    server = scripted()
    await built(url=server.url + "/").send(replace(asked(), path="/embeddings"))
    assert server.requests[0].path == "/v1/embeddings"


async def test_cookies_are_forgotten(built: Built, scripted: Scripted) -> None:
    server = scripted().fails(200, {"choices": []}, headers={"set-cookie": "session=1"})
    upstream = built(url=server.url)
    await upstream.send(asked())
    await upstream.send(asked())
    assert "cookie" not in server.requests[1].headers


async def test_connections_are_kept_and_used_again(built: Built, scripted: Scripted) -> None:
    server = scripted()
    upstream = built(url=server.url)
    await upstream.send(asked())
    stream = await upstream.stream(asked(stream=True))
    assert [chunk async for chunk in stream.chunks]
    await stream.close()
    await upstream.send(asked())
    assert server.connections.count == 1


@pytest.mark.parametrize("status", [400, 404, 408, 409, 413, 422, 429])
async def test_a_refusal_keeps_status_body_code_and_what_says_when_to_retry(
    built: Built, scripted: Scripted, status: int
) -> None:
    said = {"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}
    headers = {"retry-after": "3", "retry-after-ms": "2500", "x-should-retry": "true", "x-internal": "no"}
    server = scripted().fails(status, said, headers)
    for ask in (built(url=server.url).send, built(url=server.url).stream):
        with pytest.raises(UpstreamRefused) as refused:
            await ask(asked())
        assert refused.value.upstream_status == status
        assert json.loads(refused.value.body) == said
        assert refused.value.code == "context_length_exceeded"
        assert refused.value.headers == {"retry-after": "3", "retry-after-ms": "2500", "x-should-retry": "true"}
        assert "too long" in refused.value.message


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_our_key_never_repeats_it(built: Built, scripted: Scripted, status: int) -> None:
    server = scripted().fails(status, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
    with pytest.raises(UpstreamRefused) as refused:
        await built(url=server.url, key=KEY).send(asked())
    assert refused.value.about_our_key
    assert KEY not in refused.value.message + refused.value.body.decode()


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_a_server_error_is_a_failure_that_keeps_its_status(built: Built, scripted: Scripted, status: int) -> None:
    server = scripted().fails(status, headers={"retry-after": "1"})
    with pytest.raises(UpstreamFailed) as failed:
        await built(url=server.url).send(asked())
    assert (failed.value.upstream_status, failed.value.unsent) == (status, False)
    assert failed.value.headers == {"retry-after": "1"}


async def test_a_server_that_loads_its_model_is_not_ready(built: Built, scripted: Scripted) -> None:
    server = scripted().fails(503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}})
    with pytest.raises(NotReady) as not_ready:
        await built(url=server.url).stream(asked(stream=True))
    assert not_ready.value.code == "loading"


async def test_a_redirect_is_a_failure_and_never_followed(built: Built, scripted: Scripted) -> None:
    elsewhere = scripted()
    server = scripted().redirects(elsewhere.url + "/chat/completions")
    with pytest.raises(UpstreamFailed, match="redirect"):
        await built(url=server.url).send(asked())
    assert elsewhere.requests == []


async def test_an_error_inside_a_200_is_a_failure_streamed_or_not(built: Built, scripted: Scripted) -> None:
    server = scripted().fails(200, {"error": {"message": "CUDA out of memory"}})
    upstream = built(url=server.url)
    for ask in (upstream.send, upstream.stream):
        with pytest.raises(UpstreamFailed) as failed:
            await ask(asked(stream=True))
        assert (failed.value.code, failed.value.upstream_status) == ("in_band", 200)


async def test_what_is_no_answer_is_a_failure(built: Built, scripted: Scripted) -> None:
    server = scripted()
    upstream = built(url=server.url)
    for script in (server.garbage, server.html, server.empty, lambda: server.sends(b"[]")):
        script()
        with pytest.raises(UpstreamFailed) as failed:
            await upstream.send(asked())
        assert failed.value.code == "invalid_answer"


async def test_a_web_page_or_a_whole_answer_is_no_stream(built: Built, scripted: Scripted) -> None:
    server = scripted()
    upstream = built(url=server.url)
    server.html().then.fails(200, {"choices": []})
    with pytest.raises(UpstreamFailed, match="not JSON"):
        await upstream.stream(asked(stream=True))
    with pytest.raises(UpstreamFailed, match="asked for a stream"):
        await upstream.stream(asked(stream=True))


async def test_a_compressed_stream_is_no_stream(built: Built, scripted: Scripted) -> None:
    server = scripted().sends(b"\x1f\x8b", content_type="text/event-stream", headers={"content-encoding": "gzip"})
    with pytest.raises(UpstreamFailed):
        await built(url=server.url).stream(asked(stream=True))


async def test_words_that_are_no_http_are_a_failure(built: Built, scripted: Scripted) -> None:
    server = scripted().sends(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", head=False)
    with pytest.raises(UpstreamFailed):
        await built(url=server.url).send(asked())


async def test_a_body_cut_short_is_a_failure(built: Built, scripted: Scripted) -> None:
    server = scripted().cuts(after=20)
    with pytest.raises(UpstreamFailed) as failed:
        await built(url=server.url).send(asked())
    assert (failed.value.code, failed.value.unsent) == ("answer_interrupted", False)


async def test_a_server_that_is_down_is_a_failure_that_says_so(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.down()
    with pytest.raises(UpstreamFailed, match="Connection refused") as failed:
        await built(url=server.url).send(asked())
    assert (failed.value.code, failed.value.upstream_status) == ("unreachable", None)


async def test_a_host_without_an_address_is_a_failure(built: Built) -> None:
    with pytest.raises(UpstreamFailed) as failed:
        await built(url="http://nowhere.invalid/v1").send(asked())
    assert failed.value.code == "unreachable"


async def test_a_kept_connection_that_dies_unread_may_be_used_again(built: Built, scripted: Scripted) -> None:
    server = scripted().says("first").then.drops().then.says("third")
    upstream = built(url=server.url)
    await upstream.send(asked())
    with pytest.raises(UpstreamFailed) as failed:
        await upstream.send(asked())
    assert failed.value.unsent
    assert b"third" in (await upstream.send(asked())).body


async def test_a_new_connection_that_dies_took_the_request_with_it(built: Built, scripted: Scripted) -> None:
    server = scripted().drops()
    with pytest.raises(UpstreamFailed) as failed:
        await built(url=server.url).send(asked())
    assert not failed.value.unsent
    assert failed.value.code == "disconnected"


async def test_a_whole_answer_has_the_total_budget(built: Built, scripted: Scripted) -> None:
    server = scripted().hangs()
    with pytest.raises(UpstreamTimeout, match="total_s") as late:
        await built(url=server.url, timeouts=Timeouts(total_s=0.05)).send(asked())
    assert late.value.code == "timeout_total"
    await server.hangups.happened()


async def test_a_stream_has_a_budget_until_its_headers(built: Built, scripted: Scripted) -> None:
    server = scripted().hangs()
    with pytest.raises(UpstreamTimeout, match="first_token_s"):
        await built(url=server.url, timeouts=Timeouts(first_token_s=0.05)).stream(asked(stream=True))
    await server.hangups.happened()


async def test_connecting_has_its_own_budget(built: Built) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = [_half_open(deaf) for _ in range(4)]
        upstream = built(url=f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", timeouts=Timeouts(connect_s=0.05))
        with pytest.raises(UpstreamTimeout, match="connect_s"):
            await upstream.send(asked())
        for filler in fillers:
            filler.close()


async def test_cancelling_a_wait_for_an_answer_hangs_up(built: Built, scripted: Scripted) -> None:
    server = scripted().hangs()
    upstream = built(url=server.url)
    for asking in (upstream.send(asked()), upstream.stream(asked(stream=True))):
        await _cancelled_once_asked(asking, server)
    await server.hangups.happened(2)


async def test_an_answer_beyond_the_limit_is_refused_and_hung_up(built: Built, scripted: Scripted) -> None:
    server = scripted().sends(*[b"x" * 2**20] * 65)
    with pytest.raises(UpstreamFailed, match="more than") as failed:
        await built(url=server.url).send(asked())
    assert failed.value.code == "answer_too_large"


async def test_who_asked_is_told_what_comes_and_may_end_it(scripted: Scripted, built: Built) -> None:
    server, came = scripted().sends(*[b"x" * 2**18] * 200), list[int]()

    def count(size: int) -> None:
        came.append(size)
        if sum(came) > 2**20:
            raise NoRoom("no more", upstream="small")

    with pytest.raises(NoRoom):
        await built(url=server.url).send(msgspec.structs.replace(asked(), came=count))
    assert 2**20 < sum(came) < 2 * 2**20


def _half_open(listening: socket.socket) -> socket.socket:
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(listening.getsockname())
    return filler


async def _cancelled_once_asked(asking: Any, server: Any) -> None:
    seen = server.asked.count
    task = asyncio.ensure_future(asking)
    await server.asked.happened(seen + 1)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
