"""How many tokens a prompt has, guessed without a tokenizer.

Characters over four, plus four a message, as OpenAI's own rule of thumb has it. English prose comes
out within about 15 %; code and other alphabets can be half as many characters a token. Nothing is
billed by it: it stands in for a count where the upstream gave none, and then says `estimate`.
"""

from collections.abc import Mapping
from typing import Any

CHARS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4


def text_tokens(chars: int) -> int:
    """Tokens for a text of `chars` characters, rounded up."""
    return -(-chars // CHARS_PER_TOKEN)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens for a chat body's messages and tools. Images and audio count nothing: they are not text."""
    messages = body["messages"]
    chars = sum(_message_chars(message) for message in messages)
    tools = body.get("tools")
    if tools:
        chars += len(str(tools))
    return text_tokens(chars) + TOKENS_PER_MESSAGE * len(messages)


def _message_chars(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    chars = len(content) if isinstance(content, str) else 0
    if isinstance(content, list):
        chars = sum(len(part.get("text") or "") for part in content if isinstance(part, dict) and _is_text(part))
    calls = message.get("tool_calls")
    return chars + (len(str(calls)) if calls else 0)


def _is_text(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("text"), str)
