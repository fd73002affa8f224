"""An offer of another protocol leaves a head whole, and is gone however the head is cut."""

import pytest

from router.api.offer import MAX_HELD, without_offer

START = b"POST /v1/chat/completions HTTP/1.1\r\nconnection: Upgrade, HTTP2-Settings\r\n"
REST = b"\r\nhost: x\r\nx-upgraded: Upgrade: h2c\r\nupgrade-insecure-requests: 1\r\n\r\nbody\r\nUpgrade: h2c\r\nmore"
OFFERS = (b"Upgrade: h2c", b"upgrade:h2c, websocket", b"UPGRADE: \t H2C", b"upgrade: websocket", b"upgrade:")


def fed(*pieces: bytes) -> bytes:
    """What the parser is given of a head that comes in these pieces; what stands behind its end comes in one."""
    given, held = b"", b""
    for piece in pieces:
        passed, held = without_offer(held + piece)
        given += passed
    assert held == b""
    return given


@pytest.mark.parametrize("offer", OFFERS)
def test_it_is_gone_wherever_the_head_is_cut(offer: bytes) -> None:
    head = START + offer + REST
    for cut in range(1, head.index(b"body")):
        assert fed(head[:cut], head[cut:]) == START[:-2] + REST


@pytest.mark.parametrize("offer", OFFERS)
def test_it_is_gone_from_a_head_that_comes_byte_by_byte(offer: bytes) -> None:
    head = START + offer + REST
    end = head.index(b"body")
    assert fed(*(head[at : at + 1] for at in range(end - 1)), head[end - 1 :]) == START[:-2] + REST


def test_any_other_head_is_given_on_as_it_is() -> None:
    head = START + b"upgrades: websocket\r\nu: h2c\r\nup" + REST
    for cut in range(1, len(START) + 30):
        assert fed(head[:cut], head[cut:]) == head


def test_a_line_without_an_end_waits_no_longer_than_it_must() -> None:
    passed, held = without_offer(START + b"Upgrade: h2c" + b"a" * MAX_HELD)
    assert (len(passed), held) == (len(START) + 12 + MAX_HELD, b"")
    passed, held = without_offer(START + b"Upgrade: h2c" + b"a" * (MAX_HELD - 100))
    assert passed == START[:-2]
