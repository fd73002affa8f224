"""Which task a request belongs to, as salted hashes: the application, then the template of the ask."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b, sha256
from typing import Any

from classifier.ask import last_ask
from classifier.conversation import Conversation, conversation_of

APP, TEMPLATE = "app", "task"
"""The two kinds of a path's elements, and the names that explanations give their levels."""

_SYSTEM_LOOKED_AT = 2_000
_TEMPLATE_WORDS = (2, 5)
_STEM_LOOKED_AT = 160
_SHORT_STEM = 40
_READ_AT_ONCE = 256
_DIGITS_MASKED = bytes.maketrans(b"123456789", b"000000000")
_ASCII_BETWEEN = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_FIRST_OPTION = ("\nA.", "\nA)", "\n(A)", "\nA:")


Elements = tuple[tuple[str, bytes], ...]


def task_path(body: Mapping[str, Any], salt: bytes) -> tuple[str, ...]:
    """Returns the request's place among tasks, from wide to narrow, as `kind:hash` elements.

    First the application (system prompt, tool names, response format; digits are masked, since a
    system prompt often holds today's date), then the first two and first five words of the ask. A
    bare question names no application: its path holds templates only. The hashes are keyed with
    `salt` (at most 64 bytes count), so a path says nothing to those who do not hold it.
    """
    return salted(elements(body), salt)


def elements(body: Mapping[str, Any], conversation: Conversation | None = None) -> Elements:
    """Returns what a path is made of, its elements before they are hashed: one reading for several salts.

    `conversation` is the body's, where it has been read before.
    """
    talk = conversation or conversation_of(body)
    app = _app(body, talk.system)
    found = [(APP, app)] if app else []
    words = talk.ask[:_SYSTEM_LOOKED_AT].lower().split(None, _TEMPLATE_WORDS[-1])
    for n in _TEMPLATE_WORDS:
        if len(words) > n:
            found.append((TEMPLATE, app + b"\0" + _masked(" ".join(words[:n]))))
    return tuple(found)


def salted(elements: Elements, salt: bytes) -> tuple[str, ...]:
    """Returns the path that `elements` make under `salt`."""
    return tuple(hashed(elements, salt))


def hashed(elements: Elements, salt: bytes) -> Iterator[str]:
    """Yields the same one by one, wide to narrow: who stops at the first element never seen hashes no more."""
    key = salt[:64]
    for kind, content in elements:
        yield f"{kind}:{blake2b(content, key=key, digest_size=6).hexdigest()}"


def named_path(source: str, category: str, salt: bytes) -> tuple[str, ...]:
    """Returns the path of a labelled row whose file names its task: source, then category."""
    return (
        f"{APP}:{_hash(source, salt)}",
        f"{TEMPLATE}:" + _hash("\0".join((source, category)), salt),
    )


def split_key(prompt: str) -> str:
    """Returns what decides the side of a split: equal questions of two sources have equal keys.

    The hash of the first 160 characters of the question's stem (the text before lettered options),
    lower-cased, letters and digits only. A stem under 40 characters ("Which statement is true?") is
    no question by itself: there the options count too.
    """
    return sha256(_core(prompt)).hexdigest()[:16]


def question_key(body: Mapping[str, Any], salt: bytes) -> str:
    """Returns what stands for the question of a chat body, 16 hex digits: equal questions have equal keys, and to
    those who do not hold `salt` (at most 64 bytes count) the key says nothing."""
    return blake2b(_core(last_ask(body)), key=salt[:64], person=b"question", digest_size=8).hexdigest()


def stem(prompt: str) -> str:
    """Returns the text before lettered options ("A." or "A)" opening a line), all of it without options.

    Worked examples in front (few-shot prompts) are left out: the last question is the one asked.
    """
    end = max(map(prompt.rfind, _FIRST_OPTION))
    if end < 0:
        return prompt
    mark = max(mark for mark in _FIRST_OPTION if prompt.startswith(mark, end))
    earlier = prompt.find(mark) < end
    return prompt[prompt.rfind("\n\n", 0, end) + 1 if earlier else 0 : end]


def _core(prompt: str) -> bytes:
    """A question without everything in which copies of it differ."""
    text = _plain(stem(prompt))
    return _bytes(text if len(text) >= _SHORT_STEM else _plain(prompt))


def _plain(text: str) -> str:
    """The first letters and digits of a text, lower-case; however long it is, little of it is read."""
    found, start = "", 0
    while len(found) < _STEM_LOOKED_AT and start < len(text):
        piece = text[start : start + _READ_AT_ONCE].lower()
        if piece.isascii():  # as most is, and bytes are quicker
            found += piece.encode().translate(None, _ASCII_BETWEEN).decode()
        else:
            found += "".join(filter(str.isalnum, piece))
        start += _READ_AT_ONCE
    return found[:_STEM_LOOKED_AT]


def _app(body: Mapping[str, Any], system: Sequence[str]) -> bytes:
    parts = [_masked("\n".join(system)[:_SYSTEM_LOOKED_AT])] if system else []
    if tools := body.get("tools"):
        parts += map(_bytes, sorted(_tool_names(tools)))
    if isinstance(answer := body.get("response_format"), dict):
        schema = answer.get("json_schema")
        name = schema.get("name", "") if isinstance(schema, dict) else ""
        parts.append(_bytes(f"{answer.get('type', '')} {name}"))
    return b"\0".join(filter(None, parts))


def _tool_names(tools: Any) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function", tool) if isinstance(tool, Mapping) else {}
        if isinstance(function, Mapping):
            yield str(function.get("name", ""))


def _masked(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").translate(_DIGITS_MASKED)


def _hash(text: str, salt: bytes) -> str:
    return blake2b(_bytes(text), key=salt[:64], digest_size=6).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
