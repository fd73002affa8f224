"""What is found and what is taught of an upstream, together."""

from router.core.families import FAMILIES, Traits
from router.core.lessons import Lesson
from router.core.sanitise.target import digest_of
from router.pipeline.traits import MAX_LESSONS, MAX_VALUES, KnownTraits


def test_of_whom_nothing_is_known_everything_is_believed() -> None:
    traits = KnownTraits()
    assert (traits.target("small"), traits.lacks("small")) == (None, frozenset())


def test_what_was_found_is_told() -> None:
    traits = KnownTraits()
    traits.tell("small", FAMILIES["ollama"])
    assert traits.target("small") == FAMILIES["ollama"].target
    assert "n" in traits.lacks("small")
    assert traits.about() == {"small": FAMILIES["ollama"]}


def test_a_lesson_stays_when_the_server_is_found_to_be_another() -> None:
    traits = KnownTraits()
    traits.learn("small", Lesson(rejects="store"))
    traits.tell("small", FAMILIES["vllm"])
    target = traits.target("small")
    assert target is not None
    assert target.name == "vllm"
    assert target.rejects == {"store"}
    assert traits.lessons("small") == ("store refused",)
    traits.tell("small", Traits())
    assert traits.target("small") is not None


def test_a_lesson_is_learnt_once_and_there_is_an_end_to_them() -> None:
    traits = KnownTraits()
    for _ in range(2):
        for number in range(MAX_LESSONS + 5):
            traits.learn("small", Lesson(rejects=f"field_{number}"))
    assert len(traits.lessons("small")) == MAX_LESSONS


def test_any_number_of_values_leaves_room_for_the_fields_and_the_oldest_are_forgotten() -> None:
    traits = KnownTraits()
    for number in range(MAX_VALUES + 5):
        traits.learn("small", Lesson(rejects="temperature", value=digest_of(number)))
    traits.learn("small", Lesson(rejects="store"))
    target = traits.target("small")
    assert target is not None
    assert len(target.refused["temperature"]) == MAX_VALUES
    assert (target.takes("temperature", 0), target.takes("temperature", MAX_VALUES + 4)) == (True, False)
    assert not target.takes("store", True)


def test_what_one_request_taught_for_itself_is_not_kept() -> None:
    traits = KnownTraits()
    traits.learn("big", Lesson(rejects="temperature", lasting=False))
    assert traits.target("big") is None
    assert traits.lessons("big") == ()
