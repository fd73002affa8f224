"""What a reload may not change is refused by name, all of it at once."""

import pytest

from router.core.errors import SetupError
from router.runtime import Runtime
from router.runtime.restart import refuse_what_needs_a_restart
from tests.runtime.conftest import PAIR, WriteConfig


def test_a_reload_cannot_move_the_server_or_its_ledger(write_config: WriteConfig) -> None:
    running = write_config(PAIR)
    fresh = write_config(PAIR.replace("url: memory", 'url: "sqlite:///other.db"') + "listen: {port: 4999}\n")
    with pytest.raises(SetupError) as raised:
        refuse_what_needs_a_restart(running, fresh)
    assert [problem.path for problem in raised.value.problems] == ["listen.port", "store.url"]
    refuse_what_needs_a_restart(running, write_config(PAIR + "reply_model: requested\n"))


async def test_a_running_one_stays_as_it_is(write_config: WriteConfig) -> None:
    runtime = Runtime(write_config(PAIR))
    line = runtime.pipeline
    write_config(PAIR + "listen: {port: 4999}\n")
    with pytest.raises(SetupError, match="restart it"):
        await runtime.reload()
    assert runtime.pipeline is line
    await runtime.stop()
