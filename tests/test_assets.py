"""What is bundled, observers and runs: found by today's keys, small, and as accurate as it says."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from edc_core.ablation import ScoreLookup, build_matrix, parse_design, published_matrices
from edc_core.data import open_dataset
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.profiles import BUNDLED_OBSERVERS
from edc_core.networks.builders import build
from edc_core.networks.runtime import resolve_runtime
from edc_core.pipeline.prepare import prepare
from edc_core.pipeline.stages.squeeze import top1
from edc_core.store import BUNDLED, StageResults, Store
from edc_core.store.digests import digests_in, listed
from edc_core.store.files import read_json
from edc_core.training.views import Normalisation
from experiments import make_ablations, make_landscapes, make_runs
from tests.conftest import answer, edc

STORE = BUNDLED


def bundled(table: str = "lab"):
    names = {"synthesise.observers": BUNDLED_OBSERVERS, "relabel.observers": BUNDLED_OBSERVERS}
    return prepare(configure("G", "fashion-mnist-mini", get_profile(table), 1, 0, changes=names))


def test_todays_keys_find_every_bundled_observer_and_its_statistics(tmp_path: Path) -> None:
    stage_results = StageResults(tmp_path, (STORE,))
    for table in ("lab", "lab-smoke"):
        wanted = [node for node in bundled(table).nodes if node.stage in ("squeeze", "statistics")]
        assert len(wanted) == 2 * len(BUNDLED_OBSERVERS)
        orphans = [node.name for node in wanted if stage_results.find(node.key) is None]
        assert not orphans, "a code version or setting changed: run experiments/make_observers.py"


def test_nothing_else_is_bundled_and_all_is_small(tmp_path: Path) -> None:
    keys = {node.key for node in bundled().nodes if node.stage in ("squeeze", "statistics")}
    observers = sum(size_of(STORE / "artefacts" / key) for key in keys)
    listed = [make_runs.prepared(kind, "lab", 10, 1) for kind in make_runs.LISTED]
    scored = [make_runs.prepared(kind, "lab", 10, 3) for kind in make_runs.LISTED + make_runs.UNLISTED]
    keys |= {node.key for prepared in listed + scored for node in prepared.nodes}
    keys |= set(make_ablations.matrix_of(make_ablations.PICTURED).nodes())
    keys |= {node.key for asked in make_landscapes.surveys() for part in asked.parts for node in part.nodes}
    assert {folder.name for folder in (STORE / "artefacts").iterdir()} <= keys
    assert {path.stem for path in (STORE / "curves").iterdir()} <= keys
    assert {path.stem for path in (STORE / "runs").iterdir()} == {prepared.run for prepared in listed}
    assert observers < 8_000_000
    assert size_of(STORE) - observers < 8_000_000


def test_todays_keys_find_every_bundled_score(tmp_path: Path) -> None:
    """Every run of every bundled ablation answers, unless a code version or a setting made orphans of them."""
    lookup = ScoreLookup(StageResults(tmp_path, (STORE,)))
    for record in published_matrices():
        jobs = make_ablations.matrix_of(record["name"]).jobs
        silent = [job.prepared.run for job in jobs if any(lookup.score(key) is None for key in job.score_keys)]
        assert not silent, "run experiments/make_ablations.py"
        assert (
            build_matrix(parse_design(record["design"])).nodes().keys()
            == make_ablations.matrix_of(record["name"]).nodes().keys()
        )


def test_todays_keys_find_every_bundled_run(tmp_path: Path) -> None:
    """A code version that was raised, or a preset that was changed, leaves them orphans."""
    store = Store(tmp_path)
    for kind in make_runs.LISTED:
        prepared = make_runs.prepared(kind, "lab", 10, 1)
        cure = "a code version or setting changed: run experiments/make_runs.py"
        assert not prepared.pending(store.stage_results), cure
        run = store.run(prepared.run)
        assert run.bundled
        assert run.state == "finished"
        assert run.plan == [node.plain() for node in prepared.nodes], cure
        assert run.result["run"] == prepared.run
        trained = next(node for node in prepared.nodes if node.stage == "evaluate")
        assert store.curves(trained.key)["top1/raw"][0], "the learning curve of a student whose weights are left out"
    store.close()


def test_bundled_sets_are_judged_by_three_students_each(tmp_path: Path) -> None:
    """So that a first visit to Images or labels? has intervals."""
    stage_results = StageResults(tmp_path, (STORE,))
    for preset in make_runs.PRESETS:
        for protocol in ("edc", "hard", "plain"):
            prepared = make_runs.prepared(make_runs.RunKind(preset, protocol), "lab", 10, 3)
            assert not prepared.pending(stage_results), f"{preset} under {protocol}: run experiments/make_runs.py"


def test_a_bundled_run_answers_at_once_and_is_protected(tmp_path: Path) -> None:
    result = answer(edc("run", home=tmp_path))
    assert all(stage["cached"] for stage in result["stages"])
    done = edc("delete", result["run"], home=tmp_path, check=False)
    assert done.returncode != 0
    assert "comes with the project" in done.stderr


def test_the_first_visit_to_the_landscapes_finds_them(tmp_path: Path) -> None:
    for asked in make_landscapes.surveys():
        assert not asked.pending(StageResults(tmp_path, (STORE,))), "run experiments/make_landscapes.py"


def test_the_first_sets_neighbours_are_bundled(tmp_path: Path) -> None:
    for kind in make_runs.WITH_NEIGHBOURS:
        prepared = make_runs.prepared(kind, "lab", 10, 1)
        assert not prepared.pending(StageResults(tmp_path, (STORE,)), ("neighbours",))


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_an_observer_is_as_accurate_as_its_record_says(tmp_path: Path, shared_home: Path) -> None:
    prepared = bundled()
    dataset = open_dataset("fashion-mnist-mini", prepared.config.data, shared_home, prepared.description)
    node = next(node for node in prepared.nodes if node.stage == "squeeze" and node.name == "convnet-d2-w32")
    folder = StageResults(tmp_path, (STORE,)).find(node.key)
    record = read_json(folder / "observer.json")
    network = build(node.name, 1, 28, 10)
    network.load_state_dict(load_file(folder / "observer.safetensors"))
    normalise = Normalisation.of(*dataset.normalisation)
    with torch.no_grad():
        found = top1(network, node.name, dataset.part("val"), normalise, resolve_runtime({node.name: "float32"}))
    assert abs(found - record["val_top1"]) < 0.5
    assert record["val_top1"] > 80
    assert record["digest"] == prepared.description.digest
    assert record["settings"]["seed"] == 0


def test_the_bundled_stores_digests_are_those_of_its_files() -> None:
    assert listed(STORE) == digests_in(STORE), "what is bundled was changed: run experiments/make_digests.py"
