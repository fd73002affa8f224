"""Slots: as asked, as configured, else as the server says."""

import pytest

from router.cli.slots import slots_of
from router.config import load_config
from router.config.records import Config
from tests.cli.conftest import Shell
from tests.conftest import Scripted
from tests.standins.acts import json_act


def configured(shell: Shell, small: str) -> Config:
    big = "  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}\n"
    return load_config(shell.write(f"upstreams:\n  small: {{{small}, price: free}}\n{big}"), environ={})


def test_what_is_asked_stands_before_what_is_configured(shell: Shell) -> None:
    config = configured(shell, 'kind: llamacpp, gguf: "builtin:tiny-a", slots: 2')
    assert slots_of(config, ()) == {"small": 2}
    assert slots_of(config, ["small=5"]) == {"small": 5}


def test_a_process_of_our_own_is_not_started_to_ask_it(shell: Shell) -> None:
    assert slots_of(configured(shell, 'kind: llamacpp, gguf: "builtin:tiny-a"'), ()) == {"small": 1}


def test_a_server_is_asked_and_one_that_is_gone_says_nothing(shell: Shell, scripted: Scripted) -> None:
    server = scripted()
    server.props = json_act({"total_slots": 4})
    config = configured(shell, f"kind: openai, url: '{server.url}', model: m, local: true")
    assert slots_of(config, ()) == {"small": 4}
    server.down()
    assert slots_of(config, ()) == {"small": None}


@pytest.mark.parametrize(
    ("word", "words"), [("big=2", "no local upstream"), ("small", "write --slots small=4"), ("small=0", "write")]
)
def test_what_is_no_number_of_slots_is_a_wrong_use(word: str, words: str, shell: Shell) -> None:
    config = configured(shell, 'kind: llamacpp, gguf: "builtin:tiny-a"')
    with pytest.raises(ValueError, match=words):
        slots_of(config, [word])
