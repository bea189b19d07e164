"""A run killed with -9 and resumed ends bit-identical (see torture.py for as many kills as wanted)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edc_core.design_space.compose import configure, get_profile
from edc_core.pipeline.context import ELAPSED
from edc_core.store.tensors import load_state, save_state
from edc_core.torch_utils.device import has_fast_bfloat16
from experiments.torture import QUICK, TARGETS, torture
from tests.support.stage_contexts import context_of

# bfloat16 without its own units takes a hundred times as long.
EMULATED = QUICK | {"synthesise.iterations": 5, "views.epochs": 4, "data.train_per_class": 20}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_killed_run_ends_bit_identical(precision: str, tmp_path: Path, begun: Callable[[Path], Path]) -> None:
    emulated = precision == "bfloat16" and not has_fast_bfloat16("cpu")
    targets = ("synthesise",) if emulated else TARGETS
    for name in ("quiet", "killed"):
        begun(tmp_path / name)
    result = torture(len(targets), precision, 1, tmp_path, EMULATED if emulated else QUICK, targets)
    assert sum(result["hit"].values()) >= 1, result  # a fast machine may outrun a kill
    assert result["compared"] >= 10
    assert result["differing"] == []
    assert result["same_score"]


def test_a_resumed_stage_counts_the_seconds_that_went_into_its_checkpoint(shared_home: Path, tmp_path: Path) -> None:
    config, work = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0), tmp_path / "work"
    first = context_of(config, shared_home, "evaluate", work)
    first.started -= 100
    first.save_checkpoint({"epoch": 3})
    second = context_of(config, shared_home, "evaluate", work)
    assert second.resume_state() == {"epoch": 3}
    assert 100 <= second.seconds() < 110
    second.save_checkpoint({"epoch": 4})
    (file,) = work.glob("checkpoint*")
    assert load_state(file)[ELAPSED] >= 100
    save_state(file, {"epoch": 5})  # of an earlier version, which did not count
    third = context_of(config, shared_home, "evaluate", work)
    assert third.resume_state() == {"epoch": 5}
    assert third.seconds() < 10
