"""What a model or its server takes of a conversation, as data: one row a kind of target."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Ids:
    """The shape of tool-call ids: a pattern for the whole id, and how long a made one is.

    Made ids are letters and digits, so every pattern here must allow those at `length`.
    """

    pattern: re.Pattern[str]
    length: int

    def fit(self, value: str) -> bool:
        """Whether an id may stay as it is."""
        return self.pattern.fullmatch(value) is not None


ANY_IDS = Ids(re.compile(r"(?s).+"), 24)
OPENAI_IDS = Ids(re.compile(r"(?s).{1,40}"), 24)
ANTHROPIC_IDS = Ids(re.compile(r"[a-zA-Z0-9_-]+"), 24)
MISTRAL_IDS = Ids(re.compile(r"[a-zA-Z0-9]{9}"), 9)


LIMITS = ("max_completion_tokens", "max_tokens")
BOTH = "both"


@dataclass(frozen=True, slots=True)
class Target:
    """What one kind of target takes. The defaults are what OpenAI's own chat models take.

    `system_first`: one system message, at the start, or none. `alternate`: no two neighbours of one role among user and
    assistant. `signed_thinking`: it reads earlier reasoning in Anthropic's signed blocks, else in no form.
    `signed_calls`: it reads Google's signatures of calls. `empty`: a message may say nothing. `marks`: Anthropic's
    `cache_control` and `is_error` may stay. `limit`: its name for the limit on an answer's tokens, or BOTH. `rejects`:
    top-level fields that make it refuse the request. `refused`: fields that do so with certain values only, as
    `digest_of` has them.
    """

    name: str
    developer: bool = True
    system_first: bool = False
    alternate: bool = False
    ids: Ids = OPENAI_IDS
    unique_ids: bool = False
    signed_thinking: bool = False
    signed_calls: bool = False
    empty: bool = True
    marks: bool = False
    limit: str = "max_completion_tokens"
    rejects: frozenset[str] = frozenset()
    refused: Mapping[str, frozenset[bytes]] = field(default_factory=dict, hash=False)

    def takes(self, name: str, value: object) -> bool:
        """Whether a top-level field may stay, with this value."""
        values = self.refused.get(name)
        return name not in self.rejects and (values is None or digest_of(value) not in values)

    def refuses(self, body: Mapping[str, Any]) -> frozenset[str]:
        """The top-level fields of `body` that make it refuse the request."""
        return frozenset(name for name, value in body.items() if not self.takes(name, value))


def digest_of(value: object) -> bytes:
    """Stands for a value in comparisons, without keeping it: 16 bytes, the same in any key order."""
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


OPENAI_ONLY = frozenset(
    "prompt_cache_key prompt_cache_options prompt_cache_retention safety_identifier store verbosity moderation "
    "service_tier web_search_options prediction".split()
)
ANTHROPIC_ONLY = frozenset({"thinking", "cache_control"})

OPENAI = Target("openai", rejects=ANTHROPIC_ONLY | {"top_k"})
ANTHROPIC = Target(
    "anthropic",
    developer=False,
    ids=ANTHROPIC_IDS,
    unique_ids=True,
    signed_thinking=True,
    empty=False,
    marks=True,
    limit="max_tokens",
)
MISTRAL = Target(
    "mistral",
    developer=False,
    alternate=True,
    ids=MISTRAL_IDS,
    unique_ids=True,
    empty=False,
    limit="max_tokens",
    rejects=ANTHROPIC_ONLY | OPENAI_ONLY | {"top_k", "user", "logit_bias", "stream_options"},
)
GEMINI = Target(
    "gemini",
    developer=False,
    signed_calls=True,
    empty=False,
    limit="max_tokens",
    rejects=ANTHROPIC_ONLY | OPENAI_ONLY | {"top_k", "logit_bias"},
)
# Their servers read past fields they do not know, and put lists of texts together themselves.
LOCAL = Target("local", developer=False, system_first=True, ids=ANY_IDS, limit="max_tokens")
