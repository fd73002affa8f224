"""Who shares a device: by name, by server, and who does not."""

from router.core.devices import shared_devices
from router.core.upstream import UpstreamSpec


def spec(name: str, url: str = "", **more: object) -> UpstreamSpec:
    return UpstreamSpec(name, "ollama", "m", url, **{"local": True, **more})  # type: ignore[arg-type]


OLLAMA, OTHER = "http://127.0.0.1:11434", "http://127.0.0.1:8000/v1"


def test_two_models_of_one_server_share_it_by_whatever_path_it_is_asked() -> None:
    found = shared_devices([spec("a", OLLAMA), spec("b", f"{OLLAMA}/v1"), spec("c", OTHER)])
    assert found == {"a": "127.0.0.1:11434", "b": "127.0.0.1:11434"}


def test_a_name_in_their_rows_goes_before_their_addresses() -> None:
    assert shared_devices([spec("a", OLLAMA, device="gpu0"), spec("b", OTHER, device="gpu0")]) == {
        "a": "gpu0",
        "b": "gpu0",
    }
    assert shared_devices([spec("a", OLLAMA, device="gpu0"), spec("b", OLLAMA, device="gpu1")]) == {}


def test_what_is_not_local_or_has_no_address_or_several_shares_nothing() -> None:
    rows = [
        spec("a", OLLAMA, local=False),
        spec("b", OLLAMA),
        spec("c"),
        spec("d"),
        spec("e", OTHER, urls=(OTHER, "x")),
    ]
    assert shared_devices([*rows, spec("f", OTHER)]) == {}
