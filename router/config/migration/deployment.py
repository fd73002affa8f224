"""One entry of LiteLLM's `model_list` as a row of `upstreams:`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from router.config.discover import CLOUD
from router.config.migration.fates import PARAMS, QUIET_PARAMS, WILDCARD
from router.config.migration.part import Part
from router.config.migration.ways import Way, mode_of, provider_of, way_of
from router.config.pricebook import shipped
from router.config.upstreams import ANTHROPIC
from router.core.addresses import is_loopback, is_on_premises, split_url

MILLION = Decimal(1_000_000)
ENVIRON = "os.environ/"
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REFERENCE = re.compile(r"\$\{[^}]+\}")
SECRET = re.compile(r"key|secret|token|password", re.IGNORECASE)
OWN_NAMES = (".local", ".lan", ".internal", ".home.arpa")
AZURE_ADS = ("azure_ad_token", "tenant_id", "client_id", "client_secret")
PRICES = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "reasoning": "output_cost_per_reasoning_token",
}
ABILITIES = {
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_response_schema": "json_schema",
    "supports_vision": "vision",
    "supports_audio_input": "audio",
    "supports_reasoning": "reasoning",
    "supports_web_search": "web_search",
}
INFO_ONLY = frozenset("id db_model team_id created_at updated_at base_model max_tokens max_output_tokens mode".split())
WATCHED = "servers are watched by their answers, never by questions that cost", "nothing: GET /readyz tells how each is"
INFO_TOLD: Mapping[str, tuple[str, str]] = {
    "access_groups": ("models are not grouped by who may use them", "bind a key to a policy: `keys add NAME --policy`"),
    **dict.fromkeys(("health_check_model", "health_check_timeout", "disable_background_health_check"), WATCHED),
}
OPTION_BEGINNINGS = ("vertex_", "aws_", "azure_", "watsonx_", "databricks_")
OPTION_WORDS = frozenset({*AZURE_ADS, "api_version", "region_name", "project_id"})
NEAR_KINDS = ("openai", "ollama")
MODES = ("chat", "completion", "responses", "embedding")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is known of one deployment; keys and addresses as config.yaml writes them, with `${NAME}`.

    `price`: USD a million tokens by bucket, None where the file names none. `near`: the host whose name
    only this house knows, which has to be listed under `premises`.
    """

    group: str
    line: int
    kind: str
    model: str
    url: str = ""
    key: str = ""
    local: bool = False
    near: str = ""
    embeds: bool = False
    price: Mapping[str, Decimal] | None = None
    context: int | None = None
    timeout: Mapping[str, Decimal] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> bool:
        """Whether the shipped price book knows what the provider asks by its list."""
        parts = split_url(self.url or (ANTHROPIC if self.kind == "anthropic" else ""))
        host = (parts.hostname or "").lower() if parts else ""
        return shipped().price(self.kind, self.model, host) is not None


class Secrets:
    """The variable that stands for each secret of the file: one secret, one variable, whoever uses it."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}

    def variable(self, secret: str, wanted: str) -> str:
        """Return the name under which *secret* is to be set, *wanted* if that is still free."""
        number, name = 1, wanted
        while secret not in self._variables and name in self._variables.values():
            number += 1
            name = f"{wanted}_{number}"
        return self._variables.setdefault(secret, name)


def read_deployment(entry: Part, group: str, secrets: Secrets) -> Deployment | None:
    """Return the deployment that *entry* describes, None for one that is unavailable here; losses are noted."""
    params, info = entry.part("litellm_params"), entry.part("model_info")
    model = params.text("model") or ""
    reading = _Reading(params, info, group, secrets)
    if not model.rpartition("/")[2] or "*" in model or "*" in group or "${" in model:
        entry.note("model_name", *_no_model(model, group))
        return None
    mode = info.text("mode") or mode_of(model)
    if mode not in MODES:
        remedy = "a key with `--scope passthrough:PREFIX` reaches such paths of the baseline (docs/http.md)"
        info.note("mode", f"models for {mode.replace('_', ' ')} are not asked", remedy)
        return None
    made = reading.deployment(model, embeds=mode == "embedding")
    if made.embeds and made.kind not in NEAR_KINDS:
        remedy = "name one of these, or use passthrough"
        info.note("mode", "vectors are made only by servers that speak OpenAI's API", remedy)
        return None
    info.leave(INFO_TOLD, INFO_ONLY)
    params.leave(PARAMS, QUIET_PARAMS)
    entry.leave(PARAMS)
    return made


def _no_model(model: str, group: str) -> tuple[str, str]:
    if "*" in model or "*" in group:
        return WILDCARD
    if "${" in model:
        return "a name with ${…} means a variable here", "write the model's own name"
    return "names no `litellm_params.model`", "write the model, or leave the entry out"


def is_own_name(host: str) -> bool:
    """Return whether *host* is a name that only a house's own network can know: one word, `.local` and its like."""
    one_word = bool(host) and "." not in host and ":" not in host
    return (one_word and not is_loopback(host)) or host.lower().endswith(OWN_NAMES)


def referred(text: str) -> str:
    """Return *text* with LiteLLM's `os.environ/NAME` as our `${NAME}`."""
    name = text.removeprefix(ENVIRON)
    return f"${{{name}}}" if name != text and VARIABLE.fullmatch(name) else text


