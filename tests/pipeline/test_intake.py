"""All bodies under way take no more than they may, whatever they are made of, and what is over makes room."""

import pytest

from router.core.errors import Overloaded
from router.pipeline.intake import IN_ALL, LARGEST, Intake, weight_of

MB = 2**20


@pytest.mark.parametrize("number", [9, 90])
def test_no_number_of_requests_takes_more_than_twice_the_limit(number: int) -> None:
    intake = Intake()
    shares = [intake.share(64 * MB) for _ in range(number)]
    refused = 0
    for _ in range(200):
        for share in shares:
            try:
                share.take(MB)
            except Overloaded:
                refused += 1
            assert intake.holding.bytes <= 2 * IN_ALL + refused * MB
    assert refused


def test_a_small_request_goes_on_beside_large_ones() -> None:
    intake = Intake()
    for _ in range(3):
        intake.share(64 * MB).take(170 * MB)
    with intake.share(64 * MB) as small:
        small.take(MB)
    with pytest.raises(Overloaded, match="over 512 MB together"), intake.share(64 * MB) as large:
        large.take(200 * MB)
    assert intake.holding.bytes == 510 * MB


def test_where_larger_bodies_are_taken_there_is_room_for_some() -> None:
    with Intake().share(1024 * MB) as share:
        share.take(LARGEST * 1024 * MB)


@pytest.mark.parametrize(
    ("raw", "weight"),
    [
        (b"a" * 100, 200),
        ("é".encode() * 50, 400),
        ("中".encode() * 30 + b"a" * 10, 400),
        ("😀".encode() + b"a" * 96, 600),
        (b"\\ud83d\\ude00" + b"a" * 88, 600),
        (b"[1,2,3]", 14 + 2 * 80),
    ],
)
def test_a_body_weighs_what_its_text_and_its_values_take(raw: bytes, weight: int) -> None:
    assert weight_of(raw) == weight
