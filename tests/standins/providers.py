"""Providers as their servers are: one row for each upstream of docs/providers, with the words it has on the wire.

A row says how its server is addressed and unlocked, in which format it answers, what it can count, and what it says
when a client is too fast, a prompt too long or a key wrong. `PROVIDERS` is what the table of docs/providers is of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.standins.acts import Act, json_act
from tests.standins.wires import ANTHROPIC, AZURE, BEDROCK, GEMINI, MISTRAL, OPENAI, Wire

CHAT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Provider:
    """One upstream of a page. `upstream` is its row in the page's configuration, `kind` that row's kind, `base` what
    follows the stand-in's host in its address.

    `path` and `stream_path` are where its server must be asked, `unlocked` the header that must carry the
    credential, and how it must begin. `counts`: input, cached, written, output and reasoning tokens, disjoint; 0 where
    its format has no word for them.
    """

    page: str
    upstream: str
    wire: Wire
    errors: Mapping[str, Act]
    path: str = CHAT
    stream_path: str = ""
    base: str = "/v1"
    unlocked: tuple[str, str] = ("authorization", "Bearer sk-own")
    counts: tuple[int, int, int, int, int] = (100, 900, 0, 20, 5)
    kind: str = "openai"

    @property
    def name(self) -> str:
        """Its name in tests and in the table."""
        return self.page if self.upstream == "big" else f"{self.page}-{self.upstream}"


def _errors(limited: Act, too_long: Act, denied: Act) -> Mapping[str, Act]:
    return {"limited": limited, "too_long": too_long, "denied": denied}


def _openai(message: str, status: int, kind: str, code: str | int | None, **headers: str) -> Act:
    return json_act({"error": {"message": message, "type": kind, "param": None, "code": code}}, status, headers)


def _anthropic(message: str, status: int, kind: str, **headers: str) -> Act:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return json_act(body, status, headers)


def _google(message: str, status: int, name: str, **more: Any) -> Act:
    return json_act({"error": {"code": status, "message": message, "status": name, **more}}, status)


def _aws(message: str, status: int, kind: str) -> Act:
    return json_act({"message": message}, status, {"x-amzn-errortype": kind})


def _mistral(message: str, status: int, kind: str, code: str) -> Act:
    body = {"object": "error", "message": message, "type": kind, "param": None, "code": code}
    return json_act(body, status)


OPENAI_ERRORS = _errors(
    _openai("Rate limit reached for gpt-5.2 on tokens per min.", 429, "tokens", "rate_limit_exceeded",
            **{"retry-after": "7", "x-ratelimit-remaining-tokens": "0"}),
    _openai("This model's maximum context length is 272000 tokens.", 400, "invalid_request_error",
            "context_length_exceeded"),
    _openai("Incorrect API key provided: sk-own-*****.", 401, "invalid_request_error", "invalid_api_key"),
)  # fmt: skip
ANTHROPIC_ERRORS = _errors(
    _anthropic("This request would exceed your rate limit.", 429, "rate_limit_error", **{"retry-after": "7"}),
    _anthropic("prompt is too long: 210000 tokens > 200000 maximum", 400, "invalid_request_error"),
    _anthropic("invalid x-api-key", 401, "authentication_error"),
)
GEMINI_ERRORS = _errors(
    _google("You exceeded your current quota.", 429, "RESOURCE_EXHAUSTED"),
    _google("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 400,
            "INVALID_ARGUMENT"),
    _google("API key not valid. Please pass a valid API key.", 400, "INVALID_ARGUMENT",
            details=[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]),
)  # fmt: skip
VERTEX_ERRORS = _errors(
    _google("Resource exhausted. Please try again later.", 429, "RESOURCE_EXHAUSTED"),
    GEMINI_ERRORS["too_long"],
    _google("Request had invalid authentication credentials.", 401, "UNAUTHENTICATED"),
)
AZURE_ERRORS = _errors(
    json_act({"error": {"code": "429", "message": "Requests have exceeded the token rate limit."}},
             429, {"retry-after": "7"}),
    OPENAI_ERRORS["too_long"],
    json_act({"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}, 401),
)  # fmt: skip
TGI_ERRORS = _errors(
    json_act({"error": "Model is overloaded", "error_type": "overloaded"}, 429),
    json_act({"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8192. Given: 9000 "
                       "`inputs` tokens and 100 `max_new_tokens`", "error_type": "validation"}, 422),
    json_act({"error": "Invalid credentials in Authorization header"}, 401),
)  # fmt: skip
VLLM_ERRORS = _errors(
    _openai("Too many requests", 429, "TooManyRequestsError", 429),
    _openai("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.", 400,
            "BadRequestError", 400),
    json_act({"error": "Unauthorized"}, 401),
)  # fmt: skip
MISTRAL_ERRORS = _errors(
    _mistral("Requests rate limit exceeded", 429, "rate_limited", "1300"),
    _mistral("Prompt contains 300000 tokens and 0 draft tokens, too large for model with 262144 maximum context length",
             400, "invalid_request_prompt", "3051"),
    json_act({"detail": "Unauthorized"}, 401),
)  # fmt: skip
BEDROCK_ERRORS = _errors(
    _aws("Too many requests, please wait before trying again.", 429, "ThrottlingException"),
    _aws("Input is too long for requested model.", 400, "ValidationException"),
    _aws("The security token included in the request is invalid.", 403, "UnrecognizedClientException"),
)


def _vertex(place: str, rest: str) -> str:
    return f"/v1/projects/my-project/locations/{place}/{rest}"


_GOOGLE = _vertex("us-central1", "publishers/google/models/gemini-2.5-pro:")
_CLAUDE = _vertex("us-east5", "publishers/anthropic/models/claude-opus-4-5@20251101:")
_BEDROCK = "/model/us.anthropic.claude-opus-4-5-20251101-v1%3A0/"
_NOVA = "/model/us.amazon.nova-pro-v1%3A0/"
TOKEN = ("authorization", "Bearer ya29.")  # what the stand-in's token page gives out

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider("openai", "big", OPENAI, OPENAI_ERRORS),
        Provider("anthropic", "big", ANTHROPIC, ANTHROPIC_ERRORS, kind="anthropic", path="/v1/messages",
                 unlocked=("x-api-key", "sk-own"), counts=(100, 850, 50, 20, 0)),
        Provider("gemini", "big", GEMINI, GEMINI_ERRORS, kind="litellm", base="/v1beta",
                 path="/v1beta/models/gemini-2.5-pro:generateContent",
                 stream_path="/v1beta/models/gemini-2.5-pro:streamGenerateContent",
                 unlocked=("x-goog-api-key", "sk-own")),
        Provider("vertex", "big", GEMINI, VERTEX_ERRORS, kind="litellm", path=f"{_GOOGLE}generateContent",
                 stream_path=f"{_GOOGLE}streamGenerateContent", unlocked=TOKEN),
        Provider("vertex", "claude", ANTHROPIC, ANTHROPIC_ERRORS, kind="litellm", base="", path=f"{_CLAUDE}rawPredict",
                 stream_path=f"{_CLAUDE}streamRawPredict", unlocked=TOKEN, counts=(100, 850, 50, 20, 0)),
        Provider("vertex", "llama", OPENAI, VERTEX_ERRORS, kind="litellm", base="",
                 path=_vertex("us-east5", "endpoints/openapi/chat/completions"), unlocked=TOKEN,
                 counts=(1000, 0, 0, 20, 0)),
        Provider("azure", "big", AZURE, AZURE_ERRORS, base="/openai/v1", path="/openai/v1/chat/completions",
                 unlocked=("api-key", "sk-own")),
        Provider("azure", "dated", AZURE, AZURE_ERRORS, kind="litellm", base="", unlocked=("api-key", "sk-own"),
                 path="/openai/deployments/my-gpt-4-1/chat/completions"),
        Provider("huggingface", "big", OPENAI, TGI_ERRORS, counts=(1000, 0, 0, 20, 0)),
        Provider("huggingface", "shared", OPENAI, OPENAI_ERRORS, counts=(1000, 0, 0, 20, 0)),
        Provider("mistral", "big", MISTRAL, MISTRAL_ERRORS, counts=(100, 900, 0, 20, 0)),
        Provider("bedrock", "big", BEDROCK, BEDROCK_ERRORS, kind="litellm", base="", path=f"{_BEDROCK}converse",
                 stream_path=f"{_BEDROCK}converse-stream", counts=(100, 850, 50, 20, 0),
                 unlocked=("authorization", "AWS4-HMAC-SHA256 Credential=AKIDOWN/")),
        Provider("bedrock", "nova", BEDROCK, BEDROCK_ERRORS, kind="litellm", base="", path=f"{_NOVA}converse",
                 stream_path=f"{_NOVA}converse-stream", counts=(100, 900, 0, 20, 0)),
        Provider("compatible", "big", OPENAI, VLLM_ERRORS, counts=(100, 900, 0, 20, 0)),
    )
}  # fmt: skip


ENVIRON: Mapping[str, str] = {
    **dict.fromkeys(
        ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AZURE_OPENAI_API_KEY", "HF_TOKEN", "MISTRAL_API_KEY",
         "AWS_BEARER_TOKEN_BEDROCK", "LLM_API_KEY"), "sk-own-key-0001"),
    "AWS_ACCESS_KEY_ID": "AKIDOWN",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-secret",
}  # fmt: skip
