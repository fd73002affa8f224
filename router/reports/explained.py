"""Why one exchange went where it went: the true answer, from its rows and the artifact that decided."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from numpy import float32, frombuffer

from classifier.artifact import Classifier
from classifier.explain import Explanation
from classifier.features import feature_set
from classifier.means import Place
from classifier.scorer import Row
from policies.policy import Policy
from policies.whatif import edges, smallest_change
from router.core.ports import Store
from router.core.prices import Price, Usage, dollars

Terms = Sequence[Sequence[Any]]
TO_SERVE = ("serve", "panel")
BUCKETS = ("input", "cached", "cache_write", "output", "reasoning")
BEGINS = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,27}|(?:chatcmpl-|cmpl-|msg_|resp_)\S{3,}")  # no word that anyone would ask
AVERAGE = "no labelled row is about this model: it is the average of others"
TOGETHER = ("agreement", "verifier", "llm")


@dataclass(frozen=True, slots=True)
class Asked:
    """What explaining needs from the running configuration: the artifact, and who is known by which digest."""

    classifier: Classifier | None
    policies: Mapping[str, Policy]
    digests: Mapping[str, str]
    prices: Mapping[str, Price]


def find_exchange(store: Store, name: str) -> dict[str, Any] | None:
    """The exchange whose id, request id or reply id is `name`, else the only one whose id begins with it.

    Raises ValueError for an empty name, and where several begin with it.
    """
    if not name.strip():
        raise ValueError("nothing was asked for; give an id or a prompt in quotes (is the variable that held it set?)")
    for column in ("id", "reply_id"):
        rows = store.find("exchanges", **{column: name})
        if rows:
            return rows[0]
    return _beginning(store, name) if BEGINS.fullmatch(name) else None


def _beginning(store: Store, name: str) -> dict[str, Any] | None:
    found = store.aggregate("requests.begins", prefix=name, limit=2)
    if len(found) > 1:
        raise ValueError(f"several ids begin with {name!r}; give more of it")
    return store.find("exchanges", id=found[0]["id"])[0] if found else None


def explain_count(store: Store, name: str) -> dict[str, Any] | None:
    """Who was asked to count the tokens of the request with the id `name`; None if nobody was.

    A count is no exchange: its calls are the only rows that have its id.
    """
    asked = store.find("attempts", exchange=name, origin="count")
    return {"id": name, "origin": "count", "attempts": [_attempt(row) for row in asked]} if asked else None


def explain_exchange(store: Store, exchange: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """Everything there is to say about one row, as plain data: decision, sum, attempts, verdicts, prices."""
    attempts = sorted(store.find("attempts", exchange=exchange["id"]), key=lambda a: str(a["id"]))
    verdicts = sorted(store.find("verdicts", exchange=exchange["id"]), key=lambda v: int(v["seq"]))
    shown = (
        "id", "started_at", "entrypoint", "policy", "policy_digest", "rule", "plan", "mode", "outcome", "upstream",
        "error", "status", "escalated", "fallback", "degraded", "holdout", "explored", "propensity", "paused",
        "local_only", "pinned", "client_retry", "retry_of", "baseline", "baseline_source", "price_state", "ttft_ms",
        "overhead_ms", "total_ms", "reasons",
    )  # fmt: skip
    return {
        **{name: exchange[name] for name in shown},
        "cost": _usd(exchange["cost"]),
        "baseline_cost": _usd(exchange["baseline_cost"]),
        "p_good": score_of(exchange, asked),
        "p_kept": exchange["p_kept"],
        "keep_cut": exchange["keep_cut"],
        "panel": panel_of(attempts, verdicts),
        "shadow": {"end": exchange["shadow"], **(panel_of(attempts, verdicts, "shadow") or {})},
        "flip": flip_of(exchange, asked),
        "attempts": [_attempt(row) for row in attempts],
        "verdicts": [_verdict(row, attempts) for row in verdicts],
        "prices": _alternatives(exchange, attempts, asked.prices),
    }


def panel_of(
    attempts: Sequence[Mapping[str, Any]], verdicts: Sequence[Mapping[str, Any]], origin: str = "panel"
) -> dict[str, Any] | None:
    """The members that were asked, in order, and what was made of their answers; None where nobody was.

    Each weighing is one verdict about all answers so far: its words hold counts and cuts, never what was said.
    """
    asked = [row for row in attempts if row["origin"] == origin]
    if not asked:
        return None
    names = {row["id"]: row["upstream"] for row in asked}
    weighed = [row for row in verdicts if row["judge"] in TOGETHER and row["attempt"] in names]
    return {
        "members": [
            {**{name: row[name] for name in ("upstream", "reason", "error", "total_ms")}, "objections": [
                f"{verdict['judge']}: {verdict['reason']}" for verdict in verdicts
                if verdict["attempt"] == row["id"] and verdict["action"] == "escalate"
                and verdict["judge"] not in TOGETHER
            ]}
            for row in asked
        ],
        "weighings": [
            {"judge": row["judge"], "action": row["action"], "reason": row["reason"], "p_kept": row["score"],
             "stage": row["stage"], "cut": row["cut"], "best": names.get(row["attempt"])}
            for row in weighed
        ],
    }  # fmt: skip


def flip_of(exchange: Mapping[str, Any], asked: Asked) -> dict[str, Any] | None:
    """The smallest change of one signal that would have led to another plan; None if none does.

    None as well where the policy in force is not the one that decided: it would be another's answer.
    """
    policy = _decided_by(exchange, asked)
    change = smallest_change(policy, _read_by_rules(exchange)) if policy else None
    return None if change is None else asdict(change)


def _decided_by(exchange: Mapping[str, Any], asked: Asked) -> Policy | None:
    policy = asked.policies.get(exchange["policy"])
    return policy if policy is not None and policy.digest == exchange["policy_digest"] else None


def _read_by_rules(exchange: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules read. A conferred row's own `keep_cut` is its last stage's, which no rule read."""
    return {"cut": exchange["cut"], "keep_cut": exchange["keep_cut"], **exchange["signals"]}


