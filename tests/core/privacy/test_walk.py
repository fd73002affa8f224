"""What one walk brings back: the texts in order, what was unseen, and when it breaks off."""

from base64 import b64encode
from typing import Any

import pytest

from router.core.privacy.walk import MAX_VISITS, SEAM, Walk

BLOB = "QUJD" * 40


def walked(**body: Any) -> Walk:
    walk = Walk(room=10_000)
    walk.through(body)
    return walk


def part(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [fields]}]}


def picture(url: str) -> dict[str, Any]:
    return part(type="image_url", image_url={"url": url})


def coded(text: bytes, head: str = "data:text/plain") -> str:
    return f"{head};base64,{b64encode(text).decode()}"


def test_a_key_of_the_clients_own_announces_what_it_names() -> None:
    assert walked(metadata={"phone": "030 901820", "n": 12345678, "deeply": {"x": True}}).pieces == [
        "metadata", "phone: 030 901820", "n: 12345678", "deeply",
    ]  # fmt: skip


def test_a_key_of_the_dialect_announces_nothing() -> None:
    assert walked(messages=[{"role": "user", "content": [{"type": "text", "text": "2127365000"}]}]).pieces == [
        "user", "text", "2127365000",
    ]  # fmt: skip
    assert walked(prompt_cache_key="7f3a9c4e1b2d8a60").pieces == ["prompt_cache_key", "7f3a9c4e1b2d8a60"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(4111111111111111, "4111111111111111"), (4111111111111111.0, "4111111111111111"), (-1234567.5, "-1234567.5")],
)
def test_a_number_is_read_with_and_without_a_fraction(value: float, said: str) -> None:
    assert walked(metadata=[value]).pieces == ["metadata", said]


@pytest.mark.parametrize("value", [True, None, 7, 0.5, 10**6, float("inf")])
def test_what_is_nobodys_number_is_not_said(value: Any) -> None:
    assert walked(n=[value]).pieces == []


def test_a_fraction_of_more_digits_than_are_kept_is_unseen() -> None:
    assert walked(n=4111111111111111110.0).unseen
    assert not walked(n=4111111111111111.0).unseen


@pytest.mark.parametrize("body", [{"prompt": [1]}, {"input": [[1, 2]]}, {"input": [[], [0]]}])
def test_numbers_for_a_prompt_are_words_nobody_reads(body: dict[str, Any]) -> None:
    assert walked(**body).unread


@pytest.mark.parametrize("body", [{"prompt": "1"}, {"input": ["1"]}, {"seed": 1}, {"prompt": [True]}])
def test_other_numbers_are_none(body: dict[str, Any]) -> None:
    assert not walked(**body).unread


def test_an_id_of_a_server_announces_no_telephone_number() -> None:
    calls = [{"id": "call_2127365000", "type": "function"}]
    pieces = walked(messages=[{"role": "assistant", "tool_calls": calls}]).pieces
    assert "2127365000" in pieces
    assert "call_2127365000" not in pieces
    assert "id: call_2127365000" in walked(metadata={"id": "call_2127365000"}).pieces


@pytest.mark.parametrize("head", ["data:image/png", "DATA:image/png", "data:application/pdf;name=a.pdf"])
def test_bytes_in_an_address_are_unseen_and_their_head_is_read(head: str) -> None:
    walk = walked(**picture(f"{head};base64,{BLOB}"))
    assert walk.unseen
    assert f"{head};base64," in walk.pieces
    assert not any(BLOB in piece for piece in walk.pieces)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (coded(b"MARK"), "MARK"),
        (coded(b"MARK", "data:application/json"), "MARK"),
        ("data:text/plain;base64,TUFSSz8_Pj4=", "MARK??>>"),
        (coded(b"MARKS").rstrip("="), "MARKS"),
        ("data:,my%20MARK", "my MARK"),
        ("data:text/plain;base64,my MARK", "data:text/plain;base64,my MARK"),
        ("data:text/plain;base64,QQ==MARK", "data:text/plain;base64,QQ==MARK"),
        ("data:image/svg+xml,<svg>MARK</svg>", "data:image/svg+xml,<svg>MARK</svg>"),
        ("data:MARK", "data:MARK"),
        ("https://x/MARK", "https://x/MARK"),
    ],
)
def test_text_in_an_address_is_read(url: str, said: str) -> None:
    assert said in walked(**picture(url)).pieces


@pytest.mark.parametrize("text", [b"\xff\xfe4\x001\x00", "4111".encode("utf-16-le"), b"\xe9"])
def test_text_in_another_coding_stays_unseen(text: bytes) -> None:
    source = {"type": "url", "url": coded(text)}
    assert walked(system=[{"type": "thing", "source": source}]).unseen


def test_bytes_are_bytes_only_where_the_dialect_keeps_some() -> None:
    assert walked(**part(type="file", file={"file_data": BLOB})).pieces == ["user", "file"]
    assert f"data: {BLOB}" in walked(metadata={"data": BLOB}).pieces
    address = f"data:image/png;base64,{BLOB}"
    walk = walked(messages=[{"role": "user", "content": address}])
    assert address in walk.pieces
    assert walk.unseen


def test_texts_of_one_message_are_read_where_they_meet() -> None:
    parts = [{"type": "text", "text": text} for text in ("a", "b" * 3 * SEAM, "c")]
    pieces = walked(messages=[{"role": "user", "content": parts}]).pieces
    ends = f"{'b' * SEAM}\n\0\n{'b' * SEAM}"
    assert {f"a{ends}c", f"a {ends} c"} <= set(pieces)
    alone = walked(messages=[{"role": "user", "content": parts[:1]}]).pieces
    assert alone.count("a") == 1


def test_there_is_room_for_so_many_values_and_characters() -> None:
    assert not walked(z=[0] * (MAX_VISITS - 2)).over
    assert walked(z=[0] * MAX_VISITS).over
    assert walked(z="x" * 10_001).over
    assert not walked(z="x" * 10_000).over
