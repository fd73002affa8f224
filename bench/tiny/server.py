"""A GGUF file served by llama.cpp on the loopback, and asked over HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp

SLOTS = 4
CONTEXT = 2048


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: it stops when this record is dropped."""

    url: str
    handle: xllamacpp.Server


def serve(model: Path) -> Served:
    """Return a llama.cpp server that holds `model` and is ready to answer."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model.resolve())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = SLOTS
    params.n_ctx = CONTEXT * SLOTS
    params.use_jinja = True
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    _until_ready(server.listening_address)
    return Served(server.listening_address, server)


def post(url: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON reply to one POST; raises `urllib.error.HTTPError` when the server refuses."""
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as reply:
        answered: dict[str, Any] = json.load(reply)
    return answered


def _until_ready(url: str) -> None:
    for _ in range(400):
        try:
            urllib.request.urlopen(url + "/health", timeout=1).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"llama.cpp did not come up at {url}")
