"""The options that only some kinds have: files that exist, durations that read, certificates and a proxy."""

import pytest

from tests.config.conftest import Desk


def test_a_gguf_counts_from_the_folder_of_the_file_and_names_the_model(desk: Desk) -> None:
    (desk.folder / "weights").mkdir()
    (desk.folder / "weights" / "phi-4.gguf").touch()
    row = "  third: {kind: llamacpp, gguf: weights/phi-4.gguf, threads: 2, price: free}\n"
    spec = desk.load(desk.pair + row).upstreams["third"]
    assert spec.options == {"gguf": str(desk.folder / "weights" / "phi-4.gguf"), "threads": 2}
    assert (spec.model, spec.local, spec.url) == ("phi-4", True, "")


def test_the_way_to_a_server_may_lead_through_a_proxy_and_be_vouched_for_by_certificates_of_ones_own(
    desk: Desk,
) -> None:
    (desk.folder / "house.pem").touch()
    row = desk.server(url="https://llm.example/v1", ca="house.pem", proxy="http://proxy.internal:3128")
    options = desk.load(row).upstreams["third"].options
    assert options == {"ca": str(desk.folder / "house.pem"), "proxy": "http://proxy.internal:3128"}


def test_a_recording_may_be_a_file_and_may_wait(desk: Desk) -> None:
    (desk.folder / "played.jsonl").touch()
    row = "  third: {kind: recorded, recording: played.jsonl, delay_ms: 20, model: gpt-4.1, price: free}\n"
    spec = desk.load(desk.pair + row).upstreams["third"]
    assert spec.options == {"recording": str(desk.folder / "played.jsonl"), "delay_ms": 20}
    assert (spec.model, spec.local) == ("gpt-4.1", False)


def test_a_kind_of_ones_own_takes_its_options_as_they_are(desk: Desk) -> None:
    options = "{wings: [2, 0.5, true, x, '7', {deep: '${WORD}'}]}"
    spec = desk.load(desk.server(kind="mine.places:Carrier", options=options), WORD="9").upstreams["third"]
    assert (spec.kind, spec.options) == ("mine.places:Carrier", {"wings": [2, 0.5, True, "x", "7", {"deep": "9"}]})


def test_a_row_for_ollama_needs_no_url_and_may_say_how_long_a_model_stays_and_whether_it_thinks(desk: Desk) -> None:
    row = desk.server(kind="ollama", url="", model="qwen3:4b", keep_alive="24h", think="low", local="true")
    spec = desk.load(row).upstreams["third"]
    assert (spec.url, spec.options) == ("http://127.0.0.1:11434", {"keep_alive": "24h", "think": "low"})
    forever = desk.load(desk.server(kind="ollama", model="qwen3:4b", keep_alive="-1", think="false"))
    assert forever.upstreams["third"].options == {"keep_alive": -1, "think": False}


@pytest.mark.parametrize("kind", ["{kind: llamacpp, gguf: gone.gguf}", "{kind: recorded, recording: gone.jsonl}"])
def test_a_file_that_is_not_there_is_told(desk: Desk, kind: str) -> None:
    assert desk.problem(f"{desk.pair}  third: {kind}\n").message == "there is no such file"


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("{kind: llamacpp, gguf: 'builtin:tiny-z'}", "write `builtin:tiny-a` or `builtin:tiny-b` or `builtin:tiny-c`"),
        ("{kind: llamacpp, gguf: builtin}", "write `builtin:tiny-a` or `builtin:tiny-b` or `builtin:tiny-c`"),
        ("{kind: recorded, recording: 'builtin:sheet'}", "write `builtin`"),
    ],
)
def test_what_is_not_built_in_is_told(desk: Desk, kind: str, remedy: str) -> None:
    problem = desk.problem(f"{desk.pair}  third: {kind}\n")
    assert problem.message.startswith("nothing built in is called 'builtin")
    assert problem.remedy == remedy
