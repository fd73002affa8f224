"""A record becomes one line of JSON, and the line becomes complete rows again."""

from decimal import Decimal
from types import MappingProxyType

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.errors import LedgerUnwritable
from router.store.rows import Rows, decode, encode, rows_of
from router.store.tables import EXCHANGES
from tests.store.records import closed, content, opened


def test_a_record_is_one_line() -> None:
    assert b"\n" not in encode(rows_of(closed(user="two\nlines", tags={"a\nb": "c\nd"}), "boot"))


def test_a_decoded_exchange_has_every_column() -> None:
    (row,) = decode(encode(rows_of(closed(), "boot"))).exchanges
    assert set(content(row)) == set(EXCHANGES.columns.keys())
    assert content(row)["writer"] == "boot"


def test_what_json_does_not_know_is_written_plainly() -> None:
    signals = MappingProxyType({"price": Decimal("0.1"), "supports": frozenset({"tools", "json"})})
    (row,) = decode(encode(rows_of(closed(signals=signals), "boot"))).exchanges
    assert content(row)["signals"] == {"price": "0.1", "supports": ["json", "tools"]}


def test_what_does_not_belong_in_the_ledger_is_refused() -> None:
    with pytest.raises(LedgerUnwritable, match="cannot be written"):
        encode(rows_of(closed(signals={"thing": object()}), "boot"))


@given(user=st.text(), features=st.binary(max_size=64), key=st.text(max_size=5))
def test_any_text_and_any_bytes_come_back_as_they_were(user: str, features: bytes, key: str) -> None:
    (row,) = decode(encode(rows_of(closed(user=user, features=features, tags={key: user}), "boot"))).exchanges
    told = content(row)
    assert (told["user"], told["features"], told["tags"]) == (user, features, {key: user})


@pytest.mark.parametrize("payload", [b"", b"{", b"7", b"null", b'"text"', b'{"attempts":7}', b'{"attempts":[{}]}'])
def test_a_payload_that_is_no_record_raises_what_the_writer_expects(payload: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(payload)


@pytest.mark.parametrize("began", [253402300800000000, -62135600000000000, 10**22, 1e300])
def test_nor_does_one_that_began_in_no_year_there_is_stop_the_writer(began: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        decode(orjson.dumps({"attempts": [{"id": "a", "started_at": float(began)}]}))


def test_a_payload_of_other_things_holds_no_rows() -> None:
    assert decode(b'{"colours":["red"]}') == Rows()


def test_an_attempt_is_a_record_of_its_own() -> None:
    rows = decode(encode(rows_of(opened("x"), "boot")))
    assert [content(row)["exchange"] for row in rows.attempts] == ["x"]
    assert rows.exchanges == ()
