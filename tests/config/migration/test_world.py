"""The world that the deployments make: names, roles, plans."""

import pytest

from router.config.migration.deployment import Deployment
from router.config.migration.part import Leftovers
from router.config.migration.routing import Routing
from router.config.migration.world import Layout, lay_out, slug_of


def cloud(group: str, model: str = "gpt-4o", **fields: object) -> Deployment:
    return Deployment(group, 1, "openai", model, **{"url": "https://api.openai.com/v1", **fields})  # type: ignore[arg-type]


def near(group: str, model: str, url: str = "http://10.0.0.7:8000/v1") -> Deployment:
    return Deployment(group, 1, "openai", model, url, local=True)


def laid(*deployments: Deployment, **routing: object) -> tuple[Layout, list[str]]:
    left = Leftovers("litellm.yaml")
    return lay_out(deployments, Routing(**routing), left), [note.message for note in left.notes]  # type: ignore[arg-type]


def test_the_first_away_is_big_and_the_smallest_local_one_small() -> None:
    world, _ = laid(near("m", "qwen3:14b"), cloud("gpt"), cloud("other"), near("s", "qwen3:4b"))
    assert {row.name: row.deployment.group for row in world.rows} == {
        "small": "s",
        "big": "gpt",
        "m": "m",
        "other": "other",
    }


def test_without_a_cloud_the_largest_local_one_is_big() -> None:
    world, _ = laid(near("s", "qwen3:4b"), near("m", "qwen3:14b"))
    assert {row.name: row.deployment.group for row in world.rows} == {"small": "s", "big": "m"}


def test_deployments_of_one_model_are_machines_and_others_steps() -> None:
    world, told = laid(
        cloud("gpt"),
        cloud("gpt", "gpt-4o-mini"),
        near("s", "qwen3:4b"),
        near("s", "qwen3:4b", "http://10.0.0.8:8000/v1"),
    )
    rows = {row.name: row for row in world.rows}
    assert rows["small"].urls == ("http://10.0.0.7:8000/v1", "http://10.0.0.8:8000/v1")
    assert {chain.group: chain.steps for chain in world.chains} == {"gpt": ("big", "gpt-2"), "s": ("small",)}
    assert told == ["the deployments of 'gpt' are asked in order (big, gpt-2), not in turns"]


def test_fallbacks_follow_and_wide_windows_come_last_and_first_where_it_is_too_long() -> None:
    world, told = laid(
        cloud("a"),
        cloud("b", "b"),
        cloud("c", "c"),
        fallbacks={"a": ("b", "alias")},
        overflows={"a": ("c",)},
        aliases={"alias": "c"},
    )
    chain = world.chains[0]
    assert (chain.steps, chain.overflow, chain.policy) == (("big", "b", "c"), ("c",), "keeps-a")
    assert [chain.policy for chain in world.chains[1:]] == ["observe", "observe"]
    assert (world.aliases, told) == ({"alias": "c"}, [])


def test_a_name_that_leads_nowhere_is_told_once() -> None:
    _, told = laid(cloud("a"), cloud("b", "b"), default=("gone",), aliases={"x": "lost"})
    assert sorted(told) == [
        "'gone' is not a chat model that was taken over",
        "'lost' is not a chat model that was taken over",
    ]


def test_a_plan_has_at_most_eight_steps() -> None:
    groups = [cloud(f"g{n}", f"m{n}") for n in range(10)]
    world, told = laid(*groups, fallbacks={"g0": tuple(f"g{n}" for n in range(1, 10))})
    assert (len(world.chains[0].steps), told) == (8, ["a plan has at most eight steps"])


def test_our_own_word_is_no_name_for_a_group() -> None:
    world, told = laid(cloud("auto"), cloud("gpt"))
    assert [chain.group for chain in world.chains] == ["gpt"]
    assert told == ["`auto` always means a policy here"]


def test_what_embeds_is_no_step_and_keeps_its_name_or_is_told() -> None:
    world, told = laid(cloud("gpt"), cloud("vec/1", "text-embedding-3-small", embeds=True))
    assert [row.name for row in world.rows] == ["big", "vec-1"]
    assert [chain.group for chain in world.chains] == ["gpt"]
    assert told == ["'vec/1' is not a valid name for an upstream"]


def test_names_that_a_rule_could_not_tell_apart_get_numbers() -> None:
    world, _ = laid(cloud("x"), cloud("a.b", "1"), cloud("a-b", "2"), cloud("a/b", "3"), cloud("small", "4"))
    assert [row.name for row in world.rows] == ["big", "a.b", "a-b-2", "a-b-3", "small-2"]


@pytest.mark.parametrize(
    ("group", "slug"),
    [("openai/gpt-4o", "openai-gpt-4o"), ("4o", "m-4o"), ("auto", "m-auto"), ("模型", "m"), ("x" * 99, "x" * 58)],
)
def test_a_group_becomes_a_name(group: str, slug: str) -> None:
    assert slug_of(group) == slug
