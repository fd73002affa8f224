"""The client's bytes with named keys replaced in place: everything else leaves as it came."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

# No pattern here is followed by anything that could fail after it, so none ever backtracks far: all
# are linear. Long strings (an image) are left to bytes.find, which is ten times as fast.
_OPEN = re.compile(rb"[ \t\n\r]*\{")
_GAP = re.compile(rb"[ \t\n\r,]*")
_COLON = re.compile(rb"[ \t\n\r]*:[ \t\n\r]*")
_COMMA = re.compile(rb"(?:[ \t\n\r]*,[ \t\n\r]*)?")
_SCALAR = re.compile(rb'[^"{}\[\], \t\n\r]*')
_ESCAPES = re.compile(rb"(?:\\.[^\"\\]{0,256}){0,1024}", re.DOTALL)
_SHORT_STRINGS = re.compile(rb'(?:[^"{}\[\]]{0,64}"[^"\\]{0,4096}(?:\\.[^"\\]{0,4096}){0,64}"){0,256}', re.DOTALL)
_STRUCTURE = re.compile(rb'["{}\[\]]')
_SPACES = b" \t\n\r"
_PLAIN_VALUE = re.compile(rb'[ \t\n\r]*:[ \t\n\r]*("[^"\\]*")')
_CLOSED = re.compile(rb"[ \t\n\r]*\}[ \t\n\r]*\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_TAIL = 4096  # bytes behind a key that are read to tell whose it is
_QUOTE, _OPENERS, _CLOSER = b'"'[0], b"{[", b"]"[0]


def splice(raw: bytes, changes: Mapping[str, bytes | None], decoded: Mapping[str, Any] | None = None) -> bytes:
    """The JSON object `raw` with the values of top-level keys replaced by the bytes given.

    Whitespace, key order, spellings of numbers and escapes stay as they were everywhere else. A key
    that is absent is added at the end; None takes the key and its comma out; a key that occurs
    twice is changed twice. `raw` should be valid JSON, checked before; what is no object, or breaks
    off, raises ValueError. Linear. `decoded` is `raw` as JSON, where it was read before and no key stands twice in it:
    that saves the walk nearly always.
    """
    quick = _at_the_edge(raw, changes) if decoded is None else _by_name(raw, changes, decoded)
    if quick is not None:
        return quick
    view, pieces, at = memoryview(raw), list[bytes | memoryview](), 0
    try:
        for start, end, new in _edits(raw, changes):
            pieces += (view[at:start], new)
            at = end
    except IndexError as error:
        raise ValueError("the JSON object breaks off") from error
    pieces.append(view[at:])
    return b"".join(pieces)


def _at_the_edge(raw: bytes, changes: Mapping[str, bytes | None]) -> bytes | None:
    """The result where one plain string is changed that opens or closes the object: how clients write `model`.

    None where that is not so, or where the key might occur twice. The last member is told by its end:
    a string, then the last brace, so the name before it stands in the outermost object.
    """
    if len(changes) != 1:
        return None
    ((key, new),) = changes.items()
    name = b'"%b"' % key.encode()
    if not new or raw.count(name) != 1 or b"\\u" in raw:
        return None
    at = raw.find(name)
    value = _PLAIN_VALUE.match(raw, at + len(name))
    if value is None:
        return None
    before = raw[max(0, at - 16) : at].strip(_SPACES)
    opens, closes = at < 16 and before == b"{", before.endswith(b",") and _CLOSED.match(raw, value.end())
    if not (opens or closes):
        return None
    return raw[: value.start(1)] + new + raw[value.end() :]


def _by_name(raw: bytes, changes: Mapping[str, bytes | None], decoded: Mapping[str, Any]) -> bytes | None:
    """The result where every key is absent, or is found by its name and has a plain string for its value; else None."""
    if not decoded:
        return None
    added = b""
    for key, new in changes.items():
        if key in decoded:
            value = _value_of(raw, key)
            if not new or value is None:
                return None
            raw = _put(raw, value.start(1), value.end(), new)
        elif new is not None:
            added += b",%b:%b" % (orjson.dumps(key), new)
    if not added:
        return raw
    end = _behind_the_last_value(raw)
    return _put(raw, end, end, added)


def _put(raw: bytes, start: int, end: int, new: bytes) -> bytes:
    """`raw` with other bytes from `start` to `end`; a long one is copied once, not twice."""
    if len(raw) <= _TAIL:
        return raw[:start] + new + raw[end:]
    view = memoryview(raw)
    return b"".join((view[:start], new, view[end:]))


def _behind_the_last_value(raw: bytes) -> int:
    last = raw.rindex(b"}")
    near = max(0, last - _TAIL)
    kept = len(raw[near:last].rstrip(_SPACES))
    return near + kept if kept else len(raw[:last].rstrip(_SPACES))


def _value_of(raw: bytes, key: str) -> "re.Match[bytes] | None":
    """The plain string that a key of the outermost object has; None where that cannot be told without a walk.

    A name that opens the object is its key. So is a later one where no backslash stands before it (else it might be
    the end of a string) and it opens an object with what follows it: then only the outermost is open where it stands.
    """
    opens = _opening(key)
    if opens is None:
        return None
    if (value := opens.match(raw)) is not None:
        return value
    name = b'"%b"' % key.encode()
    at = raw.rfind(name)
    if at < 1 or len(raw) - at > _TAIL or raw[at - 1 : at] == b"\\" or not _is_object(b"{" + raw[at:]):
        return None
    return _PLAIN_VALUE.match(raw, at + len(name))


def _is_object(raw: bytes) -> bool:
    try:
        return isinstance(orjson.loads(raw), dict)
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=256)
def _opening(key: str) -> "re.Pattern[bytes] | None":
    """An object that opens with this key and a plain string for it; None for a key that is partly escaped."""
    if not _PLAIN_NAME.fullmatch(key):
        return None
    return re.compile(rb'[ \t\n\r]*\{[ \t\n\r]*"%b"' % key.encode() + _PLAIN_VALUE.pattern)


def _edits(raw: bytes, changes: Mapping[str, bytes | None]) -> Iterator[tuple[int, int, bytes]]:
    """Spans to replace, in order. What is removed takes the comma before it or, at the head, the one after."""
    opened = _OPEN.match(raw)
    if opened is None:
        raise ValueError("a JSON object was expected")
    at = opened.end()
    absent, kept = dict(changes), False
    while True:
        start = _end(_GAP, raw, at)
        if raw[start] != _QUOTE:
            break
        stop = _string_end(raw, start)
        value = _end(_COLON, raw, stop)
        end = _value_end(raw, value)
        key = raw[start + 1 : stop - 1].decode() if raw.find(b"\\", start, stop) < 0 else orjson.loads(raw[start:stop])
        absent.pop(key, None)
        new = changes.get(key, b"")
        if new is None and not kept:
            end = _end(_COMMA, raw, end)
            yield start, end, b""
        elif new is None:
            yield at, end, b""
        else:
            kept = True
            if new:
                yield value, end, new
        at = end
    added = [orjson.dumps(key) + b":" + new for key, new in absent.items() if new is not None]
    if added:
        yield at, at, b"," * kept + b",".join(added)


def elements(raw: bytes, key: str) -> list[bytes]:
    """The elements of the array under a top-level `key`, byte for byte; of a key that occurs twice the last.

    `raw` should be valid JSON, checked before; raises ValueError where there is no such array. Linear.
    """
    try:
        at = _last_value(raw, key)
        if at is None or raw[at : at + 1] != b"[":
            raise ValueError(f"there is no array under {key!r}")
        found, at = list[bytes](), at + 1
        while raw[start := _end(_GAP, raw, at)] != _CLOSER:
            at = _value_end(raw, start)
            found.append(raw[start:at])
        return found
    except IndexError as error:
        raise ValueError("the JSON object breaks off") from error


def _last_value(raw: bytes, key: str) -> int | None:
    """Where the value of the last top-level `key` begins."""
    opened = _OPEN.match(raw)
    at, found = opened.end() if opened else len(raw), None
    while raw[start := _end(_GAP, raw, at)] == _QUOTE:
        stop = _string_end(raw, start)
        value = _end(_COLON, raw, stop)
        if orjson.loads(raw[start:stop]) == key:
            found = value
        at = _value_end(raw, value)
    return found


def _end(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    """Where a match of `pattern` at `at` ends; `at` itself when there is none."""
    match = pattern.match(raw, at)
    return match.end() if match else at


def _value_end(raw: bytes, at: int) -> int:
    if raw[at] == _QUOTE:
        return _string_end(raw, at)
    if raw[at] in _OPENERS:
        return _nest_end(raw, at)
    return _end(_SCALAR, raw, at)


def _nest_end(raw: bytes, at: int) -> int:
    """Where the object or array that opens at `at` is closed."""
    depth = 0
    while True:
        found = _STRUCTURE.search(raw, _end(_SHORT_STRINGS, raw, at))
        if found is None:
            raise IndexError
        at = found.start()
        if raw[at] == _QUOTE:
            at = _string_end(raw, at)
            continue
        depth += 1 if raw[at] in _OPENERS else -1
        at += 1
        if depth == 0:
            return at


def _string_end(raw: bytes, at: int) -> int:
    """One past the closing quote of the string that opens at `at`; memchr's speed where nothing is escaped."""
    at, quote = at + 1, -1
    while True:
        if quote < at:
            quote = raw.index(b'"', at)
        escape = raw.find(b"\\", at, quote)
        if escape < 0:
            return quote + 1
        at = _end(_ESCAPES, raw, escape)
