"""The policies in force: the folder's over the package's, every mistake of every file at once."""

from pathlib import Path

import pytest

from router.core.errors import SetupError
from router.core.signals import CATALOGUE, FACTS, PRIVATE, READ
from router.judges import KINDS
from router.runtime.policybook import LOCAL_ONLY, load_policies, names_of, pages
from tests.runtime.conftest import PAIR, WriteConfig

MINE = "policy: mine\notherwise: {plan: [small, big]}\n"
ONLY = "upstreams: {one: {kind: recorded, recording: builtin, price: free}}\nbaseline: one\nstore: {url: memory}\n"


def test_a_policy_may_use_every_signal_fact_and_judge_there_is(write_config: WriteConfig) -> None:
    names = names_of(write_config().upstreams)
    assert set(names.signals) == {*CATALOGUE, *PRIVATE, *READ, LOCAL_ONLY}
    assert (set(names.facts), set(names.judges)) == (set(FACTS), set(KINDS))
    assert names.upstreams == {"small": True, "big": names.upstreams["big"]}


def test_the_packages_policies_are_there_without_a_folder(write_config: WriteConfig) -> None:
    config = write_config()
    assert {"balanced", "observe"} <= set(load_policies(config, config.upstreams))
    assert pages(config.policies.folder)["balanced"].source == "smallfirst:balanced.yaml"


def test_a_shipped_policy_that_holds_its_streams_says_what_that_does_to_the_first_token(
    write_config: WriteConfig,
) -> None:
    config = write_config()
    found, told = load_policies(config, config.upstreams), pages(config.policies.folder)
    held = set()
    for name, policy in found.items():
        plans = [rule.plan for rule in (*policy.rules, policy.otherwise)] if policy.mode.name == "act" else []
        steps = [step for plan in plans for step in plan.steps]
        if any(step.confers or (step.judges and step.stream == "hold") for step in steps):
            held.add(name)
    assert held == {"balanced", "quality-first", "private"}
    lines = {name: " ".join(told[name].text.partition("policy:")[0].replace("#", "").split()) for name in held}
    assert [name for name in held if "later than 1.5 times what the baseline takes directly" not in lines[name]] == []


def test_the_folder_adds_and_overrides(write_config: WriteConfig) -> None:
    config = write_config(mine=MINE, balanced="policy: balanced\nabout: ours\notherwise: {plan: [big]}\n")
    found = load_policies(config, config.upstreams)
    assert {"mine", "balanced", "observe"} <= set(found)
    assert found["balanced"].about == "ours"


def test_mistakes_of_several_files_are_told_together_with_their_places(write_config: WriteConfig) -> None:
    config = write_config(one="policy: one\notherwise: {plan: [nobody]}\n", two="policy: two\nrulez: []\n")
    with pytest.raises(SetupError) as raised:
        load_policies(config, config.upstreams)
    files = {problem.file.rpartition("/")[2] for problem in raised.value.problems}
    assert files == {"one.yaml", "two.yaml"}
    assert all(problem.line for problem in raised.value.problems)


def test_a_packaged_policy_that_this_world_cannot_carry_out_is_nobodys_mistake_unless_asked_for(
    write_config: WriteConfig,
) -> None:
    mine = "policy: mine\notherwise: {plan: [one]}\n"
    config = write_config(ONLY + "policies: {default: mine}\n", mine=mine)
    assert set(load_policies(config, config.upstreams)) == {"mine"}
    asked = write_config(ONLY + "policies: {default: balanced}\n")
    with pytest.raises(SetupError, match="small"):
        load_policies(asked, asked.upstreams)


def test_a_policy_that_went_away_since_the_config_was_read_is_told_with_those_that_are(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    config = write_config(PAIR + "policies: {default: mine}\n", mine=MINE)
    (tmp_path / "policies" / "mine.yaml").unlink()
    with pytest.raises(SetupError, match=r"no policy is called 'mine'; known are: .*balanced"):
        load_policies(config, config.upstreams)


def test_an_entrypoints_policy_is_asked_for_too(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(PAIR + "entrypoints: {mail: {policy: mine}}\n", mine=MINE)
    (tmp_path / "policies" / "mine.yaml").unlink()
    with pytest.raises(SetupError, match="mine"):
        load_policies(config, config.upstreams)


def test_a_policy_that_is_no_text_is_a_mistake_with_its_file(write_config: WriteConfig) -> None:
    config = write_config(mine=MINE)
    (config.policies.folder / "bad.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SetupError, match=r"bad\.yaml"):
        load_policies(config, config.upstreams)
