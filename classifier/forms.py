"""Forms of request that the training rows had: of any other the trees know nothing, and it is expected to be hard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from struct import Struct

from classifier.features import FEATURES
from classifier.means import Place
from classifier.single import Row

UNSEEN = "unseen"
"""The level of a place outside everything learned: its terms are the whole score, the trees add nothing."""

MOST_OPTIONS = 12
"""The feature `choices` counts no further."""

_OPTIONS, _TOOLS = FEATURES.index("choices"), FEATURES.index("tools")
_READ = Struct(f"={4 * _OPTIONS}xf{4 * (_TOOLS - _OPTIONS - 1)}xf")


@dataclass(frozen=True, slots=True)
class Forms:
    """How many training questions each form had, by name, and what to expect of a form of fewer than `least`.

    A form is how many lettered options a request offers, whether it brings tools, and whether it names an application
    that no mean is known of; of the latter, applications are counted and not questions. `mean` and `spread`: the mean
    and standard deviation, over sources, of the expected gain.
    """

    questions: Mapping[str, int]
    least: int
    mean: float
    spread: float
    _seen: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        forms = product(range(MOST_OPTIONS + 1), (False, True), (False, True))
        seen = (key(*form) for form in forms if self.questions.get(name(*form), 0) >= self.least)
        object.__setattr__(self, "_seen", frozenset(seen))

    def unseen(self, x: Row | bytes, elsewhere: bool) -> bool:
        """Returns whether too few training questions had this request's form.

        x: (d,) float32, or its bytes; `elsewhere`: it names an application that no mean is known of.
        """
        options, tools = _READ.unpack_from(x if isinstance(x, bytes) else x.data)
        return key(int(options), tools > 0, elsewhere) not in self._seen

    @property
    def place(self) -> Place:
        """What is expected of such a request: a source as hard as one standard deviation above the mean of sources."""
        return Place(UNSEEN, self.mean, ((UNSEEN, self.spread),), 0.0)


def key(options: int, tools: bool, elsewhere: bool) -> int:
    """Returns the number of a form."""
    return options << 2 | tools << 1 | elsewhere


def name(options: int, tools: bool, elsewhere: bool) -> str:
    """Returns what a form is called in an artifact."""
    said = (f"{options} options", "tools" * tools, "another application" * elsewhere)
    return ", ".join(filter(None, said))
