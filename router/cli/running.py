"""Asks the server that runs with a configuration where a request would go now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from router.config import Config

WAIT_S = 5.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (where a server listens, not we)


@dataclass(frozen=True, slots=True)
class ServerDecision:
    """The decision of the server at `url`; None where it was not asked, and `why`."""

    url: str
    decision: Mapping[str, Any] | None = None
    why: str = ""


def address_of(config: "Config") -> str:
    """Where the server of this configuration listens, unless it was started with an address of its own."""
    host = EVERYWHERE.get(config.listen.host, config.listen.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{config.listen.port}"


def ask(url: str, digest: str, body: Mapping[str, Any]) -> ServerDecision:
    """Where the server at `url` would send `body` now. It is shown to a server of the configuration `digest` only."""
    import httpx

    try:
        with httpx.Client(base_url=url, timeout=WAIT_S, trust_env=False) as http:
            if _digest(http.get("/readyz").json()) != digest:
                return ServerDecision(url, why="what listens there does not run with this configuration")
            reply = http.post("/v1/route", json=body)
            told = reply.json()
    except httpx.ConnectError:
        return ServerDecision(url, why="nothing listens there")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return ServerDecision(url, why=f"it did not answer: {str(error) or type(error).__name__}")
    if reply.status_code == httpx.codes.OK:
        return ServerDecision(url, told)
    if reply.status_code == httpx.codes.UNAUTHORIZED:
        return ServerDecision(url, why="it decides only for those who have a key; POST /v1/route with yours")
    return ServerDecision(url, why=str(told["error"]["message"]))


def _digest(told: object) -> object:
    return told.get("config") if isinstance(told, dict) else None
