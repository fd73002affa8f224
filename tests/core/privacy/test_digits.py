"""Which digits of a text may be somebody's number."""

from router.core.privacy.digits import candidates, card_in, clusters


def cards(text: str) -> list[str]:
    return [
        text[written.start : written.end]
        for cluster, start in clusters(text.encode())
        for written in candidates(cluster, start)
        if card_in(written)
    ]


def test_a_card_is_found_in_every_way_it_is_written_and_at_its_place() -> None:
    for card in (
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41 11 11 11 11 11 11 11",
        "4111 - 1111 - 1111 - 1111",
        "4 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1",
        "4111* *1111* *1111* *1111",
        "4111**-**1111**-**1111**-**1111",
    ):
        assert set(cards(f"pay {card} now")) == {card}


def test_a_card_is_found_between_other_digits() -> None:
    assert cards("12 4111 1111 1111 1111 34") == ["4111 1111 1111 1111"]
    many = " ".join(str(n) for n in range(100, 190))
    assert "4111 1111 1111 1111" in cards(f"{many} 4111 1111 1111 1111 {many}")


def test_a_fraction_is_no_card() -> None:
    assert cards("0.4111111111111111") == []


def test_two_columns_of_numbers_are_not_joined_over_a_wide_gap() -> None:
    assert cards("41111111      11111111") == []


def test_a_long_table_is_read_in_time_that_grows_with_it() -> None:
    row = "1 22 333 4444 "
    few = sum(1 for cluster, start in clusters(row.encode() * 100) for _ in candidates(cluster, start))
    many = sum(1 for cluster, start in clusters(row.encode() * 1000) for _ in candidates(cluster, start))
    assert many <= 11 * max(few, 1)
