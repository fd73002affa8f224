"""Embeddings through the proxy: as they came, to one upstream, priced and written down."""

import json

import openai
import pytest
from openai import OpenAI

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Received, json_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream


def vectors(request: Received) -> Act:
    """Vectors as OpenAI sends them: floats, or their bytes in base64."""
    asked = request.json
    given = asked["input"]
    count = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
    one = "AACAPwAAAEA=" if asked.get("encoding_format") == "base64" else [1.0, 2.0]
    data = [{"object": "embedding", "index": index, "embedding": one} for index in range(count)]
    return json_act({"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 5, "total_tokens": 5}})


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(vectors)


@pytest.fixture
def big(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(vectors)


@pytest.fixture
def house(small: ScriptedUpstream, big: ScriptedUpstream, open_house: OpenHouse) -> House:
    return open_house({"small": small, "big": big})


def test_the_sdk_reads_its_vectors(house: House, small: ScriptedUpstream) -> None:
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=f"{house.url}/v1", api_key="x", max_retries=0, http_client=http) as client:
        assert list(client.embeddings.create(model="auto", input="a").data[0].embedding) == [1.0, 2.0]
        several = client.embeddings.create(model="auto", input=[[1, 2], [3]], encoding_format="float", dimensions=2)
    assert [one.embedding for one in several.data] == [[1.0, 2.0], [1.0, 2.0]]
    assert small.requests[-1].path == "/v1/embeddings"
    assert small.requests[-1].json["dimensions"] == 2


def test_they_go_as_they_came_are_priced_and_written_down(house: House, big: ScriptedUpstream) -> None:
    body = b'{ "input" : ["caf\\u00e9"],"model":"big", "dimensions":2 }'
    reply = house.http.post("/v1/embeddings", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 200, reply.text
    assert big.requests[-1].body == body.replace(b'"big"', b'"big-model"')
    assert reply.headers["x-router-cost-usd"] == "0.000012500"
    (row,) = house.ledger("exchanges")
    assert (row["dialect"], row["upstream"], row["outcome"], row["cost"]) == ("embeddings", "big", "answered", 12_500)
    (attempt,) = house.ledger("attempts")
    assert (attempt["input"], attempt["output"], attempt["usage_source"]) == (5, 0, "upstream")


def test_local_only_holds(house: House, big: ScriptedUpstream) -> None:
    refused = house.http.post(
        "/v1/embeddings", json={"model": "big", "input": "a"}, headers={"x-router-local-only": "1"}
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "local_only")
    assert big.requests == []


def test_no_second_upstream_answers_for_one_that_failed(
    house: House, small: ScriptedUpstream, big: ScriptedUpstream
) -> None:
    small.fails(500)
    assert house.http.post("/v1/embeddings", json={"model": "auto", "input": "a"}).status_code == 502
    small.sends(json.dumps({"choices": []}).encode())
    assert house.http.post("/v1/embeddings", json={"model": "auto", "input": "a"}).status_code == 502
    assert big.requests == []
