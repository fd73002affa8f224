"""The child process of kind `llamacpp`: one GGUF served by llama.cpp's own HTTP server on loopback.

Started as a script, never imported by the router. Reads one JSON line from stdin (`gguf`, `alias`,
`key`, `slots`, `context`, `threads`), answers with one on stdout (`url`, or `error` and `remedy`),
and lives until stdin closes: a parent that dies, however it dies, leaves no orphan.
"""

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until stdin ends."""
    stdout = _own_stdout()
    _die_with_parent()
    options = json.loads(_first_line())
    threading.Thread(target=_leave_with_stdin, daemon=True).start()
    try:
        server = _served(options)
    except ImportError as error:
        _tell(stdout, error=f"llama.cpp cannot be loaded: {error}", remedy=_remedy(error))
        os._exit(1)
    except RuntimeError as error:
        _tell(stdout, error=f"llama.cpp cannot serve {options['gguf']}: {error}", remedy="see its last words")
        os._exit(1)
    _tell(stdout, url=server.listening_address)
    threading.Event().wait()


def _served(options: Mapping[str, Any]) -> Any:
    """A running server. Raises ImportError without xllamacpp, RuntimeError for a model it cannot load."""
    import xllamacpp

    slots = int(options["slots"])
    params = xllamacpp.CommonParams()
    params.model.path = options["gguf"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [options["key"]]
    params.model_alias = {options["alias"]}
    params.n_parallel = slots
    params.n_ctx = int(options["context"]) * slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(options["threads"])
    params.endpoint_slots = params.endpoint_metrics = params.use_jinja = True
    params.warmup = False
    return xllamacpp.Server(params)


def _own_stdout() -> TextIO:
    """Our own stdout; whatever llama.cpp prints there goes to stderr instead."""
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return own


def _die_with_parent() -> None:
    """Have Linux kill us with our parent: loading a model holds the interpreter, so stdin may go unread."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return line


def _leave_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _remedy(error: ImportError) -> str:
    if "libgomp" in str(error):
        return "install the system library libgomp (Debian and Ubuntu: apt-get install libgomp1)"
    return 'pip install "smallfirst[local]"'


def _tell(out: TextIO, **line: Any) -> None:
    print(json.dumps(line), file=out, flush=True)


if __name__ == "__main__":
    main()
