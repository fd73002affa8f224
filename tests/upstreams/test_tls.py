"""An upstream behind TLS: its certificate is believed where `ca` names it, and the error says so where it is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from router.core.errors import UpstreamFailed
from tests.upstreams.conftest import Built, asked

# Of localhost, signed by itself, good until 2126; nothing else believes it.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUbls+YC8DHe5NxbHcE6vP7lpFw2owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE5MzM1NVoYDzIxMjYxMTAy
MTkzMzU1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ//x+qS5aKiadMJZZzairUaGcth+152JHAu+fq4J3CgfFbGDhxy/n4
hXxHnSftlJkpMWAY2g45ISgS+UnG0GNpo28wbTAdBgNVHQ4EFgQUvCRecKWScZGz
qX91AOD1pp51e6owHwYDVR0jBBgwFoAUvCRecKWScZGzqX91AOD1pp51e6owDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIhAO6SUol8kLlI5J5UeCh/fI8a0AXpQc4WM7QYe4R6YjqlAiBV
CyDAJsA5UIJyDx3a0dlxSoJ0Uvoxp2IB2XExS75+UQ==
-----END CERTIFICATE-----
"""
KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfR2wRnT2jIKNimwy
vbDIDXbPq3MdFDJ22Wz6pqeiBLahRANCAAQ//x+qS5aKiadMJZZzairUaGcth+15
2JHAu+fq4J3CgfFbGDhxy/n4hXxHnSftlJkpMWAY2g45ISgS+UnG0GNp
-----END PRIVATE KEY-----
"""
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "localhost.pem"
    path.write_text(CERTIFICATE)
    return path


@asynccontextmanager
async def listening(context: ssl.SSLContext) -> AsyncIterator[str]:
    """A server that answers every request with an empty object, and its URL."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the other side has hung up
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=context)
    yield f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
    server.close()


@pytest.fixture
def secure(certificate: Path, tmp_path: Path) -> ssl.SSLContext:
    key = tmp_path / "localhost.key"
    key.write_text(KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_that_ca_names_is_believed(built: Built, certificate: Path, secure: ssl.SSLContext) -> None:
    async with listening(secure) as url:
        upstream = built(url=url, options={"ca": str(certificate)})
        for _ in range(2):  # on a new connection, then on the one that was kept
            assert (await upstream.send(asked())).body == b"{}"


async def test_one_that_nobody_names_is_not_and_the_error_says_what_to_do(built: Built, secure: ssl.SSLContext) -> None:
    async with listening(secure) as url:
        upstream = built(url=url)
        with pytest.raises(UpstreamFailed, match=r"certificate is not trusted \(self-signed certificate\); `ca` names"):
            await upstream.send(asked())
        assert "certificate is not trusted" in (await upstream.state()).detail


async def test_a_server_without_tls_is_told_from_one_that_is_not_running(built: Built) -> None:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # the beginning of what is no HTTP to it
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
    with pytest.raises(UpstreamFailed, match=r"it does not speak TLS \(.*\); write http://"):
        await built(url=url).send(asked())
    server.close()
