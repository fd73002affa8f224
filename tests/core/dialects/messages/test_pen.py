"""Blocks are written one after the other, whatever order their pieces come in."""

from typing import Any

import orjson

from router.core.dialects.messages.pen import CALL, TEXT, THINKING, Pen, Piece
from router.core.stream import EventSplitter, data_of


def piece(kind: str, text: str, number: int = 0) -> Piece:
    return Piece((kind, number), {"type": kind}, text)


def written(*pieces: Piece, end: bool = True) -> list[tuple[str, Any]]:
    """What the client gets: (`start` | `stop` | the piece's text, index of the block)."""
    pen = Pen()
    out = b"".join(map(pen.put, pieces)) + (pen.close() if end else b"")
    found: list[tuple[str, Any]] = []
    for one in EventSplitter().feed(out):
        data = orjson.loads(data_of(one))
        delta = data.get("delta", {})
        text = next((value for name, value in delta.items() if name != "type"), None)
        found.append((text or data["type"].removeprefix("content_block_"), data["index"]))
    return found


def test_pieces_of_one_block_stay_together() -> None:
    assert written(piece(TEXT, "a"), piece(TEXT, "b")) == [("start", 0), ("a", 0), ("b", 0), ("stop", 0)]


def test_another_block_closes_the_one_before() -> None:
    found = written(piece(THINKING, "hm"), piece(TEXT, "so"))
    assert found == [("start", 0), ("hm", 0), ("stop", 0), ("start", 1), ("so", 1), ("stop", 1)]


def test_what_comes_within_a_call_waits_until_its_arguments_are_whole() -> None:
    found = written(piece(CALL, '{"a":'), piece(TEXT, "so"), piece(CALL, "1}"), end=False)
    assert found == [("start", 0), ('{"a":', 0), ("1}", 0), ("stop", 0), ("start", 1), ("so", 1)]


def test_a_call_that_never_gets_whole_ends_as_it_came_and_what_waited_follows() -> None:
    found = written(piece(CALL, '{"a":'), piece(TEXT, "so"))
    assert found == [("start", 0), ('{"a":', 0), ("stop", 0), ("start", 1), ("so", 1), ("stop", 1)]


def test_blanks_after_a_whole_call_are_not_another_one() -> None:
    found = written(piece(CALL, "{}"), piece(CALL, "{}", 1), piece(CALL, " "))
    assert [index for _, index in found] == [0, 0, 0, 1, 1, 1]


def test_it_knows_what_the_open_thought_says() -> None:
    pen = Pen()
    assert pen.thought() is None
    pen.put(piece(THINKING, "h"))
    pen.put(piece(THINKING, "m"))
    assert pen.thought() == "hm"
    pen.put(piece(TEXT, "so"))
    assert pen.thought() is None
