"""What happens to settings that are not taken over: for each, why not, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType

Fates = Mapping[str, tuple[str, str]]

BODY = "fields are not added to what a client asks", "let the client send it"
SHARES = (
    "no upstream is rationed or weighted: the first of the plan is asked, the next when it fails",
    "order the plan in policies/, or give one upstream several machines under `urls:`",
)
RETRIES = (
    "a failed call goes on to the next step of the plan; where there is none it is made once more",
    "name a second upstream in the plan; clients' own retries work as before",
)
CALLBACKS = (
    "no callback of another library is called",
    "read the ledger (`smallfirst report`, docs/ledger.md) or scrape /metrics (docs/metrics.md)",
)
BUDGETS = "budgets and rates of keys come with a later release", "keep LiteLLM behind this for them (docs/litellm.md)"
REDIS = "counts and sessions live in this process", "run one process of `smallfirst serve`"
CACHE = "answers are not cached here", "keep LiteLLM behind this for its cache (docs/litellm.md)"
DATABASE = (
    "keys, teams and spend in LiteLLM's database stay there",
    "make keys with `smallfirst keys add NAME`, or take one over with `smallfirst keys import NAME`",
)
POLICY_FALLBACKS = (
    "an answer refused by a provider's content filter goes back to the client as it came",
    "add `judges: [refusal]` to the step in policies/ to go on after a refusal in words",
)
WILDCARD = "a name with * stands for models that are not listed", "write one entry for each model that is used"

PARAMS: Fates = MappingProxyType(
    {
        **dict.fromkeys(("rpm", "tpm", "weight", "order", "max_parallel_requests", "tags"), SHARES),
        **dict.fromkeys(
            "temperature top_p max_tokens max_completion_tokens seed stop n frequency_penalty presence_penalty "
            "reasoning_effort thinking extra_body user logit_bias response_format".split(),
            BODY,
        ),
        **dict.fromkeys(("max_budget", "budget_duration"), BUDGETS),
        **dict.fromkeys(("num_retries", "max_retries"), RETRIES),
        "additional_drop_params": (
            "a field that a server refuses is left out after its first refusal",
            "list it under `quirks: {rejects: […]}` of the upstream to leave it out at once",
        ),
        "allowed_openai_params": ("every field goes through as the client sent it", "nothing"),
        "region_name": ("a region is not part of an address", "write the region's own address under `url:`"),
        "system_prompt": BODY,
        "mock_response": ("answers are not invented", "use an upstream of `kind: recorded`"),
        "litellm_credential_name": (
            "credentials are not shared by name",
            "write the upstream's `key:` as ${NAME} or ${file:PATH}",
        ),
        "vector_store_ids": ("no vector store is asked", "keep LiteLLM behind this for it (docs/litellm.md)"),
        "input_cost_per_second": ("prices are by token", "write `price: {input: …, output: …}`"),
        "output_cost_per_second": ("prices are by token", "write `price: {input: …, output: …}`"),
        "use_litellm_proxy": ("it is asked as its own provider", "write the proxy's address under `url:`"),
    }
)
QUIET_PARAMS = frozenset({"drop_params", "merge_reasoning_content_in_choices", "use_in_pass_through", "model_info"})

LITELLM: Fates = MappingProxyType(
    {
        **dict.fromkeys(
            "callbacks success_callback failure_callback service_callbacks langfuse_default_tags callback_settings "
            "s3_callback_params prometheus_metrics_config".split(),
            CALLBACKS,
        ),
        **dict.fromkeys(("cache", "cache_params", "enable_caching_on_provider_specific_optional_params"), CACHE),
        **dict.fromkeys(
            "max_budget budget_duration max_internal_user_budget internal_user_budget_duration "
            "max_end_user_budget default_internal_user_params default_team_settings upperbound_key_generate_params "
            "key_generation_settings".split(),
            BUDGETS,
        ),
        "num_retries": RETRIES,
        "max_fallbacks": ("a plan has at most eight steps", "shorten the plan in policies/"),
        "content_policy_fallbacks": POLICY_FALLBACKS,
        "guardrails": (
            "no guardrail is run",
            "a rule on `has_pii` with `local_only: true` keeps such requests here (docs/privacy.md)",
        ),
        "ssl_verify": ("certificates are always checked", "set SSL_CERT_FILE for the whole process"),
        "ssl_certificate": ("no client certificate is sent", "reach the provider through a proxy that sends it"),
        "modify_params": (
            "a conversation is made fit for its model anyhow",
            "nothing; what is changed is recorded (docs/sanitiser.md)",
        ),
        "mcp_aliases": ("there is no MCP gateway here", "keep LiteLLM for it"),
    }
)
QUIET_LITELLM = frozenset(
    "drop_params set_verbose verbose json_logs telemetry turn_off_message_logging redact_user_api_key_info "
    "disable_hf_tokenizer_download force_ipv4 suppress_debug_info redact_messages_in_exceptions "
    "enable_json_schema_validation disable_end_user_cost_tracking".split()
)

ROUTER: Fates = MappingProxyType(
    {
        **dict.fromkeys(("routing_strategy", "routing_strategy_args", "optional_pre_call_checks"), SHARES),
        **dict.fromkeys(("num_retries", "retry_policy", "model_group_retry_policy", "retry_after"), RETRIES),
        **dict.fromkeys(
            "redis_host redis_port redis_password redis_url redis_db redis_username cache_kwargs client_ttl".split(),
            REDIS,
        ),
        **dict.fromkeys(("cache_responses", "caching_groups"), CACHE),
        "content_policy_fallbacks": POLICY_FALLBACKS,
        "allowed_fails_policy": ("trouble is counted whatever its sort", "see `breaker:` (docs/fallback.md)"),
        "enable_tag_filtering": (
            "tags choose no upstream by themselves",
            "write which may see a tag under `egress:`, or a rule on it (docs/privacy.md)",
        ),
        "provider_budget_config": BUDGETS,
        "max_fallbacks": ("a plan has at most eight steps", "shorten the plan in policies/"),
        "default_max_parallel_requests": SHARES,
    }
)
QUIET_ROUTER = frozenset(
    "enable_pre_call_checks set_verbose debug_level tag_filtering_match_any ignore_invalid_deployments".split()
)

GENERAL: Fates = MappingProxyType(
    {
        **dict.fromkeys(("database_url", "store_model_in_db", "use_redis_transaction_buffer"), DATABASE),
        **dict.fromkeys(
            "custom_auth enable_jwt_auth litellm_jwtauth enable_oauth2_auth user_header_name".split(),
            (
                "clients are known by their keys alone",
                "make keys with `smallfirst keys add NAME`, or put your own check before this",
            ),
        ),
        **dict.fromkeys(
            "max_parallel_requests global_max_parallel_requests max_request_size_mb".split(),
            ("no limit of this kind", "`limits: {body_mb: 64}` bounds a request; a local upstream's `slots` its work"),
        ),
        **dict.fromkeys(
            "alerting alerting_threshold alerting_args alert_types alert_to_webhook_url spend_report_frequency".split(),
            ("no alert is sent", "alert on /metrics (docs/metrics.md)"),
        ),
        **dict.fromkeys(
            ("background_health_checks", "health_check_interval", "health_check_details"),
            ("servers are watched by their answers, never by questions that cost", "GET /readyz tells how each is"),
        ),
        "pass_through_endpoints": (
            "paths elsewhere are not served",
            "`smallfirst keys add NAME --scope passthrough:PREFIX` passes /v1/PREFIX on to the baseline",
        ),
        **dict.fromkeys(
            ("key_management_system", "key_management_settings"),
            ("secrets come from the environment and from files", "write them as ${NAME} or ${file:PATH}"),
        ),
        "forward_client_headers_to_llm_api": (
            "no header of the client travels on",
            "write `headers:` of the upstream, or `key: passthrough` to send the caller's own token",
        ),
        "completion_model": ("a request names its model", "ask for `auto`"),
        "infer_model_from_keys": ("no model is taken from the environment", "name it under `upstreams:`"),
    }
)
QUIET_GENERAL = frozenset(
    "salt_key disable_spend_logs disable_master_key_return disable_reset_budget disable_prisma_schema_update "
    "database_connection_pool_limit database_connection_timeout allow_requests_on_db_unavailable "
    "proxy_batch_write_at store_prompts_in_spend_logs disable_adding_master_key_hash_to_db ui_access_mode "
    "proxy_batch_polling_interval maximum_spend_logs_retention_period maximum_spend_logs_retention_interval".split()
)

TOP: Fates = MappingProxyType(
    {
        "guardrails": LITELLM["guardrails"],
        "mcp_servers": LITELLM["mcp_aliases"],
        "include": ("other files are not read along", "run `smallfirst init --from` on each and join what they write"),
        "credential_list": PARAMS["litellm_credential_name"],
        "callback_settings": CALLBACKS,
        **dict.fromkeys(
            "files_settings finetune_settings vector_store_registry search_tools prompts agent_list".split(),
            (
                "files, fine-tuning and stores are the provider's",
                "a key with `--scope passthrough:PREFIX` reaches them through the baseline (docs/http.md)",
            ),
        ),
    }
)
