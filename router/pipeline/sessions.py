"""Remembers which upstream answered a conversation, and keeps the conversation there if its policy says so."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from policies.policy import Plan, Step
from router.core.exchange import MANY, UNHEARD, Exchange
from router.core.prices import Price, Usage

REMEMBERED, UNANSWERED = 100_000, 10_000
EXPIRES_US = 3_600 * 1_000_000
CACHE_US = 300 * 1_000_000


class Turn(NamedTuple):
    """The last answered turn of a conversation.

    `at`: when, in microseconds. `alone`: no other upstream has answered in the conversation. `cached`: how many tokens
    of the prompt were in the provider's prompt cache afterwards, as far as the usage said.
    """

    upstream: str
    at: int
    alone: bool = True
    cached: int = 0


@dataclass(slots=True)
class Sessions:
    """The last turn of at most 100,000 conversations; the least recently used is forgotten first.

    Also the last 10,000 requests without an answer, so that a client's retry is recognised.
    """

    _last: OrderedDict[str, Turn] = field(default_factory=OrderedDict)
    _unanswered: OrderedDict[tuple[str, bytes], str] = field(default_factory=OrderedDict)

    def note(self, session: str, turn: Turn) -> None:
        """Note that `turn` of `session` was answered."""
        self._last[session] = turn
        self._last.move_to_end(session)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def last(self, session: str, now_us: int, expires_us: int = EXPIRES_US) -> Turn | None:
        """The last answered turn of `session`; None if it is unknown or was longer than `expires_us` ago."""
        turn = self._last.get(session)
        return turn if turn is not None and now_us - turn.at < expires_us else None

    def unanswered(self, exchange: Exchange) -> None:
        """Note that a request got no answer, so its client may send it again."""
        if exchange.session:
            self._unanswered[exchange.session, exchange.features] = exchange.id
            if len(self._unanswered) > UNANSWERED:
                self._unanswered.popitem(last=False)

    def sent_before(self, exchange: Exchange) -> str:
        """The id of the unanswered exchange that this request repeats; "" if none is known.

        Two requests count as the same if they belong to one conversation and have the same features.
        """
        return self._unanswered.pop((exchange.session, exchange.features), "")


def continues(body: Mapping[str, Any]) -> bool:
    """Whether this is a later turn. First turns are not pinned, as many people ask the same first question."""
    return any(message.get("role") in ("assistant", "tool") for message in body["messages"])


def answerer(turn: Turn | None) -> str:
    """The upstream that gave all earlier answers of a conversation; MANY if several did, UNHEARD if not known."""
    if turn is None:
        return UNHEARD
    return turn.upstream if turn.alone else MANY


def pinned(plan: Plan, last: str, *, in_tool_loop: bool, local: bool) -> Plan | None:
    """The plan for a conversation that `last` answered before; None if `plan` need not change.

    A conversation is only ever upgraded: steps before `last` are skipped, and one that left the machine does not come
    back to a small model. Inside a tool loop the upstream that began it goes on, and no verdict moves it: later steps
    are there for failures only. A `local_only` plan keeps its steps.
    """
    if in_tool_loop:
        return _looping(plan, last)
    if plan.local_only or plan.steps[0].upstream == last:
        return None
    for index, step in enumerate(plan.steps):
        if step.upstream == last:
            return Plan(plan.steps[index:])
    return None if local else Plan((Step(last),))


def _looping(plan: Plan, last: str) -> Plan | None:
    at = next((index for index, step in enumerate(plan.steps) if last in step.members), None)
    if at is None and plan.local_only:
        return None
    later = plan.steps if at is None else plan.steps[at + 1 :]
    kept = replace(plan, steps=(Step(last), *later))
    return None if kept == plan else kept


def cache_loss(turn: Turn | None, price: Price, age_us: int, lives_us: int = CACHE_US) -> tuple[int, Decimal | None]:
    """What is lost by leaving the upstream that answered last: tokens in its prompt cache, and dollars a turn.

    The dollars are those tokens times the difference between the uncached and the cached price, None if a price is
    unknown. Both are 0 once the cache must have expired, `lives_us` after it was used.
    """
    if turn is None or not turn.cached or age_us >= lives_us:
        return 0, Decimal(0)
    fresh, kept = price.cost(Usage(input=turn.cached)), price.cost(Usage(cached=turn.cached))
    return turn.cached, None if fresh is None or kept is None else fresh - kept


def cheaper_to_stay(plan: Plan, last: str, tokens: tuple[int, int], prices: Mapping[str, Price]) -> Plan | None:
    """The plan from `last` on, if its first step would cost at least as much as `last` with its cache; else None.

    `tokens`: those of the prompt, and how many of them are cached. A conversation stays only with a later step of the
    plan. Plans go from weak to strong, so this never lowers quality.
    """
    prompt, cached = tokens
    at = next((index for index, step in enumerate(plan.steps) if step.upstream == last), 0)
    if not at or not cached or plan.local_only:
        return None
    warm = prices[last].cost(Usage(input=max(0, prompt - cached), cached=min(cached, prompt)))
    cold = prices[plan.steps[0].upstream].cost(Usage(input=prompt))
    return Plan(plan.steps[at:]) if warm is not None and cold is not None and cold >= warm else None
