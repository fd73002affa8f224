"""The parts in force: looked at, reloaded whole or not at all, let go of in order."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from classifier import text
from router.config.options import WEIGHTS
from router.config.records import Config
from router.core.errors import SetupError
from router.core.keys import digest
from router.runtime import Runtime
from tests.conftest import Scripted
from tests.runtime.conftest import PAIR, WriteConfig

Run = Callable[..., Runtime]


@pytest.fixture
async def run(write_config: WriteConfig, scripted: Scripted) -> AsyncIterator[Run]:
    """A maker of runtimes over scripted upstreams; each is stopped at the end."""
    made: list[Runtime] = []
    small = scripted()

    def make(more: str = "", **policies: str) -> Runtime:
        row = f"{{kind: openai, url: '{small.url}', model: m, local: true, price: free}}"
        big = f"{{kind: openai, url: '{small.url}', model: big, price: {{input: 2.50, output: 10.00}}}}"
        text = f"upstreams:\n  small: {row}\n  big: {big}\nstore: {{url: memory}}\n{more}"
        made.append(Runtime(write_config(text, **policies)))
        return made[-1]

    yield make
    for runtime in made:
        await runtime.stop()


async def test_nothing_is_ready_before_anyone_looked_and_all_is_after(run: Run) -> None:
    runtime = run()
    assert runtime.ready() == (False, {})
    await runtime.start()
    assert runtime.ready() == (True, {"small": "ready", "big": "ready"})
    assert runtime.facts["small.ready"] is True


async def test_warming_up_decides_and_leaves_no_trace(run: Run) -> None:
    runtime = run()
    await runtime.start()
    text._family_set.cache_clear()

    runtime.warm()

    assert runtime.store.find("exchanges") == []
    assert runtime.store.find("attempts") == []
    assert text._family_set.cache_info().currsize == 1


async def test_warming_up_takes_no_offence_at_a_policy_that_lets_nobody_answer(run: Run) -> None:
    runtime = run(balanced="policy: balanced\notherwise: {plan: [big]}\n")
    runtime.pipeline.deps.policies.clear()  # type: ignore[attr-defined]  # the worst a reload could leave

    runtime.warm()

    assert runtime.store.find("exchanges") == []


async def test_the_body_limit_is_the_configs(run: Run) -> None:
    assert run("limits: {body_mb: 2}\n").share().body_limit == 2 << 20


async def test_a_reload_swaps_the_line_and_keeps_what_has_not_changed(run: Run) -> None:
    runtime = run()
    pipeline, small = runtime.pipeline, runtime.upstreams["small"]
    path = runtime.config.path
    path.write_text(path.read_text() + "reply_model: requested\n")
    await runtime.reload()
    assert runtime.pipeline is not pipeline
    assert runtime.pipeline.deps.settings.reply_model == "requested"
    assert runtime.upstreams["small"] is small
    assert pipeline.deps.settings.reply_model == "served"


async def test_a_reload_says_which_policy_decides_now(
    write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    mine = "policy: mine\notherwise: {plan: [%s]}\n"
    runtime = Runtime(write_config(PAIR + "policies: {default: mine}\n", mine=mine % "big"))
    caplog.set_level("INFO", "smallfirst")
    for plan in ("big", "small"):
        (runtime.config.path.parent / "policies" / "mine.yaml").write_text(mine % plan)
        await runtime.reload()
    await runtime.stop()
    first, second = (record.getMessage() for record in caplog.records if record.getMessage().startswith("reloaded"))
    assert first.partition(", ")[0] == second.partition(", ")[0] == f"reloaded: config {runtime.config.digest}"
    assert second.endswith(f"policy mine@{runtime.pipeline.deps.policies['mine'].digest[:6]}")
    assert first != second


async def test_a_replaced_upstream_stays_open_for_the_requests_that_hold_it(run: Run) -> None:
    runtime = run()
    old = runtime.upstreams["small"]
    path = runtime.config.path
    path.write_text(path.read_text().replace("model: m,", "model: other,"))
    await runtime.reload()
    assert runtime.upstreams["small"] is not old
    assert runtime._retired.upstreams == (old,)


async def test_a_reload_that_cannot_be_built_changes_nothing(run: Run) -> None:
    runtime = run()
    pipeline, config = runtime.pipeline, runtime.config
    config.path.write_text("upstreams: 7\n")
    with pytest.raises(SetupError):
        await runtime.reload()
    assert (runtime.pipeline, runtime.config) == (pipeline, config)


async def test_a_changed_file_is_taken_up_and_a_bad_one_is_remembered_and_then_forgiven(run: Run) -> None:
    runtime = run()
    good = runtime.config.path.read_text()
    await runtime.reload_if_changed()
    pipeline = runtime.pipeline
    runtime.config.path.write_text("upstreams: 7\n")
    await runtime.reload_if_changed()
    assert runtime.pipeline is pipeline
    assert runtime.last_refusal is not None
    assert "upstreams" in runtime.last_refusal
    runtime.config.path.write_text(good + "# better\n")
    await runtime.reload_if_changed()
    assert runtime.pipeline is not pipeline
    assert runtime.last_refusal is None


async def test_refilling_is_asked_for_every_reloaded_configuration(write_config: WriteConfig) -> None:
    seen: list[Config] = []

    def refill(config: Config) -> Config:
        seen.append(config)
        return config

    runtime = Runtime(write_config(), refill=refill)
    await runtime.reload()
    await runtime.stop()
    assert [config.path for config in seen] == [runtime.config.path]


async def test_keys_are_known_by_their_digest_until_they_are_revoked(run: Run) -> None:
    runtime = run()
    row = {"id": "1", "name": "ada", "digest": digest("sf-x"), "prefix": "sf-x", "policy": None, "local_only": True}
    runtime.store.put("keys", {**row, "revoked": False})
    await runtime.refresh_keys()
    assert runtime.keys[digest("sf-x")].local_only is True
    runtime.store.put("keys", {**row, "revoked": True})
    await runtime.refresh_keys()
    assert runtime.keys == {}


async def test_a_pause_is_noticed_and_written_down(run: Run) -> None:
    runtime = run()
    runtime.pause.path.write_text('["ada"]')
    await runtime.refresh_pause()
    assert runtime.pipeline.deps.paused("ada")
    (row,) = runtime.store.find("audit_log")
    assert (row["who"], row["action"], row["subject"]) == ("pause", "pause", "ada")


async def test_the_end_of_a_pause_is_written_down_as_one(run: Run) -> None:
    runtime = run()
    for paused in ('["ada"]', '["ada", "ben"]', '["ben"]', '["*"]'):
        runtime.pause.path.write_text(paused)
        await runtime.refresh_pause()
    runtime.pause.path.unlink()
    await runtime.refresh_pause()
    written = [(row["action"], row["subject"]) for row in runtime.store.find("audit_log")]
    expected = [
        ("pause", "ada"),
        ("pause", "ben"),
        ("resume", "ada"),
        ("pause", "*"),
        ("resume", "ben"),
        ("resume", "*"),
    ]
    assert sorted(written) == sorted(expected)


async def test_of_reloads_at_once_each_lets_go_of_what_the_one_before_built(run: Run) -> None:
    runtime = run()
    text = runtime.config.path.read_text()

    async def changed(model: str) -> None:
        runtime.config.path.write_text(text.replace("model: m,", f"model: {model},"))
        await runtime.reload()

    await asyncio.gather(*(changed(model) for model in ("first", "second", "third")))

    assert runtime.upstreams["small"].spec.model == "third"
    assert [each.spec.model for each in runtime._retired.upstreams] == ["m", "first"]


def children() -> set[str]:
    """The keepers of llama.cpp processes, by name."""
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("llamacpp-")}


def ask_for_weights(runtime: Runtime) -> None:
    """Write a new row that a process of our own would serve."""
    path = runtime.config.path
    row = f"  third: {{kind: llamacpp, gguf: '{WEIGHTS[0]}', price: free}}\n"
    path.write_text(path.read_text().replace("store:", f"{row}store:"))


async def test_a_reload_that_is_refused_starts_no_process(run: Run) -> None:
    runtime = run(balanced="policy: balanced\notherwise: {plan: [big]}\n")
    ask_for_weights(runtime)
    (runtime.config.policies.folder / "balanced.yaml").write_text("policy: balanced\notherwise: {plan: [nobody]}\n")
    with pytest.raises(SetupError):
        await runtime.reload()
    assert children() == set()


async def test_what_a_reload_has_started_ends_if_the_server_stops_before_it_is_in_force(run: Run) -> None:
    runtime = run()
    ask_for_weights(runtime)
    reloading = asyncio.create_task(runtime.reload())
    while not (children() or reloading.done()):
        await asyncio.wait({reloading}, timeout=0.001)
    reloading.cancel()
    await asyncio.wait({reloading})
    await runtime.stop()
    assert children() == set()


async def test_what_a_reload_has_replaced_is_closed_if_the_server_stops_meanwhile(run: Run) -> None:
    runtime = run()
    old, path = runtime.upstreams["small"], runtime.config.path
    path.write_text(path.read_text().replace("model: m,", "model: other,"))
    reloading = asyncio.create_task(runtime.reload())
    while runtime.upstreams["small"] is old and not reloading.done():
        await asyncio.wait({reloading}, timeout=0.001)
    reloading.cancel()
    await asyncio.wait({reloading})
    assert runtime._retired.upstreams == (old,)
