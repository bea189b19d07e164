"""Stored matrices with made-up figures, so that what reads them can be tested without hours of computing."""

import time
from collections.abc import Callable
from pathlib import Path

from edc_core.ablation.design import parse_design
from edc_core.ablation.matrix import Job, Matrix, build_matrix
from edc_core.ablation.published_scores import FORMAT
from edc_core.stage_graph import CODE_VERSIONS
from edc_core.store.files import write_json

# Points of top-1 that a choice brings in these matrices, alone and together.
EFFECTS = {
    "real-initialisation": 1.0,
    "smoothing-schedule": 2.0,
    "flatness": -0.5,
    "small-batch": 8.0,
    "backbones": 3.0,
    "category-matching": 0.25,
    "weak-augmentation": 0.75,
    "ema-evaluation": 1.5,
    "soft-labels": 6.0,
    "augmentation": 2.0,
    "steps": 5.0,
    "schedule": 1.0,
    "optimised": 3.0,
}
SPREAD = (-0.3, 0.0, 0.3)  # by seed


def top1(on: frozenset[str], seed: int) -> float:
    """The accuracy of a cell; two choices interact, and a third's effect differs by seed."""
    together = 1.25 if {"small-batch", "ema-evaluation"} <= on else 0.0
    wavering = 0.1 * seed if "flatness" in on else 0.0
    return 55 + sum(EFFECTS[name] for name in on) + together + wavering + SPREAD[seed % 3]


def stored_matrix(place: Path, name: str, of: Callable[[Job], tuple[float, float]] | None = None, **design) -> Matrix:
    """Write a record of the design with made-up scores; `of` gives a job's (raw, averaged) accuracies."""
    matrix = build_matrix(parse_design(design))
    switch = "schedule" if design["kind"] == "waterfall" else "ema-evaluation"
    scores = {}
    for job in matrix.jobs:
        on = job.cell.on or frozenset()
        raw, ema = of(job) if of else (top1(on - {switch}, job.seed), top1(on | {switch}, job.seed))
        for key in job.score_keys:
            scores[key] = [matrix.design.split, raw, ema]
    about = matrix.jobs[0].prepared.description
    record = {
        "format": FORMAT,
        "name": name,
        "title": f"made-up {name}",
        "design": matrix.design.model_dump(mode="json"),
        "datasets": {matrix.jobs[0].dataset: {"digest": about.digest, "classes": list(about.classes)}},
        "code_versions": CODE_VERSIONS,
        "versions": {"edc_core": "0"},
        "seconds": {},
        "redrawn": "everything but the observers",
        "finished": time.time(),
        "scores": scores,
    }
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / f"{name}.json", record)
    return matrix
