"""The floor and the ceilings that a matrix's accuracies stand between, as far as they are measured."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from edc_core.ablation.matrix import Job, Matrix, profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.config.paths import split
from edc_core.design_space.compose import configure
from edc_core.errors import SettingsError, StoreError
from edc_core.intervals import estimate
from edc_core.judging.results import observers_top1
from edc_core.judging.worth import CURVES_FOLDER, RealImageCurve, load_curves
from edc_core.stage_graph import build_stage_graph

TAUGHT = ("data", "views", "evaluate")  # a design's changes of these hold for the floor, too
Bounds = list[tuple[str, float]]  # what it is, and its top-1 in percent


def bounds(matrix: Matrix, answers: ScoreLookup, home: Path, dataset: str, ipc: int, student: str) -> Bounds:
    """Random images with hard labels, but for a waterfall, which begins there; the best observer; all real images.

    Raises:
        StoreError: a stored matrix or a score is damaged.
    """
    jobs = [job for job in matrix.jobs if (job.dataset, job.ipc) == (dataset, ipc)]
    if not jobs:
        return []
    return [*_floor(matrix, jobs, answers, student), *_observer(jobs, answers), *_all_real(matrix, jobs, home, student)]


def _floor(matrix: Matrix, jobs: list[Job], answers: ScoreLookup, student: str) -> Bounds:
    if matrix.design.kind == "waterfall":
        return []
    values = [_hard(matrix, job, answers, student) for job in {job.seed: job for job in jobs}.values()]
    known = [value for value in values if value is not None]
    which = f", {jobs[0].ipc} a class" if len(matrix.design.ipcs) > 1 else ""
    return [(f"floor: random images, hard labels{which}", estimate(known).mean)] if known else []


def _hard(matrix: Matrix, job: Job, answers: ScoreLookup, student: str) -> float | None:
    """Top-1 of as many random images of a job's seed, with hard labels; None where nobody has measured it."""
    about, design = job.prepared.description, matrix.design
    changes: dict[str, Any] = {
        path: value for path, value in design.changes.items() if split(path)[0] in TAUGHT and path != "evaluate.loss"
    }
    changes |= {"evaluate.students": [student], "score.split": design.split}
    try:
        config = configure("random", job.dataset, profile_of(design, about), job.ipc, job.seed, "hard", changes)
    except SettingsError:
        return None
    key = next(node.key for node in build_stage_graph(config, about.digest) if node.stage == "score")
    score = answers.score(key)
    return score and score[config.score.weights]


def _observer(jobs: list[Job], answers: ScoreLookup) -> Bounds:
    nodes = {node.key: node for job in jobs for node in job.prepared.nodes if node.stage == "squeeze"}
    found = observers_top1(tuple(nodes.values()), answers.stage_results, {node.name for node in nodes.values()})
    best = max(found, key=found.get, default=None)
    return [(f"best observer ({best}, {jobs[0].prepared.config.squeeze.scored_on})", found[best])] if best else []


def _all_real(matrix: Matrix, jobs: list[Job], home: Path, student: str) -> Bounds:
    curves: list[RealImageCurve] = []
    with suppress(StoreError):  # Images or labels? says what is wrong with them; no result waits for a line beside it
        curves = load_curves(jobs[0].prepared.description.digest, (CURVES_FOLDER, home / "worth"))
    fitting = [curve for curve in curves if curve.student == student]
    if not fitting:
        return []
    longest = fitting[-1]
    name = f"{longest.sizes[-1]:,} real images, hard labels, {longest.steps:,} steps"
    return [(name, longest.points(matrix.design.split)[-1].mean)]
