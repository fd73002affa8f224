"""Where ledger and policies lie is read whatever else stands in the file."""

from pathlib import Path

import pytest

from router.config.place import load_place
from router.core.errors import SetupError

BROKEN = "lisen: {}\nupstreams: {small: {kind: opena}, big: {key: '${BIG_KEY}'}}\npolicies: {folder: mine}\n"


def test_mistakes_and_missing_variables_elsewhere_are_nothing_to_it(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BROKEN + "store: {url: 'sqlite:///${NAME:-ledger}.db', sync: true}\n")
    place = load_place(path, environ={})
    assert (place.store.url, place.store.sync) == (f"sqlite:///{tmp_path}/ledger.db", True)
    assert (place.policies.folder, place.folder) == (tmp_path / "mine", tmp_path)


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("{url: 'mysql://x'}", "store.url"),
        ("{url: 'sqlite:///${NOWHERE}'}", "NOWHERE is not set"),
        ("{url: memory, ulr: x}", "store.ulr"),
        ("[", "config.yaml"),
    ],
)
def test_what_it_needs_itself_must_be_right(store: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"upstreams: discover\nstore: {store}\n")
    with pytest.raises(SetupError, match=told):
        load_place(path, environ={})
