"""A run killed with -9 and resumed ends bit-identical (see torture.py for as many kills as wanted)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edc_core.device import has_fast_bfloat16
from tests.torture import QUICK, TARGETS, torture

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
