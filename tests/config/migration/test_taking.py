"""Files as people have them, taken over whole."""

import pytest

from router.core.errors import SetupError
from router.core.prices import PriceState
from tests.config.migration.conftest import Move, taken_over

CLOUD = """\
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://eu.openai.azure.com/
      api_key: os.environ/AZURE_KEY
      api_version: "2024-10-21"
      rpm: 480
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, timeout: 30}
    model_info: {input_cost_per_token: 0.0000025, output_cost_per_token: 1.0e-05, max_input_tokens: 128000}
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: sk-ant-0123456789
      temperature: 0.2
  - model_name: gemini
    litellm_params: {model: gemini/gemini-2.5-pro, api_key: os.environ/GEMINI_API_KEY}
  - model_name: "anthropic/*"
    litellm_params: {model: "anthropic/*"}
litellm_settings:
  drop_params: true
  num_retries: 3
  success_callback: [langfuse]
  fallbacks: [{gpt-4o: [claude]}]
  context_window_fallbacks: [{gpt-4o: [gemini]}]
router_settings:
  routing_strategy: usage-based-routing-v2
  model_group_alias: {gpt-4: gpt-4o}
  allowed_fails: 3
  cooldown_time: 30
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  database_url: os.environ/DATABASE_URL
environment_variables: {REDIS_HOST: localhost}
finetune_settings: [{custom_llm_provider: openai}]
unheard_of: 1
"""
HOME = """\
model_list:
  - model_name: llama
    litellm_params: &ollama
      model: ollama_chat/llama3.2:3b
      api_base: http://ollama:11434
  - model_name: coder
    litellm_params: {<<: *ollama, model: "ollama_chat/qwen2.5-coder:14b"}
  - model_name: embedder
    litellm_params: {<<: *ollama, model: ollama/nomic-embed-text}
    model_info: {mode: embedding}
general_settings: {}
"""
KEYS = {"AZURE_KEY": "a", "OPENAI_API_KEY": "b", "CLAUDE_API_KEY": "c", "GEMINI_API_KEY": "d"}


def test_a_clouds_file_becomes_a_configuration_that_is_accepted(move: Move) -> None:
    config = move(CLOUD, **KEYS).config
    assert [(name, spec.kind, spec.model) for name, spec in config.upstreams.items()] == [
        ("small", "llamacpp", "tiny-a"),
        ("big", "openai", "gpt-4o-eu"),
        ("gpt-4o-2", "openai", "gpt-4o"),
        ("claude", "anthropic", "claude-sonnet-4-5"),
        ("gemini", "litellm", "gemini/gemini-2.5-pro"),
    ]
    second = config.upstreams["gpt-4o-2"]
    assert (second.key, second.context, second.timeouts.total_s) == ("b", 128_000, 30)
    assert (second.price.state, str(second.price.input), str(second.price.output)) == (PriceState.KNOWN, "2.5", "10")
    assert (second.breaker.failures, second.breaker.open_s) == (4, 30)
    assert config.upstreams["big"].price.state is PriceState.UNKNOWN


def test_a_price_that_the_file_lacks_is_the_price_books_or_is_asked_for(move: Move) -> None:
    moved = move(CLOUD, **KEYS)
    claude, big = moved.config.upstreams["claude"].price, moved.config.upstreams["big"].price
    assert (claude.state, claude.source.partition(" ")[0]) == (PriceState.KNOWN, "smallfirst")
    assert big.state is PriceState.UNKNOWN
    assert [note.message for note in moved.taken.left if "price" in note.message] == [
        "'gpt-4o' has no price in the file or in our price book"
    ]


