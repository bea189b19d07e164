"""Methods by images per class, of the bundled ladder's own rows."""

from pathlib import Path

import pytest

from edc_core.ablation import ScoreLookup, build_matrix, parse_design
from edc_core.ablation.method_table import MethodTable, method_table
from edc_core.ablation.results import rows_of
from edc_core.figures.methods import methods_by_ipc
from edc_core.store import BUNDLED, StageResults
from pages.choices.methods import cell_text


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> MethodTable:
    home: Path = tmp_path_factory.mktemp("methods")
    values = {"kind": "ladder", "presets": ["G", "RDED", "random"], "ipcs": [10, 1], "seeds": 5}
    matrix = build_matrix(parse_design(values | {"profile": "lab-quick"}))
    return method_table(rows_of(matrix, ScoreLookup(StageResults(home, (BUNDLED,)))))


def test_each_method_has_its_mean_and_interval_at_each_ipc(table: MethodTable) -> None:
    assert table.methods == ("G", "RDED", "random")
    assert table.ipcs == (1, 10)
    assert len(table.cells) == 6
    assert all(one.count == 5 and one.low < one.mean < one.high for one in table.cells.values())


def test_the_best_of_each_column_is_marked_once(table: MethodTable) -> None:
    for ipc in table.ipcs:
        best = max(table.methods, key=lambda name: table.cells[name, ipc].mean)
        assert table.best(ipc) == best
        assert [name for name in table.methods if "★" in cell_text(table, name, ipc)] == [best]
    assert cell_text(table, "G", 50) == "–"
    assert MethodTable(("G",), (1,), {("G", 1): table.cells["G", 1]}).best(1) is None


def test_the_chart_shows_the_accuracies_with_their_intervals(table: MethodTable) -> None:
    lines = methods_by_ipc(table).data
    assert [line.name for line in lines] == ["EDC", "RDED", "random"]
    assert list(lines[0].y) == [table.cells["G", ipc].mean for ipc in (1, 10)]
    assert list(lines[0].error_y.array) == [table.cells["G", ipc].half for ipc in (1, 10)]
