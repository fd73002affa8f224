"""What of a request reaches litellm, and what never does."""

import pytest

from router.core.errors import UpstreamRefused
from router.core.upstream import UpstreamSpec
from router.upstreams.litellm.request import arguments, left_out

pytestmark = pytest.mark.without_litellm

SPEC = UpstreamSpec("big", "litellm", "gemini/gemini-2.5-pro")
ASKED = [{"role": "user", "content": "6 times 7?"}]
SUPPORTED = ("temperature", "tools", "max_tokens", "n")


def test_openais_fields_are_carried_and_nulls_are_not() -> None:
    body = {"model": "auto", "messages": ASKED, "temperature": 0.5, "tools": None}
    assert arguments(SPEC, body, "gemini", SUPPORTED) == {"messages": ASKED, "temperature": 0.5}


@pytest.mark.parametrize(
    "name",
    "api_base base_url api_key custom_llm_provider callbacks mock_response fallbacks extra_headers model_list client "
    "metadata vertex_credentials aws_access_key_id logger_fn caching num_retries input_cost_per_token timeout "
    "api_version litellm_params success_callback deployment_id".split(),
)
def test_nothing_that_steers_litellm_comes_from_a_body(name: str) -> None:
    body = {"messages": ASKED, name: "http://127.0.0.1:1/evil"}
    assert arguments(SPEC, body, "gemini", None) == {"messages": ASKED}


def test_what_changes_no_answer_is_left_out_where_the_model_lacks_it_and_the_rest_is_not() -> None:
    body = {"messages": ASKED, "user": "u", "seed": 7, "response_format": {"type": "json_object"}}
    fields = arguments(SPEC, body, "gemini", SUPPORTED)
    assert set(fields) == {"messages", "response_format"}
    assert left_out(fields, body) == ("seed", "user")


def test_a_token_limit_goes_by_the_name_that_the_model_knows() -> None:
    body = {"messages": ASKED, "max_completion_tokens": 5}
    fields = arguments(SPEC, body, "gemini", SUPPORTED)
    assert fields["max_tokens"] == 5
    assert left_out(fields, body) == ()


def test_a_stream_always_asks_for_its_usage() -> None:
    fields = arguments(SPEC, {"messages": ASKED, "stream": True}, "gemini", SUPPORTED)
    assert fields["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("image", [{"url": "https://10.0.0.1/cat.png"}, "http://169.254.169.254/latest"])
def test_an_image_by_address_is_refused_where_litellm_would_fetch_it(image: object) -> None:
    body = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": image}]}]}
    with pytest.raises(UpstreamRefused, match="data: URLs") as error:
        arguments(SPEC, body, "gemini", None)
    assert (error.value.code, error.value.upstream_status) == ("unsupported_value", 400)
    assert arguments(SPEC, body, "openai", None) == body


@pytest.mark.parametrize("messages", [None, [], ["x"], [{"content": None}], [{"content": ["x", {"image_url": None}]}]])
def test_messages_of_no_known_shape_are_left_to_the_provider(messages: object) -> None:
    arguments(SPEC, {"messages": messages}, "gemini", None)
