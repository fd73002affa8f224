"""The `x-router-*` headers, which tell the client what the router did."""

from decimal import Decimal

from router.core.exchange import Exchange
from router.pipeline.accounting import account, overhead_ms
from router.pipeline.dependencies import Dependencies


def response_headers(deps: Dependencies, exchange: Exchange, now_us: int, *, whole: bool) -> dict[str, str]:
    """The headers known by now. A `whole` reply also says what it cost."""
    headers = {
        "x-request-id": exchange.id,
        "x-router-exchange": exchange.id,
        "x-router-upstream": exchange.upstream,
        "x-router-policy": f"{exchange.policy}@{exchange.policy_digest[:6]}" if exchange.policy else "none",
        "x-router-rule": exchange.rule,
        "x-router-attempts": str(len(exchange.attempts)),
        "x-router-overhead-ms": f"{overhead_ms(exchange, now_us):.2f}",
    }
    if exchange.dialect == "messages":
        headers["request-id"] = exchange.id  # what Anthropic's SDKs show
    if exchange.escalated:
        headers["x-router-escalated"] = exchange.escalated
    if exchange.fallback:
        headers["x-router-fallback"] = exchange.fallback
    if exchange.skipped:
        headers["x-router-skipped"] = exchange.skipped
    if exchange.degraded:
        headers["x-router-degraded"] = exchange.error or "1"
    if exchange.holdout:
        headers["x-router-holdout"] = "1"
    if exchange.p_good is not None:
        headers["x-router-p-good"] = f"{exchange.p_good:.4f}"
    if exchange.cut is not None:
        headers["x-router-cut"] = f"{exchange.cut:.4f}"
    if exchange.p_kept is not None:
        headers |= _kept(exchange, exchange.p_kept)
    if exchange.certificate:
        headers["x-router-certificate"] = exchange.certificate
    if whole:
        account(deps, exchange)
        headers |= _costs(exchange)
    return headers


def _kept(exchange: Exchange, p_kept: float) -> dict[str, str]:
    """`p_kept`, and the cut that it was compared with."""
    kept = {"x-router-p-kept": f"{p_kept:.4f}"}
    return kept if exchange.keep_cut is None else {**kept, "x-router-keep-cut": f"{exchange.keep_cut:.4f}"}


def late_headers(deps: Dependencies, exchange: Exchange, now_us: int) -> bytes:
    """All headers again, as the last comment line of a stream: those sent at its start could not say what it cost."""
    said = response_headers(deps, exchange, now_us, whole=True)
    return b": " + "; ".join(f"{name}={value}" for name, value in said.items()).encode() + b"\n\n"


def _costs(exchange: Exchange) -> dict[str, str]:
    """What it cost, and if there is a baseline, what it would have cost there."""
    costs = {"x-router-cost-usd": _money(exchange.cost)}
    if exchange.baseline_source:
        costs["x-router-baseline-usd"] = _money(exchange.baseline_cost)
    return costs


def _money(dollars: Decimal | None) -> str:
    return "unknown" if dollars is None else f"{dollars:.9f}"