def test_clients_keep_their_names_and_are_answered_by_whom_they_were(move: Move) -> None:
    moved = move(CLOUD, **KEYS)
    entries = {name: (entry.policy, entry.baseline) for name, entry in moved.config.entrypoints.items()}
    assert entries == {
        "gpt-4o": ("keeps-gpt-4o", "big"),
        "claude": ("observe", "claude"),
        "gemini": ("observe", "gemini"),
        "gpt-4": ("keeps-gpt-4o", "big"),
    }
    policy = moved.taken.policies["keeps-gpt-4o"]
    assert "otherwise: {plan: [big, gpt-4o-2, claude, gemini]}" in policy
    assert "when: prompt_tokens > big.context - max_tokens\n    plan: [gemini]" in policy


def test_what_cannot_be_carried_is_listed_with_its_line_and_what_to_do(move: Move) -> None:
    moved = move(CLOUD, **KEYS)
    lines = CLOUD.splitlines()
    listed = {
        note.path: lines[(note.line or 0) - 1].split(":")[0].strip(' -"')
        for note in moved.taken.left
        if note.path != "model_list"
    }
    assert {path.rpartition(".")[2]: key for path, key in listed.items()} == {
        "rpm": "rpm",
        "api_key": "api_key",
        "temperature": "temperature",
        "model_name": "model_name",
        "num_retries": "num_retries",
        "success_callback": "success_callback",
        "routing_strategy": "routing_strategy",
        "master_key": "master_key",
        "database_url": "database_url",
        "REDIS_HOST": "environment_variables",
        "finetune_settings": "finetune_settings",
        "unheard_of": "unheard_of",
    }
    assert all(note.remedy for note in moved.taken.left)
    assert moved.told("litellm_settings.num_retries").line == 23
    for note in moved.taken.left:
        assert f"# {note}\n" in moved.taken.config


def test_the_door_stays_shut_and_no_secret_is_copied(move: Move) -> None:
    moved = move(CLOUD, **KEYS)
    assert moved.config.auth == "required"
    assert 'smallfirst keys import clients "$LITELLM_MASTER_KEY"' in moved.told("general_settings.master_key").remedy
    literal = taken_over(CLOUD.replace("os.environ/LITELLM_MASTER_KEY", "sk-master-0123456789"))
    written = (
        literal.config + "".join(literal.policies.values()) + "".join(map(str, literal.left)) + "".join(literal.lines)
    )
    assert "0123456789" not in written


def test_a_house_without_a_cloud_gets_small_and_big_from_its_own(move: Move) -> None:
    moved = move(HOME)
    config = moved.config
    assert {name: (spec.model, spec.local) for name, spec in config.upstreams.items()} == {
        "small": ("llama3.2:3b", True),
        "big": ("qwen2.5-coder:14b", True),
        "embedder": ("nomic-embed-text", True),
    }
    assert (config.auth, config.premises) == ("open", ("ollama",))
    assert config.upstreams["embedder"].speaks == {"embeddings"}
    assert moved.taken.left == ()


def test_a_file_of_nothing_that_can_be_had_says_why_and_writes_nothing() -> None:
    with pytest.raises(SetupError) as raised:
        taken_over(
            "model_list:\n  - {model_name: '*', litellm_params: {model: 'openai/*'}}\n  - {litellm_params: {}}\n"
        )
    assert [(problem.line, problem.path) for problem in raised.value.problems] == [
        (2, "model_list[0].model_name"),
        (3, "model_list[1].model_name"),
        (1, "model_list"),
    ]


def test_many_names_may_share_their_parameters(move: Move) -> None:
    names = "".join(f"  - {{model_name: claude-{n}, litellm_params: *one}}\n" for n in range(60))
    first = "model_list:\n  - model_name: gpt\n    litellm_params: &one {model: gpt-4o}\n"
    assert len(move(first + names, OPENAI_API_KEY="k").config.entrypoints) == 61


def test_a_server_without_an_address_is_told() -> None:
    with pytest.raises(SetupError, match=r"model_list\[0\].litellm_params: names no `api_base`"):
        taken_over("model_list: [{model_name: m, litellm_params: {model: hosted_vllm/m}}]")
