"""What all real images of a data set teach a run's student: read from stored curves only, never estimated."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edc_core.intervals import Estimate
from edc_core.judging.worth import CURVES_FOLDER, load_curves
from edc_core.store.run_record import RunRecord


@dataclass(frozen=True)
class FullData:
    """Top-1 in percent of a student trained on all real images with hard labels, over seeds."""

    images: int
    top1: Estimate
    steps: int


def full_data_top1(run: RunRecord, places: Sequence[Path] = (CURVES_FOLDER,)) -> FullData | None:
    """The longest training on all images of the run's data set, by its first student, scored as the run is.

    None where no such training is stored.

    Raises:
        StoreError: a stored curve is damaged.
    """
    if not run.result:
        return None
    student, about = run.settings["evaluate"]["students"][0], run.manifest["dataset"]
    curves = [curve for curve in load_curves(about["digest"], places) if curve.student == student]
    if not curves:
        return None
    longest = max(curves, key=lambda curve: (curve.sizes[-1], curve.steps))
    return FullData(longest.sizes[-1], longest.points(run.result["split"])[-1], longest.steps)
