"""A llama.cpp process: it serves on loopback, says why where it cannot, and is gone once it is stopped."""

import os
from pathlib import Path
from typing import Any

import pytest

from router.upstreams.llama_child import ChildFailed, LlamaChild


def order(gguf: Path) -> dict[str, Any]:
    return {"gguf": str(gguf), "alias": "a", "key": "k", "slots": 1, "context": 512, "threads": 1}


async def test_it_serves_on_loopback_until_it_is_stopped(tiny_gguf: Path) -> None:
    child = await LlamaChild.started(order(tiny_gguf), load_s=60)
    assert child.url.startswith("http://127.0.0.1:")
    await child.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


async def test_a_file_that_is_no_model_is_told_with_the_last_words_of_llama_cpp(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    with pytest.raises(
        ChildFailed, match=r"cannot serve .*broken\.gguf: [^\n]+\n(.*\n)*.*failed to load model"
    ) as failed:
        await LlamaChild.started(order(broken), load_s=60)
    assert not failed.value.for_good


async def test_a_load_that_takes_too_long_is_ended(tiny_gguf: Path) -> None:
    with pytest.raises(ChildFailed, match="loading took longer than load_s = 0 s") as failed:
        await LlamaChild.started(order(tiny_gguf), load_s=0)
    assert not failed.value.for_good


async def test_how_it_ended_is_told_with_its_status(tiny_gguf: Path) -> None:
    child = await LlamaChild.started(order(tiny_gguf), load_s=60)
    os.kill(child.pid, 9)
    assert (await child.ended()).startswith("it ended with status -9")
    await child.stop()
