"""Which policies there are, and whom they name."""

from pathlib import Path

import pytest

from router.config.usage import DISCOVERED, about_of, holdouts_of, outline, policy_files, usage_of
from tests.config.conftest import Desk

MINE = """\
policy: balanced
about: Ours.
rules:
  - {name: a, when: "true", plan: [one, {panel: [two, three], judges: [structure]}, {upstream: four}]}
otherwise: {plan: [five]}
audit: {judge: six}
"""


def test_the_package_brings_policies_that_name_only_small_and_big(tmp_path: Path) -> None:
    usage = usage_of(tmp_path / "none")
    assert {"balanced", "observe"} <= usage.policies.keys()
    assert usage.upstreams == {"small", "big"}


def test_the_folder_goes_before_the_package(tmp_path: Path) -> None:
    (tmp_path / "balanced.yaml").write_text(MINE, encoding="utf-8")
    files = policy_files(tmp_path)
    assert files["balanced"] == tmp_path / "balanced.yaml"
    assert files["observe"].parent != tmp_path


def test_plans_panels_and_audit_judges_name_upstreams(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    named = usage_of(tmp_path).upstreams
    assert {"one", "two", "three", "four", "five", "six"} <= named
    assert "structure" not in named


def test_what_each_policy_holds_out_is_read_off_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("{", encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text("policy: wrong\nholdout: some\n", encoding="utf-8")
    found = holdouts_of(tmp_path)
    assert (found["mine"], found["balanced"]) == (0.0, 0.02)
    assert not {"broken", "wrong"} & found.keys()


def test_a_policy_that_does_not_parse_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("{", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    assert usage_of(tmp_path).upstreams == {"small", "big"}
    assert about_of(tmp_path / "broken.yaml") is None


def test_a_policy_says_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    assert about_of(tmp_path / "mine.yaml") == "Ours."


def test_a_configuration_that_is_wrong_still_says_what_its_policies_are_read_with(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("policies: {folder: mine}\nupstreams: {a: {local: true, kind: nope}, b: {}}\nb: 1\nb: 2\n")
    found = outline(path)
    assert found is not None
    assert (found.policies, dict(found.upstreams)) == (tmp_path / "mine", {"a": True, "b": False})
    path.write_text("upstreams: {a: {kind: llamacpp}, b: {kind: llamacpp, local: false}}\n")
    found = outline(path)
    assert found is not None
    assert dict(found.upstreams) == {"a": True, "b": False}
    path.write_text("upstreams: discover\nstoer: {}\n")
    found = outline(path)
    assert found is not None
    assert found.upstreams == DISCOVERED


def test_where_no_upstream_can_be_read_there_is_no_outline(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    assert outline(path) is None
    path.write_text("upstreams: [\n")
    assert outline(path) is None


def test_an_unnamed_upstream_is_a_warning(desk: Desk) -> None:
    config = desk.load(desk.server())
    assert [(warning.path, warning.line) for warning in config.warnings] == [("upstreams.third", 5)]
    assert "third" in config.upstreams


def test_an_unnamed_upstream_without_its_variable_is_left_out_with_a_warning(desk: Desk) -> None:
    config = desk.load(desk.server(key="${NOBODY}"))
    assert "third" not in config.upstreams
    assert ["the variable NOBODY is not set" in warning.message for warning in config.warnings] == [True]


@pytest.mark.parametrize("use", ["baseline: third\n", "entrypoints: {gpt: {baseline: third}}\n"])
def test_an_upstream_in_use_needs_its_variable(desk: Desk, use: str) -> None:
    problem = desk.problem(desk.server(key="${NOBODY}") + use)
    assert (problem.path, problem.message) == ("upstreams.third.key", "the variable NOBODY is not set")


@pytest.mark.parametrize("plan", ["plan: [third]", "plan: [{upstream: third}]", "plan: [{panel: [small, third]}]"])
def test_an_upstream_that_a_policy_names_needs_its_variable(desk: Desk, plan: str) -> None:
    folder = desk.folder / "policies"
    folder.mkdir()
    (folder / "mine.yaml").write_text(f"policy: mine\notherwise: {{{plan}}}\n", encoding="utf-8")
    assert desk.problem(desk.server(key="${NOBODY}")).path == "upstreams.third.key"


def test_a_policy_of_the_folder_can_be_the_default(desk: Desk) -> None:
    (desk.folder / "policies").mkdir()
    (desk.folder / "policies" / "mine.yaml").write_text("policy: mine\notherwise: {plan: [big]}\n", encoding="utf-8")
    assert desk.load(desk.pair + "policies: {default: mine}\n").policies.default == "mine"


def test_two_names_that_a_rule_could_not_tell_apart_are_refused(desk: Desk) -> None:
    row = "{kind: recorded, recording: builtin, price: free}"
    problem = desk.problem(f"{desk.pair}  tiny-a: {row}\n  tiny.a: {row}\n")
    assert (problem.path, problem.message) == ("upstreams.tiny.a", "a rule cannot tell 'tiny.a' from 'tiny-a'")