class _Reading:
    """One entry being read: what its parameters and its `model_info` say, the parameters first."""

    def __init__(self, params: Part, info: Part, group: str, secrets: Secrets) -> None:
        self.params = params
        self.info = info
        self.group = group
        self.secrets = secrets

    def deployment(self, model: str, *, embeds: bool) -> Deployment:
        """Return what *model* becomes."""
        provider, name = provider_of(model, self.params.text("custom_llm_provider"))
        if provider == "azure" and not any(map(self.params.pairs.get, AZURE_ADS)):
            way, url, headers, query = self._azure(name)
        else:
            way, query = way_of(provider), {}
            url = referred(self.params.text("api_base", "base_url") or way.url).rstrip("/")
            headers = {}
        headers |= self._headers(way)
        if embeds and way.kind == "ollama":
            way, url = Way("openai"), f"{url}/v1"  # its OpenAI-compatible route makes vectors, too
        host = (parts.hostname or "") if (parts := split_url(url)) else ""
        near = host if is_own_name(host) and way.kind in NEAR_KINDS else ""
        inside = way.kind in NEAR_KINDS and is_on_premises(host, [near] if near else [])
        local = inside and not name.lower().endswith(CLOUD)
        return Deployment(
            group=self.group,
            line=self.params.line,
            kind=way.kind,
            model=model if way.kind == "litellm" else name,
            url=url.removesuffix("/v1") if way.kind == "ollama" else url,
            key="" if "api-key" in headers else self._key(way, local=local),
            local=local,
            near=near if local else "",
            embeds=embeds,
            price=self._price(),
            context=_whole(self._number("max_input_tokens")),
            timeout=self._timeout(),
            lacks=tuple(lacks for flag, lacks in ABILITIES.items() if self.info.truth(flag) is False),
            headers=headers,
            query=query,
            options=self._options() if way.kind == "litellm" else {},
        )

    def _azure(self, deployed: str) -> tuple[Way, str, dict[str, str], dict[str, str]]:
        """Azure's API is OpenAI's behind another path and another header."""
        key = self._kept(self.params.text("api_key") or f"{ENVIRON}AZURE_API_KEY", "API_KEY")
        at = referred(self.params.text("api_base", "base_url") or f"{ENVIRON}AZURE_API_BASE").rstrip("/")
        headers = {"api-key": key}
        version = referred(self.params.text("api_version") or f"{ENVIRON}AZURE_API_VERSION")
        if at.endswith("/openai/v1"):
            return Way("openai"), at, headers, {}
        return Way("openai"), f"{at}/openai/deployments/{deployed}", headers, {"api-version": version}

    def _headers(self, way: Way) -> dict[str, str]:
        headers = {
            name: self._kept(value, name) if SECRET.search(name) else referred(value)
            for name, value in {**self.params.texts("extra_headers"), **self.params.texts("headers")}.items()
        }
        organization = self.params.text("organization") if way.kind == "openai" else None
        return {**headers, "OpenAI-Organization": referred(organization)} if organization else headers

    def _key(self, way: Way, *, local: bool) -> str:
        written = self.params.text("api_key")
        if written is None:
            return f"${{{way.variable}}}" if way.variable and not local else ""
        key = self._kept(written, "API_KEY")
        if key == referred(written):
            return key
        if local:
            self.params.note(
                "api_key",
                "is not copied: this upstream is asked without a key",
                "if it wants one, write `key: ${NAME}`",
            )
            return ""
        self.params.note("api_key", "a key that stands in a file is not copied", f"export {key[2:-1]}=… before `serve`")
        return key

    def _kept(self, text: str, what: str) -> str:
        """The reference that stands for a secret: its own if it is one, else a new variable.

        A secret that stands in the file itself is never written into another.
        """
        reference = referred(text)
        if REFERENCE.fullmatch(reference):
            return reference
        wanted = re.sub(r"[^A-Z0-9]+", "_", f"{self.group}_{what}".upper()).strip("_")
        wanted = wanted if wanted[:1].isalpha() else f"KEY_{wanted}".strip("_")
        return f"${{{self.secrets.variable(text, wanted)}}}"

    def _number(self, key: str) -> Decimal | None:
        first, second = self.params.number(key), self.info.number(key)
        return second if first is None else first

    def _price(self) -> dict[str, Decimal] | None:
        figures = {bucket: self._number(key) for bucket, key in PRICES.items()}
        known = {bucket: plain(figure * MILLION) for bucket, figure in figures.items() if figure is not None}
        if not known:
            return None
        return {"input": Decimal(0), "output": Decimal(0), **known}

    def _timeout(self) -> dict[str, Decimal]:
        total, first = self.params.number("timeout"), self.params.number("stream_timeout")
        return {key: value for key, value in (("total_s", total), ("first_token_s", first)) if value}

    def _options(self) -> dict[str, str]:
        """litellm's own words for a provider; what is secret among them only by reference."""
        words = [key for key in self.params.pairs if key.startswith(OPTION_BEGINNINGS) or key in OPTION_WORDS]
        options = {}
        for word in words:
            value = self.params.text(word)
            if value is not None:
                options[word] = self._kept(value, word) if SECRET.search(word) else referred(value)
        return options


def plain(figure: Decimal) -> Decimal:
    """Return *figure* as it is written without an exponent and without idle zeros."""
    return Decimal(f"{figure.normalize():f}")


def _whole(figure: Decimal | None) -> int | None:
    return int(figure) if figure is not None and figure > 0 else None
