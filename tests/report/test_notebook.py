"""Tables as notebooks: they run as they are, and their numbers are the lab's."""

import json
from typing import Any

import pytest

from edc_core.ablation import Matrix, build_matrix, parse_design
from edc_core.ablation.design import factors_of
from edc_core.ablation.effects import main_effects
from edc_core.ablation.matrix import profile_of
from edc_core.ablation.published_scores import PUBLISHED, ScoreLookup, published_matrices
from edc_core.ablation.results import Row, by_cell, rows_of
from edc_core.ablation.tidy_table import as_csv, table
from edc_core.intervals import estimate
from edc_core.report.notebook import judged_notebook, matrix_notebook, runs_notebook, surface_notebook
from edc_core.runs.run_table import as_csv as as_table
from edc_core.runs.run_table import rows as rows_of_runs
from edc_core.store import Store
from experiments.make_notebook import run_cells
from tests.support.crowd import add, prepared

HOSTILE = "EDC \"\"\" ''' \\', '); raise SystemExit  # {x}"


FOUND = "import json; print(json.dumps([json.loads(figure.to_json()), globals().get('found', table).to_dict('list')]))"


def run(text: str) -> tuple[dict[str, Any], dict[str, list]]:
    """The figure that a notebook draws, and the table that it draws it of."""
    held = json.loads(text)
    assert (held["nbformat"], held["nbformat_minor"], held["cells"][0]["cell_type"]) == (4, 5, "markdown")
    assert len({cell["id"] for cell in held["cells"]}) == len(held["cells"])
    held["cells"].append({"cell_type": "code", "source": [FOUND]})
    return tuple(json.loads("".join(run_cells(held)[-1][0]["text"])))


def matrix_of(name: str, store: Store) -> tuple[Matrix, list[Row], str]:
    """A matrix that comes with the project: its design, its rows and its notebook."""
    (record,) = [record for record in published_matrices(PUBLISHED) if record["name"] == name]
    matrix, lookup = build_matrix(parse_design(record["design"])), ScoreLookup(store.stage_results, (PUBLISHED,))
    return matrix, rows_of(matrix, lookup), matrix_notebook(name, as_csv(table(matrix, lookup, store)))


def test_a_factorial_s_notebook_finds_the_lab_s_main_effects(bare_store: Store) -> None:
    matrix, rows, text = matrix_of("waterfall-brisk", bare_store)
    figure, found = run(text)
    factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
    effects = {one.names[0]: one.estimate for one in main_effects(by_cell(rows, on=True), factors)}
    assert len(effects) == 5
    for choice, mean, half in zip(found["choice"], found["mean"], found["half"], strict=True):
        assert (mean, half) == pytest.approx((effects[choice].mean, effects[choice].half), rel=1e-4)
    assert len(figure["data"]) == 1


def test_a_ladder_s_notebook_finds_the_lab_s_means_at_every_ipc(bare_store: Store) -> None:
    _, rows, text = matrix_of("ladder-brisk", bare_store)
    figure, found = run(text)
    wanted = {}
    for row in rows:
        wanted.setdefault((row.ipc, row.cell), []).append(row.top1)
    assert len(found["cell"]) == len(wanted)
    for ipc, cell, mean, half in zip(found["ipc"], found["cell"], found["mean"], found["half"], strict=True):
        known = estimate(wanted[ipc, cell])
        assert (mean, half) == pytest.approx((known.mean, known.half), rel=1e-4)  # of t, the lab keeps three digits
    assert len(figure["data"]) == len({row.ipc for row in rows})


def test_the_table_of_runs_is_drawn_whatever_runs_are_called(bare_store: Store) -> None:
    for seed, top1 in enumerate((71.5, 72.5)):
        add(bare_store, prepared("G", seed), top1=top1)
    add(bare_store, prepared("G", 2), "failed")
    listed = rows_of_runs(bare_store.runs(), bare_store.stage_results)
    table = as_table([row | {"name": HOSTILE} for row in listed])
    figure, found = run(runs_notebook(HOSTILE, table))
    drawn = [name.rsplit(" · ", 2) for name in figure["data"][0]["y"]]
    better = [row["id"] for row in sorted(listed, key=lambda row: -(row["top1"] or 0))][:2]
    assert drawn == [[HOSTILE, "fashion-mnist-mini", name] for name in better]  # the scored ones, told apart by id
    assert found["run"] == [HOSTILE] * 3


def test_scores_and_surfaces_are_drawn() -> None:
    head = "set,protocol,student,seed,headline,top1\n"
    cells = [
        f"{name},edc,convnet,{seed},{headline},{60 + seed}\n"
        for name in ("ours", "random")
        for seed in (0, 1)
        for headline in (True, False)
    ]
    figure, found = run(judged_notebook("Sets", head + "".join(cells)))
    assert (found["set"], found["mean"], figure["data"][0]["x"] is not None) == (["ours", "random"], [60.5, 60.5], True)
    plane = "x,y,loss,top1\n" + "".join(f"{x},{y},{x + y},50\n" for x in (0, 1) for y in (0, 1))
    assert run(surface_notebook("A plane", plane))[0]["data"][0]["type"] == "contour"
    assert run(surface_notebook("A line", "x,y,loss,top1\n0,0,1,50\n1,0,2,40\n"))[0]["data"][0]["type"] == "scatter"
