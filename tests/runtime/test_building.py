"""From a configuration to its parts: the right kinds, unchanged ones kept, every mistake with its remedy."""

import os
import shutil
from pathlib import Path

import pytest

from classifier.digests import model_digest
from router.config.world import builtin_world
from router.core.errors import SetupError
from router.core.ports import Upstream
from router.core.upstream import UpstreamSpec
from router.judges import KINDS
from router.judges.verifier import VerifierJudge
from router.pipeline.pause import Pause
from router.pipeline.sessions import Sessions
from router.runtime.building import (
    build_deps,
    build_store,
    build_upstreams,
    digest_of,
    load_classifier,
    load_verifier,
)
from router.store.memory import MemoryStore
from router.store.sql import SqlStore
from tests.runtime.conftest import PAIR, WriteConfig
from tests.store.records import Clock

needs_artifact = pytest.mark.skipif(
    not (Path(__file__).parents[2] / "classifier" / "artifacts" / "default" / "artifact.json").exists(),
    reason="NOT TESTED: the shipped artifact is not there",
)


async def close(upstreams: dict[str, Upstream]) -> None:
    for upstream in upstreams.values():
        await upstream.aclose()


def test_memory_is_a_ledger_in_memory_and_an_address_is_one_on_disk(write_config: WriteConfig, tmp_path: Path) -> None:
    memory = build_store(write_config(), Clock())
    disk = build_store(write_config(PAIR.replace("url: memory", f"url: 'sqlite:///{tmp_path}/l.db'")), Clock())
    assert isinstance(memory, MemoryStore)
    assert isinstance(disk, SqlStore)
    assert disk.find("exchanges") == []
    memory.close()
    disk.close()


async def test_an_upstream_whose_row_is_unchanged_is_kept_and_another_is_built_anew(write_config: WriteConfig) -> None:
    old = build_upstreams(write_config().upstreams, {})
    new = build_upstreams(write_config(PAIR.replace("small-model", "other-model")).upstreams, old)
    assert new["big"] is old["big"]
    assert new["small"] is not old["small"]
    await close({**old, "new": new["small"]})


async def test_builtin_weights_and_recordings_are_those_that_travel_with_us(write_config: WriteConfig) -> None:
    row = '{kind: llamacpp, gguf: "builtin:tiny-a", price: free}'
    made = build_upstreams(write_config(f"upstreams: {{small: {row}, big: {row}}}\n").upstreams, {})
    assert Path(str(made["small"].spec.options["gguf"])).parts[-4:] == ("router", "builtin", "models", "tiny-a.gguf")
    await close(made)


async def test_the_builtin_sheet_answers_the_builtin_questions(write_config: WriteConfig) -> None:
    made = build_upstreams(write_config().upstreams, {})
    state = await made["big"].state()
    assert "a recording of" in state.detail
    await close(made)


def test_a_model_is_known_by_its_name_where_we_do_not_hold_its_weights() -> None:
    assert digest_of(UpstreamSpec("small", "openai", "qwen")) == model_digest("qwen")


def test_a_model_whose_weights_we_hold_is_known_by_them(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gguf", tmp_path / "other.gguf"
    one.write_bytes(b"GGUF1")
    other.write_bytes(b"GGUF2")
    digests = {
        digest_of(UpstreamSpec("small", "llamacpp", "same", options={"gguf": str(path)})) for path in (one, other)
    }
    assert len(digests) == 2


def test_an_artifact_that_is_none_is_told_with_its_key_and_remedy(write_config: WriteConfig, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        load_classifier(write_config(PAIR + f"classifier: {{artifact: {tmp_path}/nothing}}\n"))
    (problem,) = raised.value.problems
    assert problem.path == "classifier.artifact"
    assert "learn train" in problem.remedy


@needs_artifact
def test_the_shipped_second_stage_is_loaded_and_knows_its_panels(write_config: WriteConfig) -> None:
    found = load_verifier(write_config())
    members = [model_digest(name) for name in ("gemma-2-9b-it", "Meta-Llama-3.1-8B-Instruct", "Phi-3.5-mini-instruct")]
    assert found.manifest is not None
    assert found.stop(members, "0.02") is not None


def test_a_second_stage_of_ones_own_lies_in_the_folder_panel(write_config: WriteConfig, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(Path(__file__).parents[2] / "classifier" / "artifacts" / "panel", own / "panel")
    config = write_config(PAIR + f"classifier: {{artifact: {own}}}\n")
    assert load_verifier(config).digest == load_verifier(write_config()).digest
    shutil.rmtree(own / "panel")
    assert load_verifier(config).manifest is None


def test_a_second_stage_that_is_broken_is_told_with_its_key_and_remedy(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    (tmp_path / "own" / "panel").mkdir(parents=True)
    (tmp_path / "own" / "panel" / "verifier.json").write_text("{}")
    with pytest.raises(SetupError) as raised:
        load_verifier(write_config(PAIR + f"classifier: {{artifact: {tmp_path}/own}}\n"))
    (problem,) = raised.value.problems
    assert problem.path == "classifier.artifact"
    assert "cannot be read" in problem.message


@needs_artifact
async def test_requests_depend_on_what_the_configuration_says(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(PAIR + "reply_model: requested\nentrypoints: {mail: {policy: balanced, baseline: small}}\n")
    upstreams, store = build_upstreams(config.upstreams, {}), MemoryStore(clock_us=Clock())
    pause = Pause(tmp_path / "p")
    deps = build_deps(
        config,
        upstreams=upstreams,
        store=store,
        clock_us=Clock(),
        salt=os.urandom(32),
        observers=(),
        pause=pause,
        facts={},
        paces={},
        sessions=Sessions(),
    )
    assert (deps.settings.baseline, deps.settings.reply_model, deps.settings.fail_closed) == ("big", "requested", False)
    assert deps.settings.entrypoints["mail"].baseline == "small"
    assert deps.settings.config_digest == config.digest
    assert set(deps.judges) == set(KINDS)
    assert deps.classifier is not None
    assert (deps.cuts, deps.keep_cuts) == ({}, {})
    weighing = deps.judges["verifier"]
    assert isinstance(weighing, VerifierJudge)
    assert weighing.verifier.digest == load_verifier(config).digest
    pause.set("ada")
    assert deps.paused("ada")
    store.close()
    await close(upstreams)


async def test_the_builtin_world_has_cuts_for_its_own_panel_and_for_no_other(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    world = builtin_world()
    written = write_config("upstreams: discover\nstore: {url: memory}\n")
    found = []
    for left_out in (None, "third"):
        upstreams = {name: spec for name, spec in world.upstreams.items() if name != left_out}
        config = written.with_upstreams(upstreams, baseline=world.baseline, artifact=world.artifact)
        made, store = build_upstreams(config.upstreams, {}), MemoryStore(clock_us=Clock())
        deps = build_deps(
            config,
            upstreams=made,
            store=store,
            clock_us=Clock(),
            salt=b"salt",
            observers=(),
            pause=Pause(tmp_path / "p"),
            facts={},
            paces={},
            sessions=Sessions(),
        )
        found.append((set(deps.cuts), set(deps.keep_cuts)))
        assert set(deps.strictness) == set(deps.keep_cuts)
        if deps.strictness:  # the level has cuts for exactly these three, and the last of them is the policy's
            stop = load_verifier(config).stop([deps.digests[name] for name in deps.locals], "0.02")
            assert stop is not None
            assert (deps.strictness["balanced"], deps.keep_cuts["balanced"]) == (0.02, stop.keep[-1])
        store.close()
        await close(made)
    assert found == [({"balanced"}, {"balanced"}), ({"balanced"}, set())]
