"""Code, language and field of a request, told by its words alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.topic import LOOKED_AT, topic_of


def ask(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Why does this fail?\n```\nx = 1\n```", True),
        ("def add(a, b): return a + b", True),
        ("Write a python function with a unittest for it", True),
        ("SELECT name FROM users WHERE id = 7;", True),
        ("Which class of ship was she?", False),
        ("What is the capital of France?", False),
        ("I import coffee and let rooms.", False),
        ("", False),
    ],
)
def test_code_is_told_from_words_about_other_things(text: str, code: bool) -> None:
    assert topic_of(ask(text)).code is code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the capital of the country with this flag?", "en"),
        ("Was ist die Hauptstadt von dem Land und wie groß ist sie?", "de"),
        ("Quelle est la capitale de la France et comment y aller pour le week-end ?", "fr"),
        ("¿Cuál es la capital del país y cuánto cuesta el viaje por los montes?", "es"),
        ("Qual è la capitale del paese e perché gli abitanti non sono molti?", "it"),
        ("Qual é a capital do país e por que os preços são mais altos para uma família?", "pt"),
        ("Wat is de hoofdstad van het land en hoe kom ik naar een hotel?", "nl"),
        ("フランスの首都はどこですか", "ja"),
        ("法国的首都是哪里", "zh"),
        ("프랑스의 수도는 어디입니까", "ko"),
        ("Какая столица Франции?", "ru"),
        ("ما هي عاصمة فرنسا؟", "ar"),
        ("1 + 1", None),
        ("", None),
    ],
)
def test_the_language_is_told_by_script_or_common_words(text: str, language: str | None) -> None:
    assert topic_of(ask(text)).language == language


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Solve the equation and compute the sum", "math"),
        ("Is this clause of the contract legal?", "law"),
        ("Which dose of this medication for the patient?", "medicine"),
        ("Draft an email and a headline", "writing"),
        ("What is the tax on this dividend?", "finance"),
        ("Refactor this function", "code"),
        ("Hello there", None),
        ("a contract and a tax", None),
    ],
)
def test_a_field_is_named_when_its_words_prevail(text: str, domain: str | None) -> None:
    assert topic_of(ask(text)).domain == domain


@given(st.text(max_size=300))
def test_it_is_total_and_never_raises(text: str) -> None:
    assert topic_of(ask(text)) == topic_of(ask(text))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert topic_of(ask("x " * LOOKED_AT + "def add(a, b): return a")).code is False
