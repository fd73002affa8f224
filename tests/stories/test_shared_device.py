"""Two models of one Ollama in a panel: the one in memory is asked first, whatever the policy's order."""

from pathlib import Path

import pytest

from tests.conftest import Scripted
from tests.standins.house import House
from tests.standins.ollama import OllamaServer

CONFER = "policy: balanced\notherwise: {plan: [{panel: [first, second], judges: [structure]}, big]}\n"


@pytest.mark.parametrize(("resident", "order"), [("a:1b", "first"), ("b:1b", "second")])
def test_the_member_whose_model_is_in_memory_is_asked_first(
    resident: str, order: str, scripted: Scripted, tmp_path: Path, ollama_server: OllamaServer
) -> None:
    ollama_server.has("a:1b").has("b:1b").says("an answer")
    ollama_server.resident[resident] = 4096
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "balanced.yaml").write_text(CONFER)
    rows = {
        name: f"{{kind: ollama, url: '{ollama_server.url}', model: '{model}', local: true, price: free}}"
        for name, model in (("first", "a:1b"), ("second", "b:1b"))
    }
    config = tmp_path / "config.yaml"
    big = f"{{kind: openai, url: '{scripted().url}', model: m, price: {{input: 2.50, output: 10.00}}}}"
    rows["big"] = big
    config.write_text("upstreams:\n" + "".join(f"  {name}: {row}\n" for name, row in rows.items()))
    house = House(config)
    try:
        reply = house.ask()
        assert reply.headers["x-router-upstream"] == order
        assert [attempt["upstream"] for attempt in house.ledger("attempts")] == [order]
        assert ollama_server.loading.count == 0
        (exchange,) = house.ledger("exchanges")
        seated = [reason["why"] for reason in exchange["reasons"] if reason["outcome"] == "seated"]
        assert len(seated) == (order == "second")
        assert exchange["plan"][0] == ("(second + first)[structure]" if seated else "(first + second)[structure]")
    finally:
        house.close()
