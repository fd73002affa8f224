"""How fast an upstream has been, and how far off our estimate of its prompts was."""

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from router.core.exchange import Attempt

KEPT = 256
MIN_RATIOS = 30  # below that a prediction interval of extremes covers less than 93 %
COUNTED_FROM = 128  # a shorter prompt is mostly the server's own template, which says little of a long one
TEMPLATE_TOKENS = 64  # what a template adds that our estimate does not know of
MIN_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Bound:
    """The tokens a server counts lie between `low` and `high` times our estimate.

    `n`: ratios that say so; 0 for the bound that is assumed until enough were seen. With n ratios
    seen, the next lies within their extremes with probability at least 1 − 2/(n + 1), whatever
    their distribution (Wilks 1941; the split-conformal interval of Vovk et al. 2005).
    """

    low: float = 0.7
    high: float = 2.0
    n: int = 0

    @property
    def confidence(self) -> float:
        """How often the next count lies within, at least; 0 for the assumed bound."""
        return 1 - 2 / (self.n + 1) if self.n else 0.0

    def surely_fits(self, estimate: int, window: int) -> bool:
        """Whether even the longest that `estimate` may mean leaves room in `window` for an answer to begin."""
        return estimate * self.high + TEMPLATE_TOKENS < window

    def surely_too_long(self, estimate: int, window: int) -> bool:
        """Whether even the shortest that `estimate` may mean is longer than `window`."""
        return estimate * self.low >= window

    def cut(self, estimate: int, counted: int, window: int | None) -> bool:
        """Whether a server that counted `counted` tokens has read less than it was sent.

        Its count is far below the least that our estimate may mean, of a prompt that may have been
        longer than its window.
        """
        if estimate < COUNTED_FROM or (window is not None and self.surely_fits(estimate, window)):
            return False
        return counted < estimate * self.low


ASSUMED = Bound()


@dataclass(slots=True)
class Pace:
    """The last 256 answers of one upstream. Everything is None until something was measured.

    `tokens_per_s`: of one answer while it is written. `first_token_s` and `answer_s`: medians.
    """

    _rates: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _firsts: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _wholes: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _ratios: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _bound: Bound = ASSUMED

    @property
    def tokens_per_s(self) -> float | None:
        """Median of the tokens a second while an answer is written."""
        return median(self._rates) if self._rates else None

    @property
    def first_token_s(self) -> float | None:
        """Median of the seconds until a stream began."""
        return median(self._firsts) if self._firsts else None

    @property
    def answer_s(self) -> float | None:
        """Median of the seconds until an answer was complete."""
        return median(self._wholes) if self._wholes else None

    @property
    def bound(self) -> Bound:
        """How far our token estimate may be off here: measured, or assumed until 30 ratios were seen."""
        return self._bound

    def note(self, attempt: Attempt, estimate: int | None) -> None:
        """Learn from a finished attempt that went well; `estimate` is what we took its prompt to be."""
        usage, total_ms = attempt.usage, attempt.total_ms
        if attempt.error is not None or usage is None or not total_ms:
            return
        self._wholes.append(total_ms / 1000)
        writing_ms = total_ms - attempt.ttft_ms if attempt.ttft_ms is not None else total_ms
        if attempt.ttft_ms is not None:
            self._firsts.append(attempt.ttft_ms / 1000)
        if (tokens := usage.completion) >= MIN_TOKENS and writing_ms > 0:
            self._rates.append(tokens * 1000 / writing_ms)
        if usage.source == "upstream" and estimate is not None and estimate >= COUNTED_FROM and (read := usage.prompt):
            self._measure(read / estimate)

    def _measure(self, ratio: float) -> None:
        """Add a ratio. The extremes are searched again only when one of them has just dropped out."""
        ratios, bound = self._ratios, self._bound
        forgotten = ratios[0] if len(ratios) == KEPT else None
        ratios.append(ratio)
        if len(ratios) < MIN_RATIOS:
            return
        low, high = bound.low, bound.high
        if forgotten is not None and low <= ratio <= high and (forgotten == ratio or low < forgotten < high):
            return  # both extremes are still there
        if bound.n and (forgotten == ratio or forgotten not in (low, high)):
            low, high = min(low, ratio), max(high, ratio)
        else:
            low, high = min(ratios), max(ratios)
        if (low, high, len(ratios)) != (bound.low, bound.high, bound.n):
            self._bound = Bound(low, high, len(ratios))