def score_of(exchange: Mapping[str, Any], asked: Asked) -> dict[str, Any] | None:
    """`p_good` as a sum that adds up within 1e-6, then its calibration, then the smallest change that flips it.

    None where no `p_good` was computed. Where another artifact decided than the one loaded now, only
    the numbers that were written down are shown, and `note` says why the sum is not.
    """
    p_good = exchange["p_good"]
    if p_good is None:
        return None
    shown: dict[str, Any] = {"value": p_good, "cut": exchange["cut"], "subject": exchange["subject"]}
    known = asked.classifier
    if known is None or known.digest != exchange["artifact_digest"] or exchange["feature_set"] != feature_set():
        return shown | {"note": "decided by another artifact than the one loaded now, so its sum cannot be shown"}
    vector = frombuffer(exchange["features"], float32)
    place = _place(exchange["task_terms"])
    explained = known.explain_at(vector, place, asked.digests.get(exchange["subject"], ""))
    return shown | {
        "base_value": explained.base_value - place.base,
        "task_terms": [[str(level), float(value)] for level, value in exchange["task_terms"]],
        "contributions": [
            {"feature": part.feature, "value": part.value, "adds": part.adds} for part in explained.contributions
        ],
        "raw": explained.raw,
        "head": explained.head,
        "note": None if known.knows(asked.digests.get(exchange["subject"], "")) else AVERAGE,
        "calibrated": explained.p_good,
        **_flip(known, explained, vector, _turning_points(exchange, asked)),
    }


def _place(terms: Terms) -> Place:
    """The task means' numbers as they were written down: base, steps, and the model's own offset last."""
    (_, base), *steps, (_, offset) = terms
    level = steps[-1][0] if steps else "global"
    return Place(level, base, tuple((str(name), float(value)) for name, value in steps), offset)


def _turning_points(exchange: Mapping[str, Any], asked: Asked) -> tuple[float, ...]:
    """The nearest `p_good` below and above at which the policy that decided would have taken another plan."""
    policy = _decided_by(exchange, asked)
    return edges(policy, _read_by_rules(exchange), f"p_good.{exchange['subject']}") if policy else ()


def _flip(known: Classifier, explained: Explanation, vector: Row, turning: Sequence[float]) -> dict[str, Any]:
    """Where `p_good` would have led to another plan, and the smallest change of one feature that carries it there."""
    nearest = sorted(turning, key=lambda edge: abs(edge - explained.p_good))
    found = next(filter(None, (known.flip_of(explained, vector, edge) for edge in nearest)), None)
    shown = found and {"feature": found.feature, "from": found.before, "to": found.after, "p_good": found.p_good}
    return {"turns_at": list(turning), "flip": shown}


def _attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "step", "upstream", "model", "origin", "reason", "status", "error", "ttft_ms", "total_ms", "usage_source",
        "changes", "unit_prices", "price_source",
    )  # fmt: skip
    tokens = {name: row[name] for name in BUCKETS}
    return {**{name: row[name] for name in names}, "tokens": tokens, "cost": _usd(row["cost"])}


def _verdict(row: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a judge said, and whose answer it had read; a panel's weighing is of its best answer so far."""
    whose = next((one["upstream"] for one in attempts if one["id"] == row["attempt"]), None)
    return {"upstream": whose, **{name: row[name] for name in ("judge", "action", "reason", "score")}}


def _alternatives(
    exchange: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]], prices: Mapping[str, Price]
) -> dict[str, Any]:
    """What the tokens of the answer that went out would have cost at each upstream; another's would differ in length.

    Whoever gave it has them by its own prompt cache, which the others would have had to fill, and by the price it was
    charged by, whatever the configuration says of it now; the others by their prices now.
    """
    counted = [row for row in attempts if row["input"] is not None and row["origin"] in TO_SERVE]
    given = [row for row in counted if row["upstream"] == exchange["upstream"]] or counted
    whole = [row for row in given if row["error"] in (None, "truncated")] or given
    if not whole:
        return {}
    tokens = {name: whole[-1][name] for name in BUCKETS}
    own, served = Usage(**tokens), whole[-1]["upstream"]
    afresh = Usage(input=own.prompt, output=own.output, reasoning=own.reasoning)
    elsewhere = {name: _text(price.cost(afresh)) for name, price in prices.items()}
    return elsewhere | {served: _usd(whole[-1]["cost"])}


def _usd(nano_dollars: int | None) -> str | None:
    return None if nano_dollars is None else _text(dollars(nano_dollars))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.9f}"
