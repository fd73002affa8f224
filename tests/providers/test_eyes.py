"""A small model with eyes gets the pictures it can read, and the big one the rest: docs/providers/vision/eyes.yaml."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.providers.conftest import Page
from tests.providers.test_providers import PICTURE, WEATHER

GIVEN_UP = "I'm sorry, but I can't make out the text in this image."


@pytest.fixture
def page(pages: Callable[[str], Page]) -> Page:
    """The configuration for compatible servers; each answers with its own name."""
    opened = pages("compatible")
    for name, server in opened.servers.items():
        server.says(f"{name} answers")
    return opened


def ask(page: Page, *, pictures: int = 0, text: str = "What does it say?", **body: Any) -> httpx.Response:
    parts = [{"type": "text", "text": text}, *(PICTURE[1] for _ in range(pictures))]
    whole = {"model": "auto", "messages": [{"role": "user", "content": parts}], **body}
    return page.house.http.post("/v1/chat/completions", json=whole)


def served(answer: httpx.Response) -> tuple[str, str]:
    """The rule that was met, and who answered."""
    assert answer.status_code == 200, answer.text
    return answer.headers["x-router-rule"], answer.headers["x-router-upstream"]


@pytest.mark.parametrize("pictures", [1, 4])
def test_pictures_that_fit_go_to_the_small_model_with_eyes(page: Page, pictures: int) -> None:
    answer = ask(page, pictures=pictures)
    assert served(answer) == ("pictures", "eyes")
    assert answer.json()["choices"][0]["message"]["content"] == "eyes answers"
    assert str(page.servers["eyes"].requests[-1].json).count("base64,") == pictures


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("too-much-to-see", {"pictures": 5}),
        ("too-much-to-see", {"pictures": 2, "max_tokens": 8000}),
        ("too-much-to-see", {"pictures": 1, "text": "word " * 7000}),
        ("tools-over-pictures", {"pictures": 1, "tools": [WEATHER]}),
    ],
)
def test_the_rest_goes_to_the_big_one(page: Page, rule: str, more: dict[str, Any]) -> None:
    asked = len(page.servers["eyes"].requests)
    assert served(ask(page, **more)) == (rule, "big")
    assert len(page.servers["eyes"].requests) == asked


def test_what_it_gives_up_on_goes_to_the_big_one(page: Page) -> None:
    page.servers["eyes"].says(GIVEN_UP)
    answer = ask(page, pictures=1)
    assert served(answer) == ("pictures", "big")
    assert answer.headers["x-router-escalated"] == "refusal"


def test_a_server_that_refuses_a_picture_is_no_dead_end(page: Page) -> None:
    page.servers["eyes"].fails(400, {"error": {"message": "image input is not supported", "code": 400}})
    answer = ask(page, pictures=1)
    assert served(answer) == ("pictures", "big")
    assert answer.headers["x-router-fallback"] == "unsupported_parameter"


def test_a_picture_never_goes_to_the_small_model_for_text(page: Page) -> None:
    asked = len(page.servers["small"].requests)
    for pictures in (1, 5):
        ask(page, pictures=pictures)
    assert len(page.servers["small"].requests) == asked
