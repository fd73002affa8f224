"""The options that commands share."""

import argparse
from pathlib import Path

from router.cli.options import add_config


def test_the_configuration_is_a_path_and_config_yaml_unless_said() -> None:
    parser = argparse.ArgumentParser()
    add_config(parser)
    assert parser.parse_args([]).config == Path("config.yaml")
    assert parser.parse_args(["--config", "other.yaml"]).config == Path("other.yaml")
