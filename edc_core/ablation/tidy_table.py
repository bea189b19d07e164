"""One tidy table of an ablation: a row a run and student, for spreadsheets, notebooks and the report.

Bytes are known of every run (of settings alone). Seconds are known where a run's stages lie in this store or
come with the project; a stored matrix keeps only its sums. LRS and ARS need other runs beside them, see
`dd_ranking_pairs.py`.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from edc_core.ablation.dd_ranking_pairs import dd_ranking_scores
from edc_core.ablation.design import factors_of
from edc_core.ablation.matrix import Job, Matrix, profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import Row, rows_of
from edc_core.config import RelabelConfig
from edc_core.data import Description, describe
from edc_core.errors import EDCError
from edc_core.judging.worth import load_curves
from edc_core.stage_graph import Student
from edc_core.store import StageResults, Store
from edc_core.store.files import seconds_taken

STAGES = ("initialise", "synthesise", "relabel", "evaluate", "score")
MAKING = ("initialise", "synthesise")
COLUMNS = (
    *("cell", "preset", "dataset", "ipc", "student", "seed", "split", "top1", "raw", "ema", "weights"),
    *("image_bytes", "label_bytes", "seconds_making", *(f"seconds_{stage}" for stage in STAGES)),
    *("lrs", "ars", "protocol", "settings", "run", "score_key", "data_digest", "stored"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(matrix: Matrix, lookup: ScoreLookup, store: Store | None = None) -> list[dict[str, Any]]:
    """Every measured student of a matrix: coordinates, levels, top-1 in percent, bytes, seconds, scores.

    A factor's level stands under `on:NAME` as 1 or 0. `top1` is of the weights that the run's settings score.
    """
    rows = rows_of(matrix, lookup)
    jobs = {job.prepared.run: job for job in matrix.jobs}
    digests = {job.dataset: job.prepared.description.digest for job in matrix.jobs}
    scores = dd_ranking_scores(matrix.jobs, rows, {name: _curves(digest) for name, digest in digests.items()})
    stage_results = store.stage_results if store else lookup.stage_results
    seconds = {run: _seconds(job, stage_results) for run, job in jobs.items()}
    levels = _factor_names(matrix)
    return [
        _tidy(row, jobs[row.run], levels) | _timed(seconds[row.run], row) | scores[row.run, row.student] for row in rows
    ]


def _factor_names(matrix: Matrix) -> list[str]:
    if not matrix.jobs:
        return []
    return [factor.name for factor in factors_of(matrix.design, profile_of(matrix.design, _about(matrix)))]


def _about(matrix: Matrix) -> Description:
    return matrix.jobs[0].prepared.description


def _curves(digest: str) -> list:
    try:
        return load_curves(digest)
    except EDCError:  # damaged: the page that shows them says so
        return []


def _tidy(row: Row, job: Job, levels: Sequence[str]) -> dict[str, Any]:
    config, about = job.prepared.config, job.prepared.description
    plain = {name: value for name, value in asdict(row).items() if name != "on"}
    return (
        plain
        | {f"on:{name}": int(name in row.on) for name in levels if row.on is not None}
        | {
            "weights": config.score.weights,
            "protocol": config.protocol,
            "settings": config.profile,
            "data_digest": about.digest,
            "image_bytes": _bytes_of(about, row.ipc),
            "label_bytes": _label_bytes(job),
        }
    )


@lru_cache(64)
def image_bytes(dataset: str, ipc: int) -> int:
    """Bytes of a condensed set's images, one a pixel and colour."""
    return _bytes_of(describe(dataset), ipc)


def _bytes_of(about: Description, ipc: int) -> int:
    return ipc * len(about.classes) * about.channels * about.size**2


def _label_bytes(job: Job) -> int:
    """Bytes of every view's soft labels in half precision, were they stored ahead (FKD); none for hard ones."""
    config, classes = job.prepared.config, len(job.prepared.description.classes)
    if config.relabel.labels == "hard":
        return 0
    images, views = job.ipc * classes, config.views
    if views.epochs is not None:
        count = views.epochs * images
    else:
        epochs, rest = divmod(views.steps, math.ceil(images / views.batch_size))
        count = epochs * images + min(rest * views.batch_size, images)
    return count * _bytes_of_view(config.relabel, classes)


def _bytes_of_view(relabel: RelabelConfig, classes: int) -> int:
    """All logits of one view; or its `logits_top_k` largest with their classes, and the mean of the rest."""
    if not relabel.stores or relabel.logits_top_k is None:
        return 2 * classes
    number = 2 if classes < 2**15 else 4
    return relabel.logits_top_k * (2 + number) + 2


def _seconds(job: Job, stage_results: StageResults) -> dict[tuple[str, Student | None], float]:
    """(stage, student) -> seconds of each of the run's own stages that is there, whoever computed it."""
    found = {}
    for node in job.prepared.nodes:
        if node.stage in STAGES and (folder := stage_results.find(node.key)) and (folder / "stage.json").exists():
            found[node.stage, node.student] = float(seconds_taken(folder))
    return found


def _timed(seconds: dict[tuple[str, Student | None], float], row: Row) -> dict[str, Any]:
    """Seconds by stage, of this student where each has its own; None where they are not known."""
    by_stage = {}
    for stage in STAGES:
        own = [value for (kind, student), value in seconds.items() if kind == stage and _is_of(student, row.student)]
        by_stage[f"seconds_{stage}"] = sum(own) if own else None
    making = [by_stage[f"seconds_{stage}"] for stage in MAKING if by_stage[f"seconds_{stage}"] is not None]
    known = by_stage["seconds_synthesise"] is not None or (making and row.preset in ("random", "herding", "RDED"))
    return by_stage | {"seconds_making": sum(making) if known else None}


def _is_of(student: Student | None, network: str) -> bool:
    return student is None or student.network == network


def as_csv(rows: Iterable[Row | dict[str, Any]]) -> str:
    """Tidy rows, or plain ones, as CSV; text that a spreadsheet would take for a formula is kept text."""
    plain = [row if isinstance(row, dict) else _plain(row) for row in rows]
    given = list(dict.fromkeys(name for row in plain for name in row))
    levels = [name for name in given if name.startswith("on:")]
    order = [name for name in COLUMNS[:1] if name in given] + levels
    order += [name for name in COLUMNS[1:] if name in given] + [n for n in given if n not in (*COLUMNS, *levels)]
    file = io.StringIO()
    writer = csv.DictWriter(file, order, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _text(value) for name, value in row.items()} for row in plain)
    return file.getvalue()


def _plain(row: Row) -> dict[str, Any]:
    plain = asdict(row)
    on = plain.pop("on")
    return plain if on is None else plain | {"on": " ".join(sorted(on))}


def _text(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
