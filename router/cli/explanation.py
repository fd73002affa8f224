"""The explanation of a request for a terminal, line by line."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.terms import Value, show

SHOWN_FEATURES = 8
CACHE = {"cached": "cached", "cache_write": "written to the cache"}
ALONE = "what only a running server knows (breakers, windows, free slots, conversations) had no part in it"
MEANS = {"global": "all tasks", "app": "this application", "task": "this task", "model": "this small model"}
UNSEEN = {"global": "the mean of all sources", "unseen": "no training question had this form: sources differ by that"}


def lines(shown: Mapping[str, Any], *, everything: bool = False) -> Iterator[str]:
    """The explanation for a terminal, line by line."""
    from router.pipeline.preview import ASSUMED_OUTPUT

    yield from _heading(shown)
    if shown["reasons"]:
        yield "why"
    for reason in shown["reasons"]:
        yield f"  {reason['rule']:<18} {reason['outcome']:<9} {reason['why']}"
    yield from _score(shown["p_good"], everything)
    change = shown["flip"]
    if change:
        became = f"{change['signal']} {show(change['before'])} -> {_beyond(change['before'], change['after'])}"
        yield f"it would change with: {became}, then {change['rule']}: {change['plan']}"
    yield from _panel(shown)
    if shown.get("attempts"):
        yield from _attempts(shown)
    if shown.get("verdicts"):
        yield "verdicts"
        for verdict in shown["verdicts"]:
            score = "" if verdict["score"] is None else f" (score {verdict['score']:.2f})"
            whose = f"{verdict['upstream'] or '–':<10} {verdict['judge']:<12}"
            yield f"  {whose} {verdict['action']:<9} {verdict['reason']}{score}"
    if shown["prices"]:
        tokens = (
            "the tokens of the answer that went out (others by their prices now)"
            if "outcome" in shown
            else f"this prompt and an answer of {ASSUMED_OUTPUT} tokens"
        )
        yield f"what it would cost at each upstream, for {tokens}"
        for name, usd in shown["prices"].items():
            yield f"  {name:<12} {'price unknown' if usd is None else usd + ' USD'}"


def lines_of_count(shown: Mapping[str, Any]) -> Iterator[str]:
    """A count of tokens for a terminal: who was asked."""
    yield f"{shown['id']} is a count of tokens: no exchange, and in no report a request"
    yield from _attempts(shown)


def _attempts(shown: Mapping[str, Any]) -> Iterator[str]:
    yield "attempts"
    for row in shown["attempts"]:
        yield _attempt(row)
        if row["changes"]:
            yield f"      changed for it: {', '.join(row['changes'])}"


def _heading(shown: Mapping[str, Any]) -> Iterator[str]:
    label = f"{shown['policy']}@{shown['policy_digest'][:6]}" if shown["policy"] else "no policy"
    plan = " > ".join(shown["plan"])
    if "outcome" not in shown:
        yield f"would go to {shown['first']}: {label}, rule {shown['rule']}, plan {plan}"
        yield f"  {_by_whom(shown['server'])}"
        return
    who = f"{shown['outcome']} by {shown['upstream']}" if shown["upstream"] else str(shown["outcome"])
    if shown["error"] and shown["outcome"] != "answered":
        who += f": {shown['error']}"
    yield f"exchange {shown['id']}: {who}"
    yield f"  {label}, rule {shown['rule']}, plan {plan}" if shown["rule"] else "  before any rule was looked at"
    for word in ("escalated", "fallback"):
        if shown[word]:
            yield f"  {word}: {shown[word]}"
    for row in shown.get("attempts", ()):
        if row["error"] == "truncated":
            yield f"  truncated: {row['upstream']} counted {_prompt(row):,} tokens of a longer prompt; it had cut it"
    if shown["error"] == "truncated":
        yield "  served all the same: counted as a loss, and nothing learns from it"
    if shown["client_retry"]:
        earlier = f" of {shown['retry_of']}" if shown["retry_of"] else ""
        yield f"  client retry {shown['client_retry']}{earlier}"
    flags = [name for name in ("holdout", "explored", "paused", "pinned", "local_only", "degraded") if shown[name]]
    if flags:
        yield f"  {', '.join(flags)}"
    yield f"  cost {_usd(shown['cost'])}; {_at_the_baseline(shown)}"
    if shown["total_ms"] is None:
        yield "  how long it took is not known: the process that served it died"
    else:
        yield f"  took {shown['total_ms']:.1f} ms, {shown['overhead_ms']:.1f} ms of it ours"


def _by_whom(server: Mapping[str, Any] | None) -> str:
    if server is None:
        return f"decided by the configuration alone: {ALONE}"
    if server["asked"]:
        return f"decided by the server that runs at {server['url']}, with what it knows now"
    return f"decided by the configuration alone: {ALONE}. {server['url']} was not asked: {server['why']}"


def _at_the_baseline(shown: Mapping[str, Any]) -> str:
    if shown["local_only"] or not shown["baseline"]:
        return "no baseline: it had to stay local" if shown["local_only"] else "no baseline"
    if not shown["baseline_source"] or (shown["baseline_cost"] is None and shown["outcome"] != "answered"):
        return f"nothing to compare it with at the baseline {shown['baseline']}: no answer"
    how = " (measured)" if shown["baseline_source"] == "measured" else " (predicted, if its answer were as long)"
    return f"at the baseline {shown['baseline']} {_usd(shown['baseline_cost'])}{how if shown['baseline_cost'] else ''}"


def _usd(dollars: str | None) -> str:
    return "unknown" if dollars is None else f"{dollars} USD"


def _score(score: Mapping[str, Any] | None, everything: bool) -> Iterator[str]:
    if score is None:
        yield "p_good: not computed for this request"
        return
    cut = "none" if score["cut"] is None else f"{score['cut']:.4f}"
    yield f"p_good {score['value']:.4f} about {score['subject']}, cut {cut}"
    if score["note"]:
        yield f"  {score['note']}"
    if "raw" not in score:
        return
    yield "  made of what the baseline is expected to gain; the more that is, the lower p_good"
    yield f"  {score['base_value']:+.6f}  base value of the trees"
    levels: list[str] = []
    said = MEANS | UNSEEN if "unseen" in dict(score["task_terms"]) else MEANS
    for level, value in score["task_terms"]:
        yield f"  {value:+.6f}  task mean: {said.get(level, level)}{', narrower' if level in levels else ''}"
        levels.append(level)
    parts = score["contributions"]
    shown = parts if everything else parts[:SHOWN_FEATURES]
    for part in shown:
        yield f"  {part['adds']:+.6f}  {part['feature']} = {part['value']:g}"
    rest = parts[len(shown) :]
    if rest:
        yield f"  {sum(part['adds'] for part in rest):+.6f}  {len(rest)} smaller contributions (--all shows them)"
    yield f"  {score['raw']:+.6f}  = the expected gain of the baseline (raw score)"
    curve = "all models' common curve" if score["note"] else "this model's own curve"
    yield f"  p_good {score['calibrated']:.4f}, read off {curve}"
    flip = score["flip"]
    if flip:
        change = f"{flip['feature']} {flip['from']:g} -> {flip['to']:g}"
        yield f"  another plan with: {change}, which gives p_good {flip['p_good']:.4f}"
    elif score["turns_at"]:
        turns = [f"{'below' if edge < score['value'] else 'from'} {edge:.4f}" for edge in score["turns_at"]]
        yield f"  another plan is taken {' or '.join(turns)}; no change of one feature alone carries p_good there"


def _beyond(before: Value, after: Value | None) -> str:
    """A value just past an edge, which rounded might lie on the edge's other side again."""
    shown = show(after)
    if isinstance(before, (bool, str)) or isinstance(after, (bool, str)) or after is None:
        return shown
    if float(shown) == after:
        return shown
    return f"just below {shown}" if after < before else f"just above {shown}"


