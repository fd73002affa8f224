"""One walk over the messages: what all who measure a chat body start from."""

from typing import Any

import pytest

from classifier.ask import last_ask, system_text
from classifier.conversation import conversation_of
from classifier.features import extract, packed
from classifier.task import elements

PICTURE = {"type": "image_url", "image_url": {"url": "data:"}}
BODY: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]},
        "no message",
        {"role": "assistant", "content": None},
        {"role": "user", "content": "<system-reminder>Stay calm.</system-reminder>"},
    ]
}


def test_it_holds_roles_texts_and_parts_in_order() -> None:
    talk = conversation_of(BODY)
    assert talk.turns == 5
    assert talk.roles == ["system", "user", "assistant", "user"]
    assert talk.texts == ["Be brief.", "What is this?", "", BODY["messages"][-1]["content"]]
    assert talk.parts == [{"type": "text", "text": "What is this?"}, PICTURE]
    assert talk.system == ["Be brief."]


def test_the_ask_is_the_newest_words_of_a_person_and_not_a_harness() -> None:
    assert conversation_of(BODY).ask == "What is this?"


@pytest.mark.parametrize(
    "body", [BODY, {}, {"prompt": "Say hi."}, {"messages": None}, {"messages": [{"role": "user"}]}]
)
def test_it_reads_what_the_single_readings_read(body: dict[str, Any]) -> None:
    talk = conversation_of(body)
    assert talk.ask == last_ask(body)
    assert "\n".join(talk.system) == system_text(body)


def test_features_and_task_are_the_same_with_a_conversation_read_before() -> None:
    talk = conversation_of(BODY)
    assert extract(BODY, talk).tobytes() == extract(BODY).tobytes()
    assert elements(BODY, talk) == elements(BODY)


def test_the_packed_features_are_the_vectors_bytes() -> None:
    assert packed(BODY, conversation_of(BODY)) == extract(BODY).tobytes()
