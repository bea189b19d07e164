"""A run killed with -9 and resumed ends bit-identical (see torture.py for as many kills as wanted)."""

from pathlib import Path

import pytest

from tests.torture import QUICK, torture


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_killed_run_ends_bit_identical(precision: str, tmp_path: Path) -> None:
    kills = {"float32": 3, "bfloat16": 2}[precision]
    result = torture(kills, precision, seed=1, home=tmp_path, extra=QUICK)
    assert sum(result["hit"].values()) >= 1, result  # a fast machine may outrun a kill
    assert result["compared"] >= 10
    assert result["differing"] == []
    assert result["same_score"]
