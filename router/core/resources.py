"""What a policy may read of an upstream as a resource with state: in memory, loading, busy, how fast."""

from collections.abc import Mapping

from router.core.pace import Pace
from router.core.upstream import UpstreamState

Value = float | int | str | bool | None
RESOURCES: Mapping[str, str] = {
    "resident": "Whether its model is in memory, so that an answer can begin at once; unknown if it does not say.",
    "loading": "Whether it is loading its model now.",
    "loads_in_s": "Seconds until a load under way is done, or, if none is, that a load would take; 0 when resident.",
    "free_slots": "How many answers it could begin now.",
    "queue": "How many requests wait inside it, or here for one of its slots.",
    "tokens_per_s": "Tokens a second while it writes an answer: the median of the last 256 attempts.",
    "first_token_s": "Seconds until its first token, if it were asked now: load, wait for a slot, and its usual time.",
    "answer_s": "Seconds until an answer of the usual length is complete, if it were asked now.",
}


def resources_of(name: str, state: UpstreamState | None, pace: Pace | None) -> dict[str, Value]:
    """The facts of `RESOURCES` about the upstream `name`; what is not known is None."""
    known: dict[str, Value] = {f"{name}.{fact}": None for fact in RESOURCES}
    if state is None:
        return known
    known[f"{name}.resident"] = state.resident
    known[f"{name}.loading"] = state.phase == "loading"
    known[f"{name}.loads_in_s"] = state.loads_in_s
    known[f"{name}.free_slots"] = state.free_slots
    known[f"{name}.queue"] = state.queue
    if pace is not None:
        delay = _delay_s(state, pace)
        known[f"{name}.tokens_per_s"] = pace.tokens_per_s
        known[f"{name}.first_token_s"] = _after(delay, pace.first_token_s)
        known[f"{name}.answer_s"] = _after(delay, pace.answer_s)
    return known


def _delay_s(state: UpstreamState, pace: Pace) -> float:
    """Seconds before it begins: the rest of a load, and the answers that are served first, a slot each."""
    load = state.loads_in_s or 0.0
    if state.free_slots != 0 or pace.answer_s is None:
        return load
    waves = (state.queue or 0) / max(1, state.slots or 1)
    return load + pace.answer_s * (0.5 + waves)  # the answers under way are half done on average


def _after(delay_s: float, usual_s: float | None) -> float | None:
    return None if usual_s is None else delay_s + usual_s
