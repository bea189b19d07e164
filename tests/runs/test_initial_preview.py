"""Starting images drawn without torch: bit-equal to what the stage writes, on a fresh home and on a decoded one."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from edc_core.data import glance, open_dataset
from edc_core.design_space.compose import configure, get_profile
from edc_core.events import no_op
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.pipeline.stages.initialise import initialise
from edc_core.runs.initial_preview import starting_pixels
from edc_core.store import StageResults
from edc_core.training.views import Normalisation
from tests.conftest import ROOT
from tests.support.parquet_files import CLASSES, pictures, write

TINY = get_profile("tiny")


def prepared(preset: str, dataset: str = "fashion-mnist-mini", ipc: int = 3, **changes) -> PreparedRun:
    return prepare(configure(preset, dataset, TINY, ipc, 5, changes=changes))


@pytest.mark.parametrize("preset", ["random", "noise", "single-class", "glyphs"])
def test_the_page_draws_what_the_stage_writes(preset: str, tmp_path: Path, decoded) -> None:
    run = prepared(preset)
    fresh = starting_pixels(run, tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()  # nothing was written
    home = decoded(tmp_path / "home")
    written = written_by_stage(run, home)
    for mine in (fresh, starting_pixels(run, home)):
        for part, other in zip(mine, written, strict=True):
            assert part.dtype == other.dtype
            assert np.array_equal(part, other)


def written_by_stage(run: PreparedRun, home: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of the initialise stage, the images rounded as the synthesise stage does."""
    dataset = open_dataset(run.config.dataset, run.config.data, home, run.description)
    node = next(node for node in run.nodes if node.stage == "initialise")
    stage_results = StageResults(home)
    with stage_results.create(node.key, no_op) as work:
        initialise(StageContext(node, run.nodes, run.config, dataset, stage_results, work, no_op))
    tensors = load_file(stage_results.find(node.key) / "images.safetensors")
    pixels = Normalisation.of(*dataset.normalisation).pixels(tensors["images"])
    return pixels.numpy(), tensors["labels"].numpy()


def test_colour_images_in_several_shards_and_row_groups_are_drawn_alike(tmp_path: Path) -> None:
    source = tmp_path / "set"
    write(source, "train", pictures(40), [0, 1] * 20)
    (source / "train-00000-of-00001.parquet").rename(source / "train-00000-of-00002.parquet")
    write(source, "train", pictures(30, seed=3), [1, 0] * 15)
    write(source, "test", pictures(4, seed=1), [0, 1] * 2)
    for preset in ("random", "noise"):
        run = prepared(preset, str(source), 6)
        mine, written = starting_pixels(run, tmp_path / "fresh"), written_by_stage(run, tmp_path / "home")
        assert mine[0].shape == (12, 3, 16, 16)
        assert all(np.array_equal(part, other) for part, other in zip(mine, written, strict=True))
    assert list(run.description.classes) == CLASSES


def test_images_that_an_observer_ranks_are_not_guessed(tmp_path: Path) -> None:
    assert starting_pixels(prepared("RDED"), tmp_path) is None
    assert starting_pixels(prepared("herding"), tmp_path) is None


def test_noise_of_a_large_set_waits_for_its_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "QUICK", 10)
    glance.quick_normalisation.cache_clear()
    assert starting_pixels(prepared("noise"), tmp_path) is None
    glance.quick_normalisation.cache_clear()


def test_torch_is_not_needed(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from edc_core.design_space.compose import configure, get_profile
from edc_core.pipeline.prepare import prepare
from edc_core.runs.initial_preview import starting_pixels
run = prepare(configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 0))
images, labels = starting_pixels(run, Path(sys.argv[1]))
assert images.shape == (100, 1, 28, 28) and labels[:10].tolist() == list(range(10))
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "home"], cwd=ROOT).returncode == 0
