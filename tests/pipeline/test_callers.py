"""Whose token a call carries, and whose a refusal is."""

import pytest

from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.upstream import UpstreamSpec
from router.pipeline.callers import callers_own, token_for

OURS = UpstreamSpec("big", "openai", "m", key="sk-row")
THEIRS = UpstreamSpec("big", "openai", "m", passes_key=True)


def refused(status: int) -> UpstreamRefused:
    return UpstreamRefused("no: sk-own", upstream="big", upstream_status=status, body=b'{"error": "sk-own"}')


def test_a_row_with_a_key_of_its_own_gets_no_callers_token() -> None:
    assert (token_for(OURS, "sk-own"), token_for(THEIRS, "sk-own")) == ("", "sk-own")


def test_without_a_token_it_is_a_401_of_the_callers_with_what_to_send() -> None:
    with pytest.raises(UpstreamRefused, match="send it as `Authorization: Bearer …`") as error:
        token_for(THEIRS, "")
    assert (error.value.upstream_status, error.value.code, error.value.about_our_key) == (401, "no_token", False)


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_what_is_said_of_a_token_and_its_account_is_the_callers(status: int) -> None:
    error = refused(status)
    assert callers_own(THEIRS, "sk-own", error)
    assert (error.about_our_key, error.message, error.body) == (False, "no: [key]", b'{"error": "[key]"}')


def test_what_is_said_of_ours_is_the_operators() -> None:
    error = refused(401)
    assert not callers_own(OURS, "sk-own", error)
    assert error.about_our_key


def test_what_the_upstream_itself_did_wrong_is_its_own_and_holds_no_token() -> None:
    failed = UpstreamFailed("broke at sk-own", upstream="big", upstream_status=500)
    assert not callers_own(THEIRS, "sk-own", failed)
    assert not callers_own(THEIRS, "sk-own", refused(400))
    assert failed.message == "broke at [key]"
