"""A trained classifier as a folder of readable files: loaded, checked, asked, saved."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import orjson

from classifier.calibration import Calibration, Head
from classifier.card import model_card
from classifier.digests import model_digest
from classifier.explain import Explanation, Flip, explain, flip
from classifier.features import FEATURES, feature_set
from classifier.forms import Forms
from classifier.means import Node, Place, TaskMeans
from classifier.scorer import Row, Scorer

__all__ = ["ArtifactError", "Classifier", "Manifest", "model_digest"]

TREES, MANIFEST, CARD, SUMS = "classifier.txt", "artifact.json", "MODEL_CARD.md", "SHA256SUMS"
FORMAT = 1
_REMEDY = "train it again with `smallfirst learn train --out`"


class ArtifactError(ValueError):
    """A saved classifier cannot be used; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of an artifact but the trees.

    `salt` keys the task hashes; `spread` is each feature's spread over the training rows; `training`
    says what it was made from and how, `metrics` how it did on rows it had not seen. `forms` are the forms of request
    that it knows; None, as in artifacts made before they were told apart, takes every form for known.
    """

    means: TaskMeans
    calibration: Calibration
    salt: bytes
    spread: tuple[float, ...]
    training: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    forms: Forms | None = None


class Classifier:
    """What is likely: the probability that a small model's answer will be no worse than the large one's."""

    def __init__(self, manifest: Manifest, trees: str) -> None:
        self.manifest = manifest
        booster = lgb.Booster(model_str=trees)
        self.scorer = Scorer(booster, manifest.means, manifest.calibration, manifest.forms)
        self._trees = trees
        self._json = _dump(manifest, trees)
        self.digest = hashlib.sha256(trees.encode() + self._json).hexdigest()[:12]

    @property
    def salt(self) -> bytes:
        """What `task_path` must be salted with for this artifact to know the tasks it was trained on."""
        return self.manifest.salt

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Returns the classifier saved in a folder.

        Raises ArtifactError for a missing file, a wrong checksum, another format or another feature set.
        """
        texts = _checked(Path(folder))
        where = Path(folder) / MANIFEST
        try:
            manifest = _parse(orjson.loads(texts[MANIFEST]), where)
        except (orjson.JSONDecodeError, KeyError, TypeError) as broken:
            raise ArtifactError(f"{where}: not an artifact's manifest ({broken}); {_REMEDY}") from broken
        try:
            return cls(manifest, texts[TREES].decode())
        except lgb.basic.LightGBMError as broken:
            raise ArtifactError(f"{Path(folder) / TREES}: LightGBM cannot read it ({broken}); {_REMEDY}") from broken

    def save(self, folder: str | Path) -> None:
        """Writes classifier.txt, artifact.json, MODEL_CARD.md and their checksums; same classifier, same bytes."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        card = model_card(self.digest, self.manifest.training, self.manifest.metrics, self.manifest.forms)
        files = {TREES: self._trees.encode(), MANIFEST: self._json, CARD: card.encode()}
        for name, content in files.items():
            (target / name).write_bytes(content)
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
        (target / SUMS).write_text(sums)

    def p_good(self, x: Row, path: Sequence[str], digest: str) -> float:
        """Returns P(small answer >= large answer), in (0, 1); x: (d,) float32 from `features.extract`.

        `path` is `task_path(body, classifier.salt)`, `digest` the small model's. A task or model never
        seen backs off to what is known: wider means, the pooled head.
        """
        return self.scorer.p_good(x, path, digest)

    def knows(self, digest: str) -> bool:
        """Returns whether any labelled row it learned from is about the model of that digest."""
        return digest in self.manifest.calibration.heads

    def explain(self, x: Row, path: Sequence[str], digest: str) -> Explanation:
        """Returns the terms of `p_good`, which add up to the raw score within 1e-6."""
        return explain(self.scorer, x, self.scorer.place(self.scorer.see(x, path), digest), digest)

    def explain_at(self, x: Row, place: Place, digest: str) -> Explanation:
        """Returns the same for a request whose place among the tasks was written down when it was decided."""
        return explain(self.scorer, x, place, digest)

    def flip_of(self, explained: Explanation, x: Row, cut: float) -> Flip | None:
        """Returns the smallest change of one feature that moves `p_good` across the cut, None if none does."""
        return flip(self.scorer, explained, x, self.manifest.spread, cut)

    def with_metrics(self, metrics: Mapping[str, Any]) -> "Classifier":
        """Returns the same classifier with held-out figures in its manifest and card."""
        return Classifier(replace(self.manifest, metrics=metrics), self._trees)


def _dump(manifest: Manifest, trees: str) -> bytes:
    return orjson.dumps(
        {
            "format": FORMAT,
            "trees_sha256": hashlib.sha256(trees.encode()).hexdigest(),
            "feature_set": feature_set(),
            "features": FEATURES,
            "spread": manifest.spread,
            "salt": manifest.salt.hex(),
            "training": manifest.training,
            "metrics": manifest.metrics,
            "calibration": asdict(manifest.calibration),
            "tasks": {name: asdict(node) for name, node in sorted(manifest.means.nodes.items())},
            **_forms(manifest.forms),
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS,
    )


def _forms(known: Forms | None) -> dict[str, Any]:
    """Returns the manifest's entry, none for an artifact that has none: its bytes, and so its digest, stay."""
    if known is None:
        return {}
    told = {"questions": dict(known.questions), "least": known.least, "mean": known.mean, "spread": known.spread}
    return {"forms": told}


def _checked(folder: Path) -> dict[str, bytes]:
    texts: dict[str, bytes] = {}
    for name in (TREES, MANIFEST, SUMS):
        try:
            texts[name] = (folder / name).read_bytes()
        except OSError as missing:
            raise ArtifactError(f"{folder / name}: cannot be read ({missing.strerror}); {_REMEDY}") from missing
    lines = [line.partition("  ") for line in texts[SUMS].decode("utf-8", "replace").splitlines()]
    sums = {name: digest for digest, _, name in lines}
    for name in (TREES, MANIFEST):
        if sums.get(name) != hashlib.sha256(texts[name]).hexdigest():
            raise ArtifactError(f"{folder / name}: differs from its checksum in {SUMS}; restore it, or {_REMEDY}")
    return texts


def _parse(saved: Mapping[str, Any], where: Path) -> Manifest:
    if saved["format"] != FORMAT:
        raise ArtifactError(f"{where}: format {saved['format']}, this release reads {FORMAT}; {_REMEDY}")
    if saved["feature_set"] != feature_set():
        raise ArtifactError(f"{where}: made for features {saved['feature_set']}, not {feature_set()}; {_REMEDY}")
    curve = saved["calibration"]
    heads = {digest: Head(**head) for digest, head in curve["heads"].items()}
    return Manifest(
        means=TaskMeans({name: Node(**node) for name, node in saved["tasks"].items()}),
        calibration=Calibration(tuple(curve["gains"]), tuple(curve["chances"]), heads),
        salt=bytes.fromhex(saved["salt"]),
        spread=tuple(saved["spread"]),
        training=saved["training"],
        metrics=saved["metrics"],
        forms=Forms(**saved["forms"]) if "forms" in saved else None,
    )


def spread_of(xs: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[float, ...]:
    """Returns each feature's standard deviation over the rows, rounded; xs: (n, d)."""
    return tuple(round(float(value), 6) for value in xs.std(axis=0, dtype=np.float64))
