"""Table of a matrix, cells x seeds: accuracy, or the state of the run."""

import pandas as pd
import streamlit as st

from edc_core.ablation.progress import DONE, FAILED, LATER, QUEUED, RUNNING, STOPPED, MatrixProgress
from edc_core.ablation.results import Row
from edc_core.data.short_names import short_names
from edc_core.intervals import estimate
from pages.choices.matrix_picker import Entry

SIGNS = {
    DONE: "measured",
    RUNNING: "▶ running",
    QUEUED: "in the queue",
    LATER: "·",
    FAILED: "✕ failed",
    STOPPED: "■ stopped",
}
MAX_HEIGHT_PX = 420  # pixels


def render_grid(entry: Entry, progress: MatrixProgress, rows: list[Row]) -> None:
    """Top-1 (of a run's first student) or state, by cell and seed, in the order in which cells are told."""
    top1 = {row.run: row.top1 for row in reversed(rows)}
    table: dict[str, dict[str, str]] = {}
    called = short_names(entry.design.datasets)
    several = len(entry.design.ipcs) > 1, len(entry.design.datasets) > 1
    for place in progress.places:
        job = place.job
        parts = [job.cell.name, *[f"IPC {job.ipc}"] * several[0], *[called[job.dataset]] * several[1]]
        name = ", ".join(parts)
        table.setdefault(name, {})[f"seed {job.seed}"] = (
            f"{top1[job.prepared.run]:.1f} %" if job.prepared.run in top1 else SIGNS[place.state]
        )
    told = {name: number for number, name in enumerate(entry.cells(entry.design.ipcs[0]))}
    names = sorted(table, key=lambda name: told.get(name.split(", IPC")[0], len(told)))
    _table(pd.DataFrame.from_dict({name: table[name] for name in names}, orient="index"))


def render_values(rows: list[Row]) -> None:
    """Top-1 by cell and seed, with mean and 95 % interval; rows of one data set, IPC and student."""
    table: dict[str, dict[str, str]] = {}
    for row in rows:
        table.setdefault(row.cell, {})[f"seed {row.seed}"] = f"{row.top1:.1f}"
    found = pd.DataFrame.from_dict(table, orient="index").fillna("")
    found = found[sorted(found.columns, key=lambda name: int(name.split()[1]))]
    by_cell: dict[str, list[float]] = {}
    for row in rows:
        by_cell.setdefault(row.cell, []).append(row.top1)
    found.insert(0, "mean", [estimate(by_cell[name]).text(" %") for name in found.index])
    _table(found)


def _table(found: pd.DataFrame) -> None:
    found.index.name = "cell"
    height = min(MAX_HEIGHT_PX, 37 * (len(found) + 1) + 2)
    st.dataframe(
        found,
        height=height,
        column_config={"cell": st.column_config.TextColumn(width="large", pinned=True)},
    )
