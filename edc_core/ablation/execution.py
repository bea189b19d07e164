"""Running a matrix on this machine: job by job, resumable, each shared stage once."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edc_core.ablation.design import REDRAWN
from edc_core.ablation.matrix import Job, Matrix
from edc_core.ablation.published_scores import FORMAT, PUBLISHED, ScoreLookup, published_matrices
from edc_core.errors import Cancelled, EDCError
from edc_core.events import EventHandler, no_op
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import versions
from edc_core.stage_graph import CODE_VERSIONS
from edc_core.store import BUNDLED, StageResults
from edc_core.store.files import seconds_taken


def execute_matrix(
    matrix: Matrix,
    home: Path,
    observe: EventHandler = no_op,
    told: Callable[[int, int, Job, str | None], None] = lambda done, total, job, error: None,
    places: Sequence[Path] = (PUBLISHED,),
) -> dict[str, str]:
    """Compute what has no answer yet; returns what failed, run -> sentence. `told` hears of every ended job.

    An answer is a score in the store, or in a stored matrix of `places`; with none of these everything is computed.

    Raises:
        Cancelled, KeyboardInterrupt: stopped; everything finished is kept.
    """
    lookup = ScoreLookup(StageResults(home, (BUNDLED,)), places)
    failed: dict[str, str] = {}
    waiting = [job for job in matrix.jobs if any(lookup.score(key) is None for key in job.score_keys)]
    done = len(matrix.jobs) - len(waiting)
    for job in waiting:
        error = None
        if any(lookup.score(key) is None for key in job.score_keys):  # not meanwhile by a job of the same keys
            try:
                execute(job.prepared, home, observe)
            except Cancelled:
                raise
            except EDCError as met:  # the others may well succeed
                error = failed[job.prepared.run] = str(met)
        done += 1
        told(done, len(matrix.jobs), job, error)
    return failed


def matrix_record(
    matrix: Matrix, name: str, home: Path, title: str = "", places: Sequence[Path] = (PUBLISHED,)
) -> dict[str, Any]:
    """Everything that a matrix's figures rest on, with its scores by key, to be stored apart from its images."""
    stage_results = StageResults(home, (BUNDLED,))
    lookup = ScoreLookup(stage_results, places)
    scores, seconds = {}, {}
    for key, node in matrix.nodes().items():
        if node.stage == "score" and (found := lookup.score(key)):
            scores[key] = [found["split"], round(found["raw"], 4), round(found["ema"], 4)]
        if folder := stage_results.find(key):
            stage = seconds.setdefault(node.stage, [0, 0.0])
            stage[0] += 1
            stage[1] = round(stage[1] + seconds_taken(folder), 2)
    for place in places:
        for record in published_matrices(place):
            if record["name"] == name:
                _add_earlier(seconds, record["seconds"], Counter(node.stage for node in matrix.nodes().values()))
    datasets = {job.dataset: job.prepared.description for job in matrix.jobs}
    return {
        "format": FORMAT,
        "name": name,
        "title": title or name,
        "design": matrix.design.model_dump(mode="json"),
        "datasets": {
            name: {"digest": about.digest, "classes": list(about.classes)} for name, about in datasets.items()
        },
        "code_versions": CODE_VERSIONS,
        "versions": versions(),
        "seconds": {stage: {"stages": count, "seconds": total} for stage, (count, total) in seconds.items()},
        "redrawn": REDRAWN,
        "finished": time.time(),
        "scores": scores,
    }


def _add_earlier(
    seconds: dict[str, list], earlier: Mapping[str, Mapping[str, float]], total: Mapping[str, int]
) -> None:
    """What a stored part of the same matrix took, as far as those stages are not in this store."""
    for name, one in earlier.items():
        stage = seconds.setdefault(name, [0, 0.0])
        count = max(0, min(one["stages"], total[name] - stage[0]))
        stage[0] += count
        stage[1] = round(stage[1] + one["seconds"] * count / max(one["stages"], 1), 2)
