"""The targets that the sanitiser is tried with, by name."""

from router.core.sanitise.target import ANTHROPIC, GEMINI, LOCAL, MISTRAL, OPENAI

TARGETS = {target.name: target for target in (OPENAI, ANTHROPIC, MISTRAL, GEMINI, LOCAL)}
