"""The ports stay small: at most five methods each, so that a new kind is an afternoon."""

import inspect

import pytest

from router.core import ports

PORTS = (ports.Upstream, ports.Judge, ports.Store, ports.Observer)


@pytest.mark.parametrize("port", PORTS, ids=lambda port: str(port.__name__))
def test_a_port_has_at_most_five_members_each_with_its_promise(port: type) -> None:
    members = {name: member for name, member in vars(port).items() if not name.startswith("_")}
    methods = {name: member for name, member in members.items() if inspect.isfunction(member)}
    assert 1 <= len(methods) <= 5
    assert [name for name, member in members.items() if not inspect.getdoc(member)] == []


def test_an_answer_is_whole_unless_said_otherwise() -> None:
    answer = ports.Answer({"content": "hi"}, "stop")
    assert (answer.complete, answer.logprobs) == (True, ())
