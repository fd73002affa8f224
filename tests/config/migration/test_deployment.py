"""One entry of `model_list` as a row of `upstreams:`."""

from decimal import Decimal

import pytest

from router.config.migration.deployment import Deployment, Secrets, is_own_name, plain, read_deployment, referred
from tests.config.migration.conftest import Read


@pytest.fixture
def made(read: Read) -> "Made":
    return Made(read)


class Made:
    """Reads `litellm_params` and `model_info` of an entry called `m`."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.notes: list[str] = []
        self.secrets = Secrets()

    def __call__(self, params: str, info: str = "{}", group: str = "m") -> Deployment | None:
        part = self.read(f"model_name: m\nlitellm_params: {params}\nmodel_info: {info}\n")
        part.take("model_name")
        deployment = read_deployment(part, group, self.secrets)
        self.notes = [note.path for note in part.left.notes]
        return deployment

    def row(self, params: str, info: str = "{}") -> Deployment:
        deployment = self(params, info)
        assert deployment is not None
        return deployment


def test_a_key_is_carried_by_its_name_only(made: Made) -> None:
    assert made.row("{model: gpt-4o, api_key: os.environ/KEY_OF_MINE}").key == "${KEY_OF_MINE}"
    assert made.row("{model: gpt-4o}").key == "${OPENAI_API_KEY}"
    assert made.notes == []
    row = made.row("{model: gpt-4o, api_key: sk-0123456789abcdef}")
    assert (row.key, made.notes) == ("${M_API_KEY}", ["litellm_params.api_key"])
    assert "sk-0123456789abcdef" not in repr(row)


def test_a_local_server_is_asked_without_a_key_that_stood_in_the_file(made: Made) -> None:
    row = made.row("{model: hosted_vllm/qwen, api_base: 'http://10.0.0.7:8000/v1', api_key: none}")
    assert (row.key, row.local, row.url) == ("", True, "http://10.0.0.7:8000/v1")


@pytest.mark.parametrize(
    ("base", "local", "near"),
    [
        ("http://localhost:11434", True, ""),
        ("http://ollama:11434", True, "ollama"),
        ("http://host.docker.internal:11434", True, "host.docker.internal"),
        ("https://ollama.example.org", False, ""),
        ("os.environ/OLLAMA_URL", False, ""),
    ],
)
def test_a_host_that_only_this_network_knows_is_local(made: Made, base: str, local: bool, near: str) -> None:
    row = made.row(f"{{model: ollama_chat/llama3, api_base: '{base}'}}")
    assert (row.kind, row.local, row.near) == ("ollama", local, near)


def test_prices_become_dollars_a_million_to_the_last_digit(made: Made) -> None:
    row = made.row(
        "{model: gpt-4o, input_cost_per_token: 1.5e-07}",
        "{output_cost_per_token: 0.0000006, cache_read_input_token_cost: 7.5e-8}",
    )
    assert row.price == {"input": Decimal("0.15"), "output": Decimal("0.6"), "cached_input": Decimal("0.075")}
    assert made.row("{model: gpt-4o}").price is None


def test_azure_is_spoken_to_under_its_own_path_and_header(made: Made) -> None:
    row = made.row(
        "{model: azure/mine, api_base: 'https://x.openai.azure.com/', api_key: os.environ/K, api_version: v1}"
    )
    assert (row.kind, row.url) == ("openai", "https://x.openai.azure.com/openai/deployments/mine")
    assert (row.headers, row.query, row.key) == ({"api-key": "${K}"}, {"api-version": "v1"}, "")
    assert made.row("{model: azure/mine, tenant_id: t, client_secret: os.environ/S}").kind == "litellm"


def test_a_provider_with_a_format_of_its_own_keeps_litellms_words(made: Made) -> None:
    row = made.row(
        "{model: vertex_ai/gemini-2.5-pro, vertex_project: p, vertex_location: eu, aws_secret_access_key: x}"
    )
    assert (row.kind, row.model) == ("litellm", "vertex_ai/gemini-2.5-pro")
    assert row.options == {
        "vertex_project": "p",
        "vertex_location": "eu",
        "aws_secret_access_key": "${M_AWS_SECRET_ACCESS_KEY}",
    }
    assert made.notes == []


def test_what_a_model_is_said_to_lack_and_hold_is_carried(made: Made) -> None:
    row = made.row(
        "{model: gpt-4o, timeout: 30}", "{supports_vision: false, max_input_tokens: 8192, supports_audio_input: true}"
    )
    assert (row.lacks, row.context, row.timeout) == (("vision",), 8192, {"total_s": Decimal(30)})


@pytest.mark.parametrize(
    ("params", "info", "path"),
    [
        ("{model: openai/*}", "{}", "model_name"),
        ("{}", "{}", "model_name"),
        ("{model: '${MODEL}'}", "{}", "model_name"),
        ("{model: openai/dall-e-3}", "{mode: image_generation}", "model_info.mode"),
        ("{model: openai/whisper-1}", "{}", "model_info.mode"),
        ("{model: azure/, api_base: 'https://x.openai.azure.com'}", "{}", "model_name"),
        ("{model: cohere/embed-v4}", "{mode: embedding}", "model_info.mode"),
    ],
)
def test_what_cannot_be_had_here_is_told(made: Made, params: str, info: str, path: str) -> None:
    assert made(params, info) is None
    assert made.notes == [path]


def test_each_secret_has_a_variable_of_its_own_whoever_uses_it(made: Made) -> None:
    keys = ["one-0123456789", "two-0123456789", "one-0123456789", "os.environ/MINE"]
    rows = [made.row(f"{{model: gpt-4o, api_key: {key}}}") for key in keys]
    assert [row.key for row in rows] == ["${M_API_KEY}", "${M_API_KEY_2}", "${M_API_KEY}", "${MINE}"]


def test_a_model_that_its_maker_runs_is_not_local_and_needs_no_premises(made: Made) -> None:
    row = made.row("{model: ollama_chat/glm-5:cloud, api_base: 'http://ollama:11434'}")
    assert (row.kind, row.local, row.near) == ("ollama", False, "")


def test_azures_vectors_come_by_its_own_path(made: Made) -> None:
    row = made.row("{model: azure/vectors, api_base: 'https://x.openai.azure.com'}", "{mode: embedding}")
    assert (row.kind, row.embeds) == ("openai", True)
    assert row.url == "https://x.openai.azure.com/openai/deployments/vectors"


def test_vectors_of_ollama_come_by_its_other_route(made: Made) -> None:
    row = made.row("{model: ollama/nomic-embed-text}", "{mode: embedding}")
    assert (row.kind, row.url, row.embeds) == ("openai", "http://127.0.0.1:11434/v1", True)


def test_a_header_that_may_be_secret_is_kept_by_name(made: Made) -> None:
    row = made.row("{model: gpt-4o, organization: org-1, extra_headers: {x-team: search, X-Api-Key: abc}}")
    assert row.headers == {"x-team": "search", "X-Api-Key": "${M_X_API_KEY}", "OpenAI-Organization": "org-1"}


def test_references_are_written_our_way() -> None:
    assert [referred("os.environ/A_1"), referred("os.environ/not a name"), referred("x")] == [
        "${A_1}",
        "os.environ/not a name",
        "x",
    ]
    assert [host for host in ("ollama", "gpu.lan", "::1", "localhost", "a.b.org", "") if is_own_name(host)] == [
        "ollama",
        "gpu.lan",
    ]
    assert [str(plain(Decimal(figure))) for figure in ("1E+2", "2.500", "0E-7")] == ["100", "2.5", "0"]
