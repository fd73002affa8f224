"""The tree of errors: each branch has the status, type and code that SDKs look at."""

import pytest

from router.core import errors
from router.core.errors import Problem, RouterError, SetupError, UpstreamError, UpstreamFailed, UpstreamRefused

TABLE = [
    ("BadRequest", 400, "invalid_request_error", None),
    ("Unauthenticated", 401, "authentication_error", "invalid_api_key"),
    ("Forbidden", 403, "permission_error", "forbidden"),
    ("UnknownModel", 404, "invalid_request_error", "model_not_found"),
    ("TooSlow", 408, "invalid_request_error", "request_timeout"),
    ("TooLarge", 413, "invalid_request_error", "request_too_large"),
    ("LedgerUnwritable", 503, "service_unavailable", "ledger_unwritable"),
]
THEIRS = [
    ("UpstreamFailed", 502, "api_error", "upstream_failed"),
    ("UpstreamTimeout", 504, "timeout_error", "upstream_timeout"),
    ("NotReady", 503, "service_unavailable", "not_ready"),
]


@pytest.mark.parametrize(("name", "status", "kind", "code"), TABLE)
def test_an_error_of_ours_has_its_status_type_and_code(name: str, status: int, kind: str, code: str | None) -> None:
    error: RouterError = getattr(errors, name)("mend it")
    assert (error.status, error.type, error.code, str(error)) == (status, kind, code, "mend it")


@pytest.mark.parametrize(("name", "status", "kind", "code"), THEIRS)
def test_an_error_of_theirs_keeps_who_it_was_and_what_they_said(name: str, status: int, kind: str, code: str) -> None:
    error: UpstreamError = getattr(errors, name)("no", upstream="big", upstream_status=500, body=b"{}")
    assert (error.status, error.type, error.code) == (status, kind, code)
    assert (error.upstream, error.upstream_status, error.body) == ("big", 500, b"{}")


def test_a_code_given_wins_over_the_branchs_own() -> None:
    assert errors.Forbidden("no", code="local_only").code == "local_only"


@pytest.mark.parametrize(("status", "ours"), [(400, False), (401, True), (403, True), (404, False)])
def test_only_401_and_403_speak_of_our_key(status: int, ours: bool) -> None:
    assert UpstreamRefused("no", upstream="big", upstream_status=status).about_our_key is ours


def test_a_failure_is_believed_sent_unless_its_file_knows_better() -> None:
    assert UpstreamFailed("cut", upstream="big").unsent is False


def test_what_others_wrote_is_said_again_in_short() -> None:
    error = RouterError("x" * 1_000_000, param="y" * 1_000_000)
    assert (len(error.message), len(error.param or "")) == (10_000, 200)


def test_a_problem_is_one_line_with_its_place_and_its_remedy() -> None:
    problem = Problem("config.yaml", 3, "listen.port", "70000 is not a port", "give one up to 65535")
    assert str(problem) == "config.yaml:3: listen.port: 70000 is not a port; give one up to 65535"


def test_a_problem_of_a_whole_file_has_no_gap_where_line_and_key_would_be() -> None:
    assert str(Problem("config.yaml", None, "", "is empty", "write it")) == "config.yaml: is empty; write it"


def test_a_setup_error_tells_every_problem() -> None:
    problems = [Problem("a", 1, "b", "c", "d"), Problem("e", 2, "f", "g", "h")]
    error = SetupError(problems)
    assert str(error) == error.message
    assert str(error).splitlines() == [str(problem) for problem in problems]
    assert error.problems == tuple(problems)
