"""How many tokens a prompt has, guessed without a tokenizer.

Characters over four, plus four a message, as OpenAI's own rule of thumb has it. English prose comes
out within about 15 %; code and other alphabets can be half as many characters a token. Nothing is
billed by it: it stands in for a count where the upstream gave none, and then says `estimate`.
"""

from collections.abc import Mapping
from typing import Any

from router.core.talk import contents, texts_only, tool_calls

CHARS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4


def text_tokens(chars: int) -> int:
    """Tokens for a text of `chars` characters, rounded up."""
    return -(-chars // CHARS_PER_TOKEN)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens for a chat body's messages and tools. Images and audio count nothing: they are not text."""
    said = contents(body)
    chars = sum(map(len, filter(None, said))) if texts_only(said) else sum(map(_chars, said))
    for calls in tool_calls(body):
        chars += len(str(calls))
    if tools := body.get("tools"):
        chars += len(str(tools))
    return text_tokens(chars) + TOKENS_PER_MESSAGE * len(said)


def _chars(content: Any) -> int:
    if isinstance(content, list):
        return sum(len(part.get("text") or "") for part in content if isinstance(part, dict) and _is_text(part))
    return len(content) if isinstance(content, str) else 0


def _is_text(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("text"), str)
