"""A stand-in for a model hub on loopback: its list of files, their heads, and their bytes, in ranges too.

with HubServer({"tiny.gguf": content}) as hub:    hub.url, hub.repo
hub.breaks_after(1000)                            the next download ends after that many bytes
hub.ranges                                        what the clients asked to go on from
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

COMMIT = "5f0b02c75b57c5855da9ae460ce51323ea669d8a"


class HubServer:
    """Serves one repository, `owner/tiny-gguf`, in a thread of its own."""

    repo = "owner/tiny-gguf"

    def __init__(self, files: Mapping[str, bytes], *, lfs: bool = True) -> None:
        self.files = dict(files)
        self.said = {name: self._described(name, content, lfs) for name, content in files.items()}
        self.ranges: list[str] = []
        self.paths: list[str] = []
        self.tokens: list[str | None] = []
        self._breaks: int | None = None
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub._answer(self, body=False)

            def do_GET(self) -> None:
                hub._answer(self, body=True)

            def log_message(self, *_: Any) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def breaks_after(self, count: int) -> None:
        """The next download ends after `count` bytes, without its end."""
        self._breaks = count

    @staticmethod
    def _described(name: str, content: bytes, lfs: bool) -> dict[str, Any]:
        git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        row: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": git}
        if lfs:
            row["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return row

    def _answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        path = request.path.partition("?")[0]
        self.paths.append(path)
        self.tokens.append(request.headers.get("authorization"))
        if path.startswith(f"/api/models/{self.repo}"):
            listing = {"id": self.repo, "modelId": self.repo, "sha": COMMIT, "siblings": list(self.said.values())}
            self._send(request, 200, json.dumps(listing).encode(), {"content-type": "application/json"}, body)
            return
        name = path.removeprefix(f"/{self.repo}/resolve/{COMMIT}/")
        if name not in self.files:
            error = {"x-error-code": "RepoNotFound" if "/api/" in path else "EntryNotFound", "x-repo-commit": COMMIT}
            self._send(request, 404, b"{}", error, body)
            return
        self._send_file(request, name, body)

    def _send_file(self, request: BaseHTTPRequestHandler, name: str, body: bool) -> None:
        content, etag = self.files[name], (self.said[name].get("lfs") or {}).get("sha256", self.said[name]["blobId"])
        headers = {"etag": f'"{etag}"', "x-repo-commit": COMMIT, "accept-ranges": "bytes"}
        asked, start = request.headers.get("range"), 0
        if asked:
            self.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        piece = content[start:]
        broken, self._breaks = (self._breaks, None) if body else (None, self._breaks)
        self._send(request, 206 if asked else 200, piece, headers, body, broken)

    @staticmethod
    def _send(
        request: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        headers: Mapping[str, str],
        body: bool,
        broken: int | None = None,
    ) -> None:
        request.send_response(status)
        request.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        if body:
            request.wfile.write(content if broken is None else content[:broken])
        if broken is not None:
            request.wfile.flush()
            request.close_connection = True
