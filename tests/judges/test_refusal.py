"""The judge of willingness: who declines is heard in seven languages, who only sounds like it is not."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.core.exchange import ACCEPT, ESCALATE, WAIT, Verdict
from router.core.ports import Answer
from router.judges.phrases import declining
from router.judges.refusal import HEAD, LONG, PAST, SHORT, Refusal

DECLINES = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, but I can’t assist with that request.",
    "I cannot help with that.",
    "As an AI language model, I don't have access to live prices.",
    "Sorry, I can't do that.",
    "**I'm sorry**, but I can't do it.",
    "Unfortunately, I am unable to provide that information.",
    "I understand that this is hard. However, I cannot help with this.",
    "Thank you for asking, but I cannot answer that.",
    "I must decline this request.",
    "That's not something I can do.",
    "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
    "Leider kann ich diese Anfrage nicht beantworten.",
    "Als KI-Sprachmodell kann ich dazu keine Angaben machen.",
    "Das kann ich leider nicht tun.",
    "Es tut mir leid, aber dabei kann ich nicht helfen.",
    "Danke für die Frage, aber darüber kann ich keine Auskunft geben.",
    "Ich kann Ihnen zu Ihrem Konto keine genaueren Informationen geben.",
    "Merci pour votre question, mais je ne peux pas vous aider.",
    "Gracias por preguntar, pero no puedo ayudarte con eso.",
    "Je suis désolé, mais je ne peux pas vous aider.",
    "En tant que modèle de langage, je n'ai pas accès à cela.",
    "Je ne peux pas répondre à cette demande.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "Como modelo de lenguaje, no tengo acceso.",
    "No puedo proporcionar esa información.",
    "Mi dispiace, ma non posso aiutarti.",
    "In quanto intelligenza artificiale non posso farlo.",
    "Non posso fornire queste informazioni.",
    "Desculpe, mas não posso ajudar com isso.",
    "Como uma IA, não tenho acesso a isso.",
    "Não posso fornecer essa informação.",
    "Het spijt me, maar ik kan je daar niet mee helpen.",
    "Als AI-taalmodel kan ik daar geen antwoord op geven.",
    "Daar kan ik u helaas niet mee helpen.",
]
ANSWERS = [
    "I can't recommend this café enough: the bread is warm.",
    "I can't help but smile at that.",
    "\"I'm sorry, but I can't help,\" said the robot.",
    "> I'm sorry, but I can't help with that.",
    "Dear John,\n\nUnfortunately, I can't attend the meeting on Monday.",
    "The error says that I cannot be null.",
    "I'm sorry to hear that your cat is ill. Give it water.",
    "Sorry for the confusion: the answer is 12.",
    "Unfortunately the train is late.",
    "Sure! Here is how to decline politely: say that you cannot help with that.",
    "You can't write to a closed file.",
    "4",
    "Ich kann es kaum erwarten.",
    "Ich kann nicht genug betonen, wie gut das ist.",
    "Leider regnet es.",
    "Ich kann keine Fehler finden, hier die Antwort: 4",
    "Ich kann dir das erklären: Es gibt keine Angaben dazu.",
    "Das kann ich nicht oft genug sagen: Wasser ist wichtig.",
    "Davon gibt es drei, aber nicht alle sind blau.",
    "Je ne peux pas m'empêcher de rire.",
    "No puedo esperar.",
    "Non posso credere che sia finita!",
    "Não posso reclamar.",
    "Ik kan niet wachten!",
]


def judged(text: object, complete: bool = True, request: dict[str, Any] | None = None, **message: Any) -> Verdict:
    answer = Answer({"content": text, **message}, "stop" if complete else None, complete)
    return Refusal().judge(request or {}, answer, ())


@pytest.mark.parametrize("text", DECLINES)
def test_who_declines_is_sent_on(text: str) -> None:
    verdict = judged(text)
    assert (verdict.judge, verdict.action, verdict.score) == ("refusal", ESCALATE, 0.0)
    assert verdict.evidence[0] == 1.0
    assert verdict.evidence[2] == len(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_who_only_sounds_like_it_is_kept(text: str) -> None:
    verdict = judged(text)
    assert (verdict.action, verdict.score, verdict.evidence) == (ACCEPT, 1.0, (0.0, -1.0, float(len(text))))


def test_the_refusal_field_is_enough() -> None:
    verdict = judged(None, refusal="No.")
    assert (verdict.action, verdict.reason) == (ESCALATE, "the refusal field is set")


def test_the_reason_says_where_and_quotes_nothing() -> None:
    assert judged("I see. However, I cannot help with that.").reason == "a refusal at character 16"


def test_an_answer_that_goes_on_to_help_is_kept_and_scored_by_how_long_it_goes_on() -> None:
    opening = DECLINES[0]
    assert judged(opening.ljust(SHORT, "x")).score == 0.0
    assert judged(opening.ljust((SHORT + LONG) // 2 - 1, "x")).action == ESCALATE
    assert judged(opening.ljust((SHORT + LONG) // 2, "x")).action == ACCEPT
    assert judged(opening.ljust(LONG, "x")).score == 1.0


def test_a_refusal_late_in_the_answer_is_none() -> None:
    assert judged("First. Second. Third. " + DECLINES[0]).action == ACCEPT


def test_a_refusal_that_was_to_be_translated_is_an_answer() -> None:
    ask = {"role": "user", "content": [{"type": "text", "text": "Auf Englisch: „" + DECLINES[11] + "“"}]}
    history = [{"role": "user", "content": "Hi"}, ask, {"role": "assistant", "content": "…"}]
    assert judged(DECLINES[0], request={"messages": history}).reason == "the request itself contains a refusal"
    assert judged(DECLINES[0], request={"messages": history[:1]}).action == ESCALATE


def test_a_request_that_outgrows_the_pattern_s_memory_is_judged_without_a_word_on_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked = "Leider kann ich das so nicht sagen, aber die Antwort ist lang. " * 30
    verdict = judged("I must decline this request.", request={"messages": [{"role": "user", "content": asked}]})
    assert verdict.evidence[0] == 1.0
    assert capfd.readouterr().err == ""


def test_a_tool_call_refuses_nothing() -> None:
    assert judged(DECLINES[0], tool_calls=[{"id": "a"}]).action == ACCEPT
    assert judged(None).action == ACCEPT


def test_a_prefix_waits_until_there_is_enough_of_it() -> None:
    assert judged("Paris", complete=False).action == WAIT
    assert judged("I " + "x" * (PAST - 3), complete=False).action == WAIT
    assert judged("I " + "x" * PAST, complete=False).action == ACCEPT
    assert judged("One. Two. Three", complete=False).action == WAIT
    assert judged("It is so. It was so. It will be so. And", complete=False).action == ACCEPT
    assert judged(DECLINES[0].ljust(HEAD, "x"), complete=False).action == WAIT
    assert judged(DECLINES[0].ljust(LONG, "x"), complete=False).action == ACCEPT


@pytest.mark.parametrize("text", DECLINES)
@pytest.mark.parametrize("before", ["", "Hello there. ", "Thank you for asking me about all of that today! "])
def test_no_prefix_passes_whose_whole_declines(before: str, text: str) -> None:
    whole = before + text
    if judged(whole).action == ESCALATE:
        parts = [whole[:end] for end in range(len(whole)) if whole[:end].strip()]
        assert [part for part in parts if judged(part, complete=False).action == ACCEPT] == []


@pytest.mark.parametrize(
    ("text", "passes_at"),
    [
        ("The tide comes in twice a day. The moon pulls at the water on the near side.", 55),
        ("Paris, the capital of France, has two million people living in it. Lyon has fewer, as has Nice.", 91),
        ('{\n  "city": "Paris", "country": "France"}', 24),
        ("Certainly! Here is a short poem about the sea and the wind on it.", 35),
        ("I think that the tide comes in twice a day, since the moon pulls at the water.", None),
        ("This is how it works: the tide comes in twice a day, since the moon pulls.", None),
    ],
)
def test_a_beginning_that_cannot_decline_passes_as_soon_as_that_is_sure(text: str, passes_at: int | None) -> None:
    parts = [end for end in range(1, len(text) + 1) if judged(text[:end], complete=False).action == ACCEPT]
    assert (parts[0] if parts else None) == passes_at
    assert not parts or parts == list(range(parts[0], len(text) + 1))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(re.compile(declining(anchored=True))))
def test_whatever_the_patterns_can_make_up_passes_at_no_length(text: str) -> None:
    if judged(text[: LONG - 1]).action == ESCALATE:
        parts = [text[:end] for end in range(1, min(len(text), PAST)) if text[:end].strip()]
        assert [part for part in parts if judged(part, complete=False).action == ACCEPT] == []


@given(st.text(), st.text())
def test_no_text_makes_it_raise(text: str, ask: str) -> None:
    messages = {"messages": [{"role": "user", "content": ask}]}
    assert judged(text, request=messages).action in (ACCEPT, ESCALATE)
    assert judged("I cannot help. \ud800" + text, request=messages).judge == "refusal"


@pytest.mark.parametrize("run", [" ", "*", "I can't ", "ich kann ", ",", "\n", "I'm sorry, "])
def test_a_megabyte_of_anything_is_judged(run: str) -> None:
    text = run * (1_000_000 // len(run))
    assert judged(text, request={"messages": [{"role": "user", "content": text}]}).action == ACCEPT
