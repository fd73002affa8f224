"""`smallfirst policy list | check`."""

from router.cli import policy
from tests.cli.conftest import Shell

MINE = """\
policy: mine
about: Everything stays here.
rules: [{name: a, when: tools == 0, plan: [small]}]
otherwise: {plan: [big]}
tests:
  - {rule: a}
  - {request: {messages: [{role: user, content: hi}], tools: [{type: function}]}, rule: otherwise}
"""


def test_the_list_tells_each_policy_its_purpose_and_its_home(shell: Shell) -> None:
    shell.write()
    shell.write(MINE, "policies/mine.yaml")
    said = shell.run(policy, "policy", "list")
    told, homes = said.out.splitlines()[::2], said.out.splitlines()[1::2]
    names = [line.split()[0] for line in told]
    assert said.status == 0
    assert "(default)" in told[names.index("balanced")]
    assert homes[names.index("balanced")].strip() == "[the package]"
    assert "Everything stays here." in told[names.index("mine")]
    assert homes[names.index("mine")].strip() == f"[{shell.folder / 'policies'}]"


def test_the_list_names_a_policy_that_does_not_read(shell: Shell) -> None:
    shell.write()
    shell.write("{", "policies/broken.yaml")
    assert "cannot be read; see `smallfirst policy check`" in shell.run(policy, "policy", "list").out


def test_check_runs_the_tests_of_every_policy(shell: Shell) -> None:
    shell.write()
    shell.write(MINE, "policies/mine.yaml")
    said = shell.run(policy, "policy", "check")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("7 policies read")


def test_check_tells_a_test_that_meets_another_rule(shell: Shell) -> None:
    shell.write()
    shell.write(MINE.replace("rule: a}", "rule: otherwise}"), "policies/mine.yaml")
    said = shell.run(policy, "policy", "check")
    assert said.status == 1
    assert "mine.yaml:6: tests[0]: met 'a', not 'otherwise'" in said.err


def test_check_tells_what_is_wrong_with_a_policy(shell: Shell) -> None:
    shell.write()
    shell.write(MINE.replace("[small]", "[smal]"), "policies/mine.yaml")
    said = shell.run(policy, "policy", "check")
    assert said.status == 1
    assert "did you mean 'small'?" in said.err


def test_a_wrong_configuration_is_told_first(shell: Shell) -> None:
    shell.write("upstream: {}\n")
    for verb in ("list", "check"):
        said = shell.run(policy, "policy", verb)
        assert said.status == 1
        assert "did you mean 'upstreams'?" in said.err
