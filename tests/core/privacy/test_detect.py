"""What is found in a request, what is not, and what is unknown."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.privacy.detect import KINDS, LIMIT, Found, detect

CARD = "4111 1111 1111 1111"


def seen(text: str, **more: Any) -> Found:
    return detect({"model": "auto", "messages": [{"role": "user", "content": text}], **more})


@pytest.mark.parametrize(
    ("text", "kind", "by"),
    [
        (f"My card is {CARD}", "card", "card"),
        ("４１１１ １１１１ １１１１ １１１１", "card", "card"),
        ("4\u200b111-1111-1111-1111", "card", "card"),
        ("4111–1111–1111–1111", "card", "card"),
        ("4111 – 1111 – 1111 – 1111", "card", "card"),
        ("4111 - 1111 - 1111 - 1111", "card", "card"),
        ("4111&nbsp;1111&nbsp;1111&#160;1111", "card", "card"),
        ("**4111** **1111** **1111** **1111**", "card", "card"),
        ("card_4111111111111111", "card", "card"),
        ("creditCard4111111111111111", "card", "card"),
        ("IBANDE89370400440532013000", "iban", "iban"),
        ("ada&#64;lovelace.org", "email", "email"),
        ("my SSN is 078.05.1120", "national_id", "us_ssn"),
        ("SSN 078 - 05 - 1120", "national_id", "us_ssn"),
        ("123.456.789 - 09", "national_id", "br_cpf"),
        ("in 20 minutes DE89370400440532013000", "iban", "iban"),
        ("write to ada@lovelace.org", "email", "email"),
        ("ada [at] lovelace [dot] org", "email", "email"),
        ("mailto:ada%40lovelace.org", "email", "email"),
        ("+49 30 901820", "phone", "phone"),
        ("call me at 030 901820", "phone", "phone"),
        ("(212) 736-5000", "phone", "phone"),
        ("078-05-1120", "national_id", "us_ssn"),
        ("my SSN: 078051120", "national_id", "us_ssn"),
        ("NHS no. 943 476 5919", "national_id", "uk_nhs"),
        ("steuer 86 095 742 719", "national_id", "de_tax"),
        ("2 55 08 14 168 025 38", "national_id", "fr_nir"),
        ("BSN 111222333", "national_id", "nl_bsn"),
        ("123.456.789-09", "national_id", "br_cpf"),
        ("2341 2341 2346", "national_id", "in_aadhaar"),
        ("44051401359", "national_id", "pl_pesel"),
        ("756.9217.0769.85", "national_id", "ch_ahv"),
        ("rssmra85t10a562s", "national_id", "it_fiscal"),
        ("12345678-Z", "national_id", "es_dni"),
        ("AB 12 34 56 C", "national_id", "uk_nino"),
    ],
)
def test_each_kind_is_found_by_its_detector(text: str, kind: str, by: str) -> None:
    found = seen(text)
    assert kind in found.kinds
    assert by in found.by
    assert found.said()["has_pii"] is True
    assert found.said()[f"pii.{kind}"] is True


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "4111 1111 1111 1112",
        "2026-11-25 21:48:23,123 INFO [req-18273645] GET /v1/items/918273 200 18273ms 10.0.12.4",
        "pi is 3.14159265358979323846 and 0.4111111111111111",
        "550e8400-e29b-41d4-a716-446655440000",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "1,234,567,890 of 7 800 000 000 in 1764107303 or 1764107303123",
        "ISBN 978-3-16-148410-0",
        "v1.2.3, 127.0.0.1:4000, ::1, 12:30, 50%, $1,299.00",
        "meet @ 5 at cafe.de",
        "function call 12 with 3 of 4 numbers",
        "850 - 12 - 1234 = -396, and 2341 - 2341 - 2346 is less",
        "version 078.05.1120 of 2019 - 2020 - 2021",
        "4111*1111*1111*1111 and 4111**1111**1111**1111",
        "flashcard_4111111111111111 and order_4111111111111111",
        "AT&T &lt;b&gt; a && b &#8212; c &unheard; &amp;",
        "9 8 7 6 5 4 3 2 1 0 1 2 3 4 5 6 7",
    ],
)
def test_ordinary_text_holds_nothing(text: str) -> None:
    found = seen(text)
    assert found == Found()
    assert set(found.said().values()) == {False}


@pytest.mark.parametrize("address", ["birgit@firma-mueller.de", "legit@acme.com", "a.git@acme.com", "digit@x.org"])
def test_only_git_itself_is_a_repository_and_no_address(address: str) -> None:
    assert "email" in seen(f"write to {address}").kinds
    assert not seen("git clone git@github.com:me/it.git").kinds
    assert not seen("git@github.com:me/it.git").kinds


def test_numbers_of_two_messages_are_not_joined() -> None:
    halves = [{"role": "user", "content": "4111 1111"}, {"role": "user", "content": "1111 1111"}]
    assert detect({"messages": halves}).kinds == frozenset()


def test_what_is_too_long_to_be_searched_is_unknown() -> None:
    found = seen("x" * (LIMIT + 1))
    assert found.unknown == frozenset(KINDS)
    assert found.said()["has_pii"] is None


def test_too_many_numbers_to_look_up_are_unknown_unless_something_else_was_found() -> None:
    many = " ".join(f"+1 999 {n:03d} {n:04d}" for n in range(300))
    assert seen(many).said()["pii.phone"] is None
    assert seen(many).said()["has_pii"] is None
    assert seen(f"{many} {CARD}").said()["has_pii"] is True


def test_a_picture_is_said_to_be_unseen_and_is_no_finding() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    said = detect({"messages": [{"role": "user", "content": [part]}]}).said()
    assert (said["has_pii"], said["pii.unseen"]) == (False, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(content=JSON, extra=JSON)
@settings(max_examples=150, deadline=None)
def test_no_body_raises_anything(content: Any, extra: Any) -> None:
    found = detect({"messages": [{"role": "user", "content": content}], "tools": extra, "x": {"type": extra}})
    assert isinstance(found, Found)


@pytest.mark.parametrize("text", ["\ud800 4111111111111111", "\x00" * 50 + CARD, "a@" * 500, "(" * 5000, "+" * 5000])
def test_odd_letters_raise_nothing(text: str) -> None:
    assert isinstance(seen(text), Found)


def test_more_digits_than_are_looked_at_are_unknown_and_what_was_found_before_stands() -> None:
    table = "\n".join(f"2026-01-{n % 28 + 1:02d} {n % 24:02d}" for n in range(12_000))
    said = seen(table).said()
    assert (said["pii.card"], said["has_pii"]) == (None, None)
    assert seen(f"{CARD}\n{table}").said()["pii.card"] is True


def test_one_long_stretch_of_digits_is_not_looked_through_to_its_end() -> None:
    said = seen("4111 1111 1111 1112 " * 20_000 + CARD).said()
    assert (said["pii.card"], said["has_pii"]) == (None, None)


def test_a_card_in_a_servers_id_is_found_and_a_telephone_number_there_is_none() -> None:
    def told(made: str) -> Found:
        return detect({"messages": [{"role": "tool", "tool_call_id": made, "content": "done"}]})

    for made in ("call_4111111111111111", "call_4111-1111-1111-1111", "toolu_4111111111111111", "fc_4111111111111111"):
        assert told(made).kinds == {"card"}, made
    assert told("ghp_" + "aB3dE5fG7hJ9kL1mN3pQ" * 2).kinds == {"secret"}
    assert not told("call_550e8400-e29b-41d4-a716-446655440000").kinds
    assert not told("call_2127365000").kinds
    assert not told("call_aB3dE5fG7hJ9kL1mN3pQ5rS7").kinds


def test_a_wide_dash_behind_digits_written_one_by_one_hides_none_of_them() -> None:
    assert seen("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 - 5").kinds == {"card"}
