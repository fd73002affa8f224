"""What the other dialects' routes take along."""

from tests.api.conftest import Door

BODY = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


async def test_every_dialect_has_its_routes_and_its_own_errors(door: Door) -> None:
    for path in ("/v1/messages", "/messages", "/v1/messages/"):
        wrong = await door.http.post(path, json={"model": "auto"})
        assert wrong.status_code == 400, wrong.text
        assert wrong.json()["type"] == "error"
    for path in ("/v1/responses", "/responses", "/v1/completions", "/completions"):
        wrong = await door.http.post(path, json={"model": "auto"})
        assert wrong.status_code == 400, wrong.text
        assert wrong.json()["error"]["code"] == "missing_required_parameter"


async def test_another_method_is_405(door: Door) -> None:
    assert (await door.http.get("/v1/messages")).status_code == 405


async def test_a_translated_answer_has_the_headers_of_any_other(door: Door) -> None:
    reply = await door.http.post("/v1/messages", json=BODY)
    assert reply.status_code == 200, reply.text
    assert reply.json()["content"] == [{"type": "text", "text": "ok"}]
    assert reply.headers["x-router-upstream"] == "small"
    assert reply.headers["request-id"] == reply.headers["x-request-id"]
