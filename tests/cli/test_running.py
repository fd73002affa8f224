"""Where the server of a configuration is looked for."""

from dataclasses import replace

import pytest

from router.cli.running import address_of
from router.config import load_config
from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4711"),
        ("::1", "http://[::1]:4711"),
        ("0.0.0.0", "http://127.0.0.1:4711"),
        ("::", "http://[::1]:4711"),
        ("proxy.lan", "http://proxy.lan:4711"),
    ],
)
def test_it_is_where_the_configuration_says_that_it_listens(host: str, url: str, shell: Shell) -> None:
    config = load_config(shell.write(), environ={})
    config = replace(config, listen=replace(config.listen, host=host, port=4711))
    assert address_of(config) == url
