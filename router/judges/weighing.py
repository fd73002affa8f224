"""The answers of a step as the classifier's second stage reads them."""

from classifier.verifier import Given
from router.core.logprobs import of_content
from router.core.ports import Answer, Said


def given_of(answer: Answer) -> tuple[Given, ...]:
    """Every answer to the request so far, the judged one last; of a step that asked once, that one alone."""
    said = answer.hearing.given or (Said("", "", answer),)
    return tuple(_given(one) for one in said)


def _given(said: Said) -> Given:
    answer = said.answer
    return Given(
        member=said.member,
        digest=said.digest,
        message=answer.message,
        finish_reason=answer.finish_reason,
        tokens=said.tokens,
        logprobs=of_content(answer.logprobs),
        flags=said.flags,
    )
