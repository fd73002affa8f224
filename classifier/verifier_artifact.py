"""A trained second stage as a folder of readable files: trees, what they were made from, cuts, card, checksums."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from classifier.artifact import ArtifactError
from classifier.calibration import Calibration, Head
from classifier.evidence import FEATURES
from classifier.means import Node, TaskMeans
from classifier.smooth import Smooth
from classifier.verifier_card import verifier_card

TREES = ("verifier.txt", "agnostic.txt", "hopeless.txt")
MANIFEST, CARD, SUMS = "verifier.json", "MODEL_CARD.md", "SHA256SUMS"
FORMAT = 2
_REMEDY = "train it again with `smallfirst learn train --stage panel --out`"


@dataclass(frozen=True, slots=True)
class Stop:
    """When a panel stops, for one strictness: the `p_kept` from which each stage keeps; below `hopeless` none is asked.

    A stage that never keeps has None.
    """

    keep: tuple[float | None, ...]
    hopeless: float


@dataclass(frozen=True, slots=True)
class Level:
    """What is known of a panel's level: its members in asking order, its calibration by stage, and its cuts.

    `sequence` and `at_once` map a strictness (the relative loss aimed at, `0.02`) to when to stop.
    """

    members: tuple[str, ...]
    calibration: Calibration
    sequence: Mapping[str, Stop]
    at_once: Mapping[str, Stop]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of a second stage but the trees. `strength`: mean grade by digest; `slots`: whose column is whose.

    `smooth`: what is added to the trees that know the models, None where they are alone.
    """

    strength: Mapping[str, float]
    slots: Mapping[str, int]
    kinds: tuple[str, ...]
    means: TaskMeans
    salt: bytes
    levels: tuple[Level, ...]
    training: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    smooth: Smooth | None = None


def save(folder: str | Path, manifest: Manifest, trees: Mapping[str, str]) -> str:
    """Writes the artifact and returns its digest; same artifact, same bytes."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    files = {name: text.encode() for name, text in trees.items()} | {MANIFEST: _dump(manifest)}
    digest = digest_of(manifest, trees)
    files[CARD] = verifier_card(digest, manifest.training, manifest.metrics).encode()
    for name, content in files.items():
        (target / name).write_bytes(content)
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    (target / SUMS).write_text(sums)
    return digest


def load(folder: str | Path) -> tuple[Manifest, dict[str, str]]:
    """Returns a saved second stage and its trees by file name.

    Raises ArtifactError for a missing file, a wrong checksum, another format or other features.
    """
    texts = {name: _read(Path(folder) / name) for name in (*TREES, MANIFEST, SUMS)}
    lines = [line.partition("  ") for line in texts[SUMS].decode("utf-8", "replace").splitlines()]
    sums = {name: digest for digest, _, name in lines}
    for name in (*TREES, MANIFEST):
        if sums.get(name) != hashlib.sha256(texts[name]).hexdigest():
            raise ArtifactError(f"{Path(folder) / name}: differs from its checksum in {SUMS}; restore it, or {_REMEDY}")
    where = Path(folder) / MANIFEST
    try:
        return _parse(orjson.loads(texts[MANIFEST]), where), {name: texts[name].decode() for name in TREES}
    except (orjson.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as broken:
        raise ArtifactError(f"{where}: not an artifact's manifest ({broken}); {_REMEDY}") from broken


def digest_of(manifest: Manifest, trees: Mapping[str, str]) -> str:
    """Returns 12 hex digits that stand for an artifact."""
    content = b"".join(trees[name].encode() for name in TREES) + _dump(manifest)
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def feature_digest() -> str:
    """Returns the digest of the evidence's names and order."""
    return hashlib.sha256("\n".join(FEATURES).encode()).hexdigest()[:12]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise ArtifactError(f"{path}: cannot be read ({missing.strerror}); {_REMEDY}") from missing


def _dump(manifest: Manifest) -> bytes:
    content = asdict(manifest) | {
        "format": FORMAT,
        "feature_set": feature_digest(),
        "features": FEATURES,
        "salt": manifest.salt.hex(),
        "means": {name: asdict(node) for name, node in sorted(manifest.means.nodes.items())},
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


def _parse(saved: Mapping[str, Any], where: Path) -> Manifest:
    if saved["format"] != FORMAT:
        raise ArtifactError(f"{where}: format {saved['format']}, this release reads {FORMAT}; {_REMEDY}")
    if saved["feature_set"] != feature_digest():
        raise ArtifactError(f"{where}: made for evidence {saved['feature_set']}, not {feature_digest()}; {_REMEDY}")
    return Manifest(
        strength=saved["strength"],
        slots=saved["slots"],
        kinds=tuple(saved["kinds"]),
        means=TaskMeans({name: Node(**node) for name, node in saved["means"].items()}),
        salt=bytes.fromhex(saved["salt"]),
        levels=tuple(_level(level) for level in saved["levels"]),
        training=saved["training"],
        metrics=saved["metrics"],
        smooth=_smooth(saved["smooth"]),
    )


def _smooth(saved: Mapping[str, Any] | None) -> Smooth | None:
    if saved is None:
        return None
    curves = {name: (tuple(xs), tuple(alone), tuple(several)) for name, (xs, alone, several) in saved["curves"].items()}
    return Smooth(saved["base"], saved["patterns"], curves)


def _level(saved: Mapping[str, Any]) -> Level:
    curve = saved["calibration"]
    heads = {name: Head(**head) for name, head in curve["heads"].items()}
    return Level(
        members=tuple(saved["members"]),
        calibration=Calibration(tuple(curve["gains"]), tuple(curve["chances"]), heads),
        sequence={t: Stop(tuple(stop["keep"]), stop["hopeless"]) for t, stop in saved["sequence"].items()},
        at_once={t: Stop(tuple(stop["keep"]), stop["hopeless"]) for t, stop in saved["at_once"].items()},
    )
