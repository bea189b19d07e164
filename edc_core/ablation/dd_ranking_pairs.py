"""Which runs of a matrix hold something fixed beside another one, and the scores that rest on such pairs.

LRS needs, under the same evaluation: the same images with hard labels, and random real images under the
same labels; and all the real images with hard labels, which the longest stored curve of `worth` gives by its own
training and averaged weights. ARS needs the same
images and random real ones, each with and without augmentation. A waterfall has them all; in a ladder they
are missing, and the scores are None.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from edc_core.ablation.dd_ranking import ars, lrs
from edc_core.ablation.matrix import Job
from edc_core.ablation.results import Row
from edc_core.config import RunConfig
from edc_core.config.base import Settings
from edc_core.judging.worth import RealImageCurve

PLAIN_VIEWS = {"randaugment_ops": 0, "cutmix_alpha": 0.0, "flip": False, "crop_area_min": 1.0, "crop_area_max": 1.0}
AUGMENTATION = (*PLAIN_VIEWS, "randaugment_magnitude")
LOSS = ("loss", "ce_weight", "temperature", "hard_label_weight", "smoothing")
HARD, PLAIN = "hard", "plain"


def dd_ranking_scores(
    jobs: Sequence[Job], rows: Sequence[Row], curves: Mapping[str, Sequence[RealImageCurve]]
) -> dict[tuple[str, str], dict]:
    """(run, student) -> {"lrs": ..., "ars": ...}, None where an ingredient is not in the matrix.

    `curves` holds a data set's curves of real subsets by its name.
    """
    known = {job.prepared.run: job.prepared.config for job in jobs}
    images = {run: _images(config) for run, config in known.items()}
    table: dict[tuple, float] = {}
    for row in rows:
        table.setdefault(_place(row, images[row.run], known[row.run]), row.top1 / 100)
    return {(row.run, row.student): _scores(row, known[row.run], images, table, curves) for row in rows}


def _scores(row: Row, config: RunConfig, images: Mapping[str, str], table: Mapping, curves: Mapping) -> dict:
    own, random = images[row.run], _random(config)

    def find(image_key: str, **changes: Any) -> float | None:
        return table.get(_place(row, image_key, config, **changes))

    hard, other = find(own, hard=True), find(random)
    real = _all_real(row, curves.get(row.dataset, ()))
    leads = [find(own), find(random), find(own, plain=True), find(random, plain=True)]
    leads = [None] if is_plain(config) else leads  # it stands with the augmented run
    return {
        "lrs": None if None in (hard, other, real) else lrs(real, hard, row.top1 / 100, other),
        "ars": None if None in leads else ars(*leads),
    }


def _images(config: RunConfig) -> str:
    """What makes the images, as text; where nothing is optimised only the start counts."""
    start = config.initialise.cache_key_fields()
    if config.synthesise.iterations == 0:
        return json.dumps(start, sort_keys=True)
    return json.dumps([start, config.synthesise.cache_key_fields()], sort_keys=True)


def _random(config: RunConfig) -> str:
    """As many random real images of the same seed."""
    return json.dumps(
        type(config.initialise)(kind="real", seed=config.initialise.seed).cache_key_fields(), sort_keys=True
    )


def _place(row: Row, images: str, config: RunConfig, hard: bool = False, plain: bool = False) -> tuple:
    """Where a run stands: its images, its labels, its views, and all else.

    `hard` puts it where labels are hard, `plain` where views are the images as they are, all else being equal.
    """
    views, relabel, evaluate = _by_field(config.views), config.relabel.cache_key_fields(), _by_field(config.evaluate)
    labels = relabel | {name: evaluate.get(name) for name in LOSS}
    rest = {name: value for name, value in views.items() if name not in AUGMENTATION}
    rest |= {name: value for name, value in evaluate.items() if name not in (*LOSS, "students", "seeds")}
    rest |= {"weights": config.score.weights}
    return (
        *(row.dataset, row.ipc, row.student, row.seed, row.split, images),
        HARD if hard or relabel["labels"] == HARD else json.dumps(labels, sort_keys=True),
        PLAIN if plain or is_plain(config) else json.dumps([views.get(name) for name in AUGMENTATION]),
        json.dumps(rest, sort_keys=True),
    )


def _by_field(settings: Settings) -> dict[str, Any]:
    """What enters a stage's key, by the fields' own names."""
    keyed = settings.cache_key_fields()
    names = {field: settings.stored_name(field) for field in type(settings).model_fields}
    return {field: keyed[name] for field, name in names.items() if name in keyed}


def is_plain(config: RunConfig) -> bool:
    """Whether a student sees the images as they are."""
    return all(getattr(config.views, name) == value for name, value in PLAIN_VIEWS.items())


def _all_real(row: Row, curves: Sequence[RealImageCurve]) -> float | None:
    """Top-1 of the longest training on all real images with hard labels, as a fraction."""
    fitting = [curve for curve in curves if curve.student == row.student and row.split in curve.values]
    return float(fitting[-1].values[row.split][:, -1].mean()) / 100 if fitting else None
