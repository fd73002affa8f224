"""litellm itself: imported here and nowhere else, once, quiet, and only if a configured row wants it."""

import os
import warnings
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from router.core.errors import SetupError
from router.core.upstream import UpstreamSpec
from router.upstreams import problem

MIN_VERSION = (1, 84, 0)  # below it: CVE-2026-49468, CVE-2026-42208, and two releases that were malware
REMEDY = 'run `pip install "smallfirst[litellm]"`, or write `kind: openai` with the provider\'s OpenAI-compatible URL'
# Read by litellm while it is imported: no list from the network, no .env file, no telemetry.
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_TELEMETRY": "False",
    "DISABLE_AIOHTTP_TRANSPORT": "True",
}


def library(spec: UpstreamSpec) -> Any:
    """The module litellm, which takes seconds the first time; called at start-up, before listening.

    Never `litellm.proxy`. Raises SetupError with the remedy where it is not installed or too old.
    """
    _check_release(spec)
    for name, value in QUIET.items():
        os.environ[name] = value
    with warnings.catch_warnings(action="ignore"):  # about its own code and pydantic's: nothing an operator can mend
        import litellm

    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = False
    litellm.modify_params = False
    litellm.disable_aiohttp_transport = True
    litellm.num_retries = 0
    litellm.telemetry = False
    if litellm.aclient_session is None:
        # What its OpenAI and Azure clients send with, one for all of them: it belongs to no event loop, so it
        # keeps no connection. The kind `openai` speaks to both and does.
        limits = httpx.Limits(max_keepalive_connections=0)
        litellm.aclient_session = httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits)
    return litellm


def _check_release(spec: UpstreamSpec) -> None:
    try:
        found = version("litellm")
    except PackageNotFoundError as error:
        raise SetupError([problem(spec, "kind", "litellm is not installed", REMEDY)]) from error
    numbers = tuple(int(part) if part.isdigit() else 0 for part in found.split(".")[:3])
    if numbers < MIN_VERSION:
        least = ".".join(map(str, MIN_VERSION))
        raise SetupError([problem(spec, "kind", f"litellm {found} has known holes; {least} is the least", REMEDY)])
