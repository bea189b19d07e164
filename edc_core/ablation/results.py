"""What a matrix has shown so far: one tidy row a student, and cells by seed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edc_core.ablation.design import cells_of
from edc_core.ablation.matrix import Job, Matrix, profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.stage_graph import Student

BySeed = Mapping[int, float]  # seed -> top-1 in percent
Cells = Mapping[Any, BySeed]  # a cell (its name, or the frozenset of factors that are on) -> by seed


@dataclass(frozen=True)
class Row:
    """One student of one run; `top1` is of the weights that the run's settings score."""

    cell: str
    on: frozenset[str] | None
    preset: str
    dataset: str
    ipc: int
    student: str
    seed: int
    run: str
    split: str
    top1: float
    raw: float
    ema: float
    stored: str | None  # the stored matrix that it comes from; None: the store's own result
    score_key: str


def rows_of(matrix: Matrix, lookup: ScoreLookup) -> list[Row]:
    """Every measured student of a matrix, in the design's order; what is not measured yet is left out."""
    found = []
    for job in in_order(matrix):
        for node in job.prepared.nodes:
            if node.stage == "score" and (score := lookup.score(node.key)):
                found.append(_row(job, node.trained_student, node.key, score))
    return found


def in_order(matrix: Matrix) -> list[Job]:
    """The jobs by data set, IPC, cell as it is told, and seed."""
    told = {name: number for number, name in enumerate(_cell_names(matrix))}
    return sorted(matrix.jobs, key=lambda job: (job.dataset, job.ipc, told[job.cell.name], job.seed))


def _cell_names(matrix: Matrix) -> list[str]:
    if not matrix.jobs:
        return []
    job = matrix.jobs[0]
    about = job.prepared.description
    table = profile_of(matrix.design, about)
    return [cell.name for cell in cells_of(matrix.design, table, job.ipc, len(about.classes))]


def _row(job: Job, student: Student, key: str, score: dict[str, Any]) -> Row:
    weights = job.prepared.config.score.weights
    return Row(
        cell=job.cell.name,
        on=job.cell.on,
        preset=job.cell.preset,
        dataset=job.dataset,
        ipc=job.ipc,
        student=student.network,
        seed=job.seed,
        run=job.prepared.run,
        split=score["split"],
        top1=score[weights],
        raw=score["raw"],
        ema=score["ema"],
        stored=score["stored"],
        score_key=key,
    )


def by_cell(rows: Iterable[Row], on: bool = False) -> dict[Any, dict[int, float]]:
    """Cell (its name, or with `on` its factors) -> seed -> top-1; rows must be of one data set, IPC and student."""
    cells: dict[Any, dict[int, float]] = {}
    for row in rows:
        cells.setdefault(row.on if on else row.cell, {})[row.seed] = row.top1
    return cells
