"""What `check` looks at: policies and their tests, store, artifact, prices and a pause, one mistake hiding no other."""

from pathlib import Path

from router.cli import check
from tests.cli.conftest import PAIR, Shell

BALANCED = Path(__file__).parents[2] / "policies" / "balanced.yaml"


def test_a_test_of_a_policy_that_fails_is_a_mistake(shell: Shell) -> None:
    shell.write()
    rules = "rules: [{name: a, when: 'true', plan: [big]}]\n"
    tested = f"policy: mine\n{rules}otherwise: {{plan: [big]}}\ntests: [{{rule: otherwise}}]\n"
    shell.write(tested, "policies/mine.yaml")
    said = shell.run(check, "check")
    assert said.status == 1
    assert "met 'a', not 'otherwise'" in said.err


def test_a_store_that_is_no_store_and_an_artifact_that_is_none_are_told(shell: Shell) -> None:
    (shell.folder / "empty").mkdir()
    shell.write(PAIR + "classifier: {artifact: empty}\n")
    shell.write("this is no database, and long enough to be looked at as one" * 9, "smallfirst.db")
    said = shell.run(check, "check")
    assert said.status == 1
    assert "store.url" in said.err
    assert "classifier.artifact" in said.err


def test_nothing_is_written(shell: Shell) -> None:
    shell.write()
    shell.run(check, "check")
    assert [path.name for path in shell.folder.iterdir()] == ["config.yaml"]


def test_the_price_book_is_named_and_beside_each_upstream_where_its_price_stands(shell: Shell) -> None:
    shell.write("prices: mine.yaml\n" + PAIR + '  gpt: {kind: openai, url: "https://llm.example/v1", model: gpt-5.2}\n')
    shell.write("{book: mine, date: 2027-01-01, prices: {here: {hosts: [llm.example], models: "
                "{gpt-5.2: {input: 1, output: 2}}}}}", "mine.yaml")  # fmt: skip
    said = shell.run(check, "check", "--offline")
    assert said.status == 0, said.err
    assert "prices     mine 2027-01-01 (1 models), then smallfirst " in said.out
    assert "price known (mine 2027-01-01)" in said.out
    assert "price known (config.yaml)" in said.out


def test_a_promise_that_nothing_proves_is_a_warning_and_a_cut_by_hand_is_titled_so(shell: Shell) -> None:
    shell.write()
    said = shell.run(check, "check").out
    assert "warning: policy balanced: promise: no certificate and no `cut:` stand behind it" in said
    assert "warning: upstream small: p_good: no labelled row is about this model" in said
    shell.write(BALANCED.read_text() + "cut: 0.7\n", "policies/balanced.yaml")
    said = shell.run(check, "check").out
    assert "policy balanced: cut 0.7 by hand" in said
    assert "stand behind it" not in said


def test_what_an_upstream_cannot_do_is_told_under_it(shell: Shell) -> None:
    shell.write()
    lines = shell.run(check, "check", "--offline").out.splitlines()
    (told,) = [line for line in lines if line.strip().startswith("cannot do ")]
    assert "web_search" in told
    assert lines[lines.index(told) - 1].startswith("upstream   small ")


def test_a_pause_is_a_warning(shell: Shell) -> None:
    shell.write()
    (shell.folder / "smallfirst.db.paused").write_text('["*"]')
    assert "paused for everyone: the baseline answers; `smallfirst resume` ends it" in shell.run(check, "check").out


def test_a_key_that_stands_twice_and_a_wrong_configuration_hide_no_mistake_of_a_policy(shell: Shell) -> None:
    shell.write(PAIR + "listen: {port: x}\nlisten: {port: 1}\n")
    shell.write(
        "policy: mine\nrules: [{name: a, when: p_god > 1, plan: [nobody]}]\notherwise: {plan: [big]}\n",
        "policies/mine.yaml",
    )
    said = shell.run(check, "check")
    for word in ("'listen' is written twice", "listen.port: must be", "did you mean 'p_good'?", "called 'nobody'"):
        assert word in said.err
    assert said.err.endswith("4 problems: mend what is named above\n")
