"""Reading a body: objects, optional values, and what stays behind."""

import orjson
import pytest

from router.core.dialects.catalogue import DIALECTS
from router.core.dialects.reading import Reading, count_in, flag_in, model_in, object_in, options_in, text_at
from router.core.errors import BadRequest


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b'{"a": "\xff"}', b"[" * 5000])
def test_what_is_no_object_is_invalid_json(raw: bytes) -> None:
    with pytest.raises(BadRequest) as raised:
        object_in(raw)
    assert raised.value.code == "invalid_json"


@pytest.mark.parametrize("model", [None, "", 7])
def test_a_request_names_a_model(model: object) -> None:
    with pytest.raises(BadRequest) as raised:
        model_in({"model": model})
    assert (raised.value.param, raised.value.code) == ("model", "missing_required_parameter")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_model_has_a_name_of_bounded_length_in_every_dialect(dialect: str) -> None:
    said = {"model": "x" * 201, "messages": [{"role": "user", "content": "a"}], "input": "a", "prompt": "a"}
    with pytest.raises(BadRequest) as raised:
        DIALECTS[dialect].parse(orjson.dumps(said | {"max_tokens": 5}))
    assert (raised.value.param, raised.value.code) == ("model", "string_above_max_length")


def test_null_is_as_good_as_absent() -> None:
    body = {"flag": None, "count": None, "options": None}
    assert (flag_in(body, "flag"), count_in(body, "count"), options_in(body, "options")) == (False, None, {})


@pytest.mark.parametrize("count", [True, -1, 1.5, "3"])
def test_a_count_is_a_whole_number(count: object) -> None:
    with pytest.raises(BadRequest, match="non-negative integer"):
        count_in({"count": count}, "count")


def test_a_wrong_type_names_its_place() -> None:
    with pytest.raises(BadRequest) as raised:
        text_at(3, "input[0].text")
    assert (raised.value.param, raised.value.code) == ("input[0].text", "invalid_type")


def test_what_is_left_out_is_noted_once() -> None:
    reading = Reading()
    reading.leave_out("store")
    reading.leave_out("store")
    assert reading.stripped == ["store"]


def test_a_refusal_becomes_a_note_for_a_native_upstream() -> None:
    reading = Reading(native=True)
    reading.refuse("background", "no.")
    assert reading.stripped == ["background"]
    with pytest.raises(BadRequest) as raised:
        Reading().refuse("background", "no.")
    assert (raised.value.param, raised.value.code) == ("background", "unsupported_parameter")
