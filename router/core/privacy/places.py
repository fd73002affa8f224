"""What each place in a request holds, by the schemas of the dialects: words, an address, bytes, an id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Holds(Enum):
    """What a text in a certain place is."""

    WORDS = "words"
    ADDRESS = "an address: a link, or a `data:` one with what it leads to"
    BYTES = "a file's bytes, in base64 or as a `data:` address"
    ID = "an id that a server made up"


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of place. Of a list, every entry stands where the list stands.

    `keys` are the places inside an object there, `kinds` those of an object of that `type`; what neither
    names is `FREE`. `own`: the keys themselves are the client's words. `tokens`: numbers there are words
    in a model's own code.
    """

    holds: Holds = Holds.WORDS
    keys: Mapping[str, "Place"] = field(default_factory=dict)
    kinds: Mapping[str, "Place"] = field(default_factory=dict)
    own: bool = False
    tokens: bool = False

    def of(self, kind: object) -> "Place":
        """The place that an object here is, by what its `type` says."""
        return self.kinds.get(kind, self) if isinstance(kind, str) else self


FREE = Place(own=True)
"""Anywhere that no schema names: metadata, a tool's schema and its arguments, fields nobody has heard of."""
ID, ADDRESS, BYTES = Place(Holds.ID), Place(Holds.ADDRESS), Place(Holds.BYTES)
LINK = Place(Holds.ADDRESS, keys={"url": ADDRESS})
PLAIN = Place()
SCREEN = Place(keys={"image_url": LINK})
PARTS: dict[str, Place] = {
    "image_url": SCREEN,
    "input_image": SCREEN,
    "computer_screenshot": SCREEN,
    "video_url": Place(keys={"video_url": LINK}),
    "audio_url": Place(keys={"audio_url": LINK}),
    "input_audio": Place(keys={"input_audio": Place(keys={"data": BYTES})}),
    "file": Place(keys={"file": Place(keys={"file_data": BYTES})}),
    "input_file": Place(keys={"file_data": BYTES, "file_url": ADDRESS}),
    "redacted_thinking": Place(keys={"data": BYTES}),
    "tool_use": Place(keys={"id": ID}),
}
"""The parts of a message, by `type`. A text that only resembles bytes is read wherever it stands."""
PART = Place(kinds=PARTS)
SOURCE = Place(
    kinds={
        "base64": Place(keys={"data": BYTES}),
        "url": Place(keys={"url": ADDRESS}),
        "content": Place(keys={"content": PART}),
    }
)
PARTS |= {
    "image": Place(keys={"source": SOURCE}),
    "document": Place(keys={"source": SOURCE}),
    "search_result": Place(keys={"content": PART}),
    "tool_result": Place(keys={"content": PART, "tool_use_id": ID}),
}
CALL = Place(keys={"id": ID, "function": PLAIN, "custom": PLAIN})
ENTRY = {"content": PART, "output": PART, "tool_calls": CALL, "tool_call_id": ID, "call_id": ID, "id": ID}
ITEMS = {**PARTS, "image_generation_call": Place(keys={**ENTRY, "result": BYTES})}
BODY = Place(
    keys={
        "messages": Place(keys=ENTRY),
        "system": PART,
        "input": Place(keys=ENTRY, kinds=ITEMS, tokens=True),
        "prompt": Place(tokens=True),
        "prediction": Place(keys={"content": PART}),
    }
)
"""The body of a chat, completion, response, message or embedding."""