def _panel(shown: Mapping[str, Any]) -> Iterator[str]:
    """Who conferred or was tried out, who was objected to, what agreement was worth; never what anyone said."""
    panel = shown.get("panel")
    if panel:
        cut = "none" if shown["keep_cut"] is None else f"{shown['keep_cut']:.4f}"
        value = "not known" if shown["p_kept"] is None else f"{shown['p_kept']:.4f}"
        yield f"the panel: p_kept {value}, keep_cut {cut}"
        yield from _members(panel)
    shadow = shown.get("shadow")
    if shadow and shadow["end"]:
        yield f"in the shadow, after the answer had gone out: {shadow['end']}"
        yield from _members(shadow)


def _members(panel: Mapping[str, Any]) -> Iterator[str]:
    for number, member in enumerate(panel.get("members", ()), 1):
        how = member["error"] or "; ".join(member["objections"]) or "answered"
        yield f"  {number} {member['upstream']:<10} {member['reason']:<8} {how}"
    for weighing in panel.get("weighings", ()):
        best = f", best from {weighing['best']}" if weighing["best"] else ""
        stage = f"{weighing['stage']} heard" if weighing["stage"] else ""
        yield f"  {weighing['judge']:<12} {stage:<8} {weighing['action']:<9} {weighing['reason']}{best}"


def _prompt(row: Mapping[str, Any]) -> int:
    return sum(row["tokens"][name] or 0 for name in ("input", "cached", "cache_write"))


def _counted(row: Mapping[str, Any]) -> str:
    """All tokens in and out, and which of them have a price of their own."""
    tokens = row["tokens"]
    if tokens["input"] is None:
        return "no tokens"
    cache = [f"{tokens[name]} {word}" for name, word in CACHE.items() if tokens[name]]
    thought = f" ({tokens['reasoning']} reasoning)" if tokens["reasoning"] else ""
    into = f"{_prompt(row)} in" + (f" ({', '.join(cache)})" if cache else "")
    return f"{into}, {tokens['output'] + (tokens['reasoning'] or 0)} out{thought}"


def _attempt(row: Mapping[str, Any]) -> str:
    why = row["reason"] if row["origin"] in ("serve", "panel") else row["origin"]
    end = row["error"] or row["status"]
    cost = "cost unknown" if row["cost"] is None else f"{row['cost']} USD"
    cost += f" by {row['price_source']}" if row["price_source"] else ""
    took = f"{row['total_ms']:.0f} ms" if row["total_ms"] is not None else "unfinished"
    return f"  {row['step']} {row['upstream']:<10} {why:<10} {end!s:<18} {_counted(row)}, {cost}, {took}"
