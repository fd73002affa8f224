"""One upstream on several machines, as a row says it."""

import pytest

from router.core.upstream import UpstreamSpec
from tests.config.conftest import Desk

TWO = "['http://127.0.0.1:8000/v1', 'http://10.0.0.7:8000/v1/']"


def test_the_first_machine_is_the_address_and_all_are_known(desk: Desk) -> None:
    spec: UpstreamSpec = desk.load(desk.server(url="", urls=TWO, local="true")).upstreams["third"]
    assert spec.url == "http://127.0.0.1:8000/v1"
    assert spec.urls == ("http://127.0.0.1:8000/v1", "http://10.0.0.7:8000/v1")


@pytest.mark.parametrize(
    ("keys", "key", "words"),
    [
        ({"urls": TWO}, "urls", "stands beside `url`"),
        ({"url": "", "urls": "['http://h/v1', 'http://h/v1/']"}, "urls", "names a machine twice"),
        ({"url": "", "urls": "['http://h/v1', 'h:80']"}, "urls", "no http(s) URL with a host"),
        ({"url": "", "urls": "['http://u:p@h/v1']"}, "urls", "a URL with a user or password"),
        ({"url": "", "urls": "['http://h/v1?a=b']"}, "urls", "a base URL ends with its path"),
        ({"url": "", "urls": "http://h/v1"}, "urls", "must be a list of words"),
        (
            {"url": "", "urls": "['http://127.0.0.1/v1', 'http://8.8.8.8/v1']", "local": "true"},
            "local",
            "must be loopback",
        ),
    ],
)
def test_what_is_wrong_with_them_is_told(keys: dict[str, str], key: str, words: str, desk: Desk) -> None:
    problems = desk.problems(desk.server(**keys) + "baseline: third\n")
    assert any(problem.path == f"upstreams.third.{key}" and words in problem.message for problem in problems), problems
