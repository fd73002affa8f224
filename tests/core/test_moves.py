"""Commands and events: plain data, told apart by type."""

from router.core.exchange import Reason
from router.core.moves import Ask, Command, Event, Failed, Replied


def test_an_ask_is_about_the_first_member_unless_it_says_otherwise() -> None:
    ask = Ask(3, 1, Reason.PANEL, held=True)
    assert (ask.member, ask.question, ask.retries, ask.prefix) == (0, None, None, False)


def test_no_event_is_a_command() -> None:
    assert not {*Command.__args__} & {*Event.__args__}
    assert {Replied, Failed} <= {*Event.__args__}
