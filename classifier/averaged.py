"""Several fits of the same trees as one: LightGBM's text of all their trees, each leaf worth its share of the mean."""

import re
from collections.abc import Iterator, Sequence

import lightgbm as lgb

_SCALED = re.compile(r"^(leaf_value|internal_value|shrinkage)=(.*)$", re.MULTILINE)
_NUMBER = re.compile(r"^Tree=\d+$", re.MULTILINE)
_SIZES = re.compile(r"^tree_sizes=.*$", re.MULTILINE)
_END = "end of trees"


def averaged(fits: Sequence[lgb.Booster], share: float) -> lgb.Booster:
    """Returns trees that say `share` times the mean of what these say; same fits, same bytes."""
    trees = [_weighed(tree, share / len(fits)) for one in fits for tree in _trees(one.model_to_string())]
    numbered = [_NUMBER.sub(f"Tree={i}", tree, count=1) for i, tree in enumerate(trees)]
    head, _, rest = fits[0].model_to_string().partition("Tree=0\n")
    sizes = _SIZES.sub("tree_sizes=" + " ".join(str(len(tree)) for tree in numbered), head)
    return lgb.Booster(model_str=sizes + "".join(numbered) + _END + rest.partition(_END)[2])


def _trees(text: str) -> Iterator[str]:
    """Each tree's part of the text, to where the next begins."""
    _, first, rest = text.partition("Tree=0\n")
    for part in re.split(r"(?=^Tree=\d+$)", (first + rest).partition(_END)[0], flags=re.MULTILINE):
        if part:
            yield part


def _weighed(tree: str, by: float) -> str:
    def times(found: re.Match[str]) -> str:
        return f"{found[1]}=" + " ".join(repr(float(value) * by) for value in found[2].split())

    return _SCALED.sub(times, tree)
