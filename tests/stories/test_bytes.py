"""What leaves is the client's bytes, named keys replaced in place; what comes back is the upstream's."""

import json

from tests.conftest import OpenHouse, Scripted

PASS_ON = """
policy: balanced
otherwise: {plan: [small]}
"""

ODD = (
    b'{ "messages" : [ {"role":"user","content":"caf\\u00e9 \\ud83d\\ude00 1.50e+3"} ] ,\n'
    b'\t"temperature":1.0, "x_vendor":{"model":"untouched","deep":[1,2.0,null]}, "model" :  "auto",'
    b' "seed":9007199254740993,"tools":null }'
)


def test_only_the_model_changes_on_the_way_to_the_upstream(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    reply = house.http.post("/v1/chat/completions", content=ODD, headers={"content-type": "application/json"})

    assert reply.status_code == 200, reply.text
    assert small.requests[-1].body == ODD.replace(b'"auto"', b'"small-model"')


def test_a_stream_asks_for_usage_and_keeps_every_other_byte(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)
    body = b'{"model":"auto","stream":true ,"messages":[{"role":"user","content":"hi"}],"top_k":5}'

    house.http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})

    sent = small.requests[-1].body
    assert json.loads(sent)["stream_options"] == {"include_usage": True}
    assert sent.startswith(
        b'{"model":"small-model","stream":true ,"messages":[{"role":"user","content":"hi"}],"top_k":5'
    )


def test_a_reply_comes_back_as_it_was_sent(scripted: Scripted, open_house: OpenHouse) -> None:
    choice = b'{"index":0,"message":{"role":"assistant","content":"\\u00e9"},"finish_reason":"stop"}'
    whole = b'{"id":"x" , "choices":[' + choice + b'],"odd":1.0}'
    small = scripted()
    small.sends(whole)
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    assert house.ask().content == whole


def test_our_key_goes_out_and_the_clients_never_does(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    house.ask(headers={"authorization": "Bearer sk-of-the-client", "cookie": "a=b", "x-api-key": "sk-other"})

    sent = small.requests[-1].headers
    assert sent["authorization"] == "Bearer sk-small-secret"
    assert "sk-of-the-client" not in str(sent)
    assert "cookie" not in sent


def test_the_reply_can_carry_the_name_that_was_asked_for(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy=PASS_ON, extra="reply_model: requested\n")

    assert house.ask().json()["model"] == "auto"
    assert b'"model":"auto"' in house.ask(stream=True).content.replace(b" ", b"")
