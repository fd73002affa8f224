"""An upstream that answers at once: `python -m bench.mock PORT`. It costs as little as can be, so that others show."""

import asyncio
import json
import sys

TEXT = "The quick brown fox jumps over the lazy dog and writes a careful, complete answer to the question asked. " * 3
USAGE = {"prompt_tokens": 200, "completion_tokens": 96, "total_tokens": 296}
TOKENS, FIRST_S, BETWEEN_S = 20, 0.02, 0.005
MAX_BYTES = 16 << 20


def whole() -> bytes:
    """One chat completion with its head."""
    message = {"role": "assistant", "content": TEXT}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    """One event of a stream, framed as a chunk of HTTP."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return framed(json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice]}).encode())


def framed(data: bytes) -> bytes:
    """`data` as one server-sent event in one chunk."""
    data = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


async def stream(writer: asyncio.StreamWriter) -> None:
    """The first token after 20 ms, then one every 5 ms, usage and end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await asyncio.sleep(FIRST_S)
    for _ in range(TOKENS):
        writer.write(event({"content": "word "}))
        await asyncio.sleep(BETWEEN_S)
    usage = json.dumps({"id": "chatcmpl-1", "choices": [], "usage": USAGE}).encode()
    writer.write(event({}, "stop") + framed(usage) + framed(b"[DONE]") + b"0\r\n\r\n")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of one connection."""
    answer = whole()
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, found, rest = head.partition(b"content-length:")
            body = await reader.readexactly(int(rest.split(b"\r\n")[0])) if found else b""
            if b'"stream":true' in body or b'"stream": true' in body:
                await stream(writer)
            else:
                writer.write(answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=MAX_BYTES)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
