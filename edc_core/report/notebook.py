"""A table as a Jupyter notebook: it holds the CSV, reads it, and draws the chart again.

The cells need pandas, plotly and scipy, and not this project, so that a notebook opens anywhere. Its numbers are
computed from the table as the lab computes them: means over seeds, 95 % intervals by Student's t.
"""

import json
from collections.abc import Sequence
from typing import Any

MIME = "application/x-ipynb+json"
READ = """\
import io

import pandas as pd
import plotly.graph_objects as go
from scipy.stats import t

table = pd.read_csv(io.StringIO(DATA), keep_default_na=False, na_values=[""])
table
"""
INTERVAL = '''\
def interval(values):
    """Mean and half the 95 % interval over seeds; no interval of fewer than two."""
    count = len(values)
    half = t.ppf(0.975, count - 1) * values.std(ddof=1) / count**0.5 if count > 1 else float("nan")
    return pd.Series({"mean": values.mean(), "half": half, "seeds": count})

'''
CELLS = """\
slices = ["dataset", "ipc", "student"]
found = table.groupby([*slices, "cell"], sort=False)["top1"].apply(interval).unstack().reset_index()
found
"""
CELLS_CHART = """\
figure = go.Figure()
for place, part in found.groupby(slices, sort=False):
    error = {"type": "data", "array": part["half"]}
    name = f"{place[0]}, IPC {place[1]}, {place[2]}"
    figure.add_scatter(x=part["mean"], y=part["cell"], error_x=error, mode="markers", name=name)
"""
EFFECTS = """\
# The effect of a choice, seed by seed: the mean with it minus the mean without it, over all other settings.
slices, choices = ["dataset", "ipc", "student"], [name for name in table.columns if name.startswith("on:")]
effects = []
for place, part in table.groupby(slices, sort=False):
    for choice in choices:
        by_seed = part.groupby(["seed", choice])["top1"].mean().unstack()
        effects.append(dict(zip(slices, place)) | {"choice": choice[3:]} | dict(interval(by_seed[1] - by_seed[0])))
found = pd.DataFrame(effects)
found
"""
EFFECTS_CHART = """\
figure = go.Figure()
for place, part in found.groupby(slices, sort=False):
    part = part.sort_values("mean", ascending=False)
    error = {"type": "data", "array": part["half"]}
    name = f"{place[0]}, IPC {place[1]}, {place[2]}"
    figure.add_scatter(x=part["mean"], y=part["choice"], error_x=error, mode="markers", name=name)
"""
SETS = """\
scored = table[table["headline"]]
found = scored.groupby(["protocol", "student", "set"], sort=False)["top1"].apply(interval).unstack().reset_index()
found
"""
SETS_CHART = """\
figure = go.Figure()
for place, part in found.groupby(["protocol", "student"], sort=False):
    error = {"type": "data", "array": part["half"]}
    figure.add_scatter(x=part["mean"], y=part["set"], error_x=error, mode="markers", name=", ".join(place))
"""
RUNS_CHART = """\
scored = table.dropna(subset=["top-1 (%)"]).sort_values("top-1 (%)", ascending=False)
names = scored["run"] + " · " + scored["data set"]
names = names.where(~names.duplicated(keep=False), names + " · " + scored["id"])
figure = go.Figure(go.Bar(x=scored["top-1 (%)"], y=names, orientation="h"))
"""
SURFACE_CHART = """\
figure = go.Figure()
if table["y"].nunique() > 1:
    loss = table.pivot(index="y", columns="x", values="loss")
    figure.add_contour(x=loss.columns, y=loss.index, z=loss, colorbar_title="loss (nats)")
else:
    figure.add_scatter(x=table["x"], y=table["loss"])
"""


def matrix_notebook(title: str, table: str) -> str:
    """The tidy table of a matrix: each choice's effect where choices cross, else each cell's mean."""
    crossed = "on:" in table.partition("\n")[0]
    cells, chart = (EFFECTS, EFFECTS_CHART) if crossed else (CELLS, CELLS_CHART)
    unit = "effect on top-1 (points)" if crossed else "top-1 (%)"
    return notebook(title, table, INTERVAL + cells, chart + _shown(unit))


def judged_notebook(title: str, table: str) -> str:
    """The scores of sets of images under one protocol and another."""
    return notebook(title, table, INTERVAL + SETS, SETS_CHART + _shown("top-1 (%)"))


def runs_notebook(title: str, table: str) -> str:
    """The table of runs, a bar a run."""
    return notebook(title, table, RUNS_CHART + _shown("top-1 (%)"))


def surface_notebook(title: str, table: str) -> str:
    """A surface, path or line of the loss."""
    return notebook(title, table, SURFACE_CHART + "figure.update_layout(width=700, height=600)\n")


def notebook(title: str, table: str, *cells: str) -> str:
    """An .ipynb whose first cell of code holds the CSV, folded away; the others are given."""
    lines = "\n".join(f"    {line!r}" for line in table.splitlines(True))
    data = f"# The table as CSV. To read a file instead: DATA = open('table.csv').read()\nDATA = (\n{lines}\n)\n"
    said = f"# {title}\n\nA table of EDC Lab and its chart. Run all cells; pandas, plotly and scipy are needed."
    made = [_cell(0, "markdown", said), _cell(1, "code", data, {"jupyter": {"source_hidden": True}})]
    made += [_cell(number, "code", source) for number, source in enumerate((READ, *cells), 2)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _shown(axis: str) -> str:
    return f'figure.update_layout(xaxis_title="{axis}", yaxis_autorange="reversed", template="plotly_white")\n'


def _cell(number: int, kind: str, source: str, about: dict[str, Any] | None = None) -> dict[str, Any]:
    lines: Sequence[str] = source.strip("\n").splitlines(True)
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": about or {}, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
