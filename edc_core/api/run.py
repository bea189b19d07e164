"""A run as an object: its settings and scores at hand, its arrays read from the store when they are asked for."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from edc_core.config import validate_config
from edc_core.config.paths import stages_of
from edc_core.errors import EDCError, StoreError
from edc_core.judging.set_checks import stored_check
from edc_core.runs.condensed_set import committee_logits, condensed_set, softmax
from edc_core.runs.image_grids import as_image, by_class, enlarge, sheet
from edc_core.runs.run_table import top1_of
from edc_core.store import TASKS, Store
from edc_core.store.run_record import RunRecord

if TYPE_CHECKING:
    import pandas as pd
    from PIL.Image import Image

Found = TypeVar("Found")
SCORES = {  # a student's scores, stored name -> name with its unit
    "student": "network",
    "seed": "seed",
    "top1": "top1_percent",
    "top1_ema": "top1_ema_percent",
    "top5": "top5_percent",
    "top5_ema": "top5_ema_percent",
}


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A run of the store. What is not finished yet raises an EDCError that says so.

    Attributes:
        id: its name in the store, as `edc.load` and the command line take it.
        home: the store's folder.
        controls: of an evaluated set of one's own, the runs of its controls by name; else empty.
    """

    id: str
    home: Path
    row: RunRecord = field(repr=False)  # as the store gives it
    controls: Mapping[str, "Run"] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One of queued, running, finished, failed, cancelled and interrupted, when it was loaded."""
        return str(self.row.state)

    @property
    def classes(self) -> tuple[str, ...]:
        """The data set's class names."""
        return tuple(self.row.manifest["dataset"]["classes"])

    @property
    def top1_percent(self) -> float | None:
        """Top-1 accuracy in percent, the mean over students, of the weights that the settings score; None: not yet."""
        return top1_of(self.row)

    @property
    def set_warnings(self) -> list[str]:
        """Of an imported set: what was found that its score must not be shown without, a sentence each; mostly none."""
        check = stored_check(self.row.manifest)
        return [found.message for found in check.warnings] if check else []

    @property
    def stages(self) -> list[dict[str, str]]:
        """Its stages, each with `stage`, `name` (an observer, or student/seed) and `key`, its cache key."""
        return [dict(node) for node in self.row.plan]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Every setting by its path, e.g. "evaluate.zeta", and what the run was asked for, e.g. "preset"."""
        return settings_of(self.row)

    @cached_property
    def images(self) -> np.ndarray:
        """The condensed images, (N, H, W, C) uint8."""
        found = self._read("condensed images", condensed_set)
        return np.ascontiguousarray(found.pixels(range(len(found))).transpose(0, 2, 3, 1))

    @cached_property
    def labels(self) -> np.ndarray:
        """Each image's class, (N,) int64; a number n stands for `classes[n]`."""
        return np.array(self._read("condensed images", condensed_set).labels)

    @cached_property
    def soft_labels(self) -> np.ndarray | None:
        """The committee's probabilities of the images as they are, (N, classes) float32; None: its labels are hard.

        Students learn from labels of augmented views; these are those of the unchanged images.
        """
        if self.row.settings["relabel"]["labels"] == "hard":
            return None
        return softmax(self._read("soft labels", committee_logits)).astype(np.float32)

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """What was measured while it computed: a row a point, with `stage`, `name`, `series`, `step` and `value`."""
        import pandas as pd

        with closing(Store(self.home)) as store:
            rows = [
                (node["stage"], node["name"], series, step, value)
                for node in self.stages
                for series, (steps, values) in store.curves(node["key"]).items()
                for step, value in zip(steps, values, strict=True)
            ]
        return pd.DataFrame(rows, columns=["stage", "name", "series", "step", "value"])

    @cached_property
    def scores(self) -> "pd.DataFrame":
        """A row a student: network, seed, and accuracies in percent of its raw and of its averaged (EMA) weights."""
        import pandas as pd

        students = (self.row.result or {}).get("students", ())
        return pd.DataFrame([{SCORES[name]: one[name] for name in SCORES} for one in students], columns=SCORES.values())

    def grid(self, per_class: int = 10, scale: int = 2) -> "Image":
        """Its first images as one grid, a class a row; a notebook shows it.

        Args:
            per_class: how many images of each class.
            scale: screen pixels a side for each pixel.
        """
        cells, filled, _ = by_class(self.images.transpose(0, 3, 1, 2), self.labels, per_class)
        return as_image(enlarge(sheet(cells, filled), scale))

    def __repr__(self) -> str:
        result = self.row.result
        score = f", top-1 {self.top1_percent:.2f} % ({result['split']})" if result else ""
        return f"<Run {self.id}: {self.state}{score}>"

    def _read(self, what: str, read: Callable[[Store, Any], Found | None]) -> Found:
        with closing(Store(self.home)) as store:
            found = read(store, self.row)
        if found is None:
            raise StoreError(
                f"run '{self.id}' is {self.state} and has no {what} yet: finish it by the same call that began it, or"
                f" with 'python -m edc_core resume {self.id}'."
            )
        return found


def settings_of(row: RunRecord) -> dict[str, Any]:
    """A stored run's settings, flat; those that are younger than the run have the value that it was made with."""
    try:
        config = validate_config(row.settings)
    except EDCError:  # of another version: as they stand
        return _flat(row.settings)
    groups = stages_of(config)
    whole = {name: getattr(config, name) for name in type(config).model_fields if name not in groups}
    return whole | {
        f"{stage}.{name}": getattr(group, name) for stage, group in groups.items() for name in type(group).model_fields
    }


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= {f"{name}.{key}": part for key, part in value.items()} if isinstance(value, Mapping) else {name: value}
    return flat


def load_run(name: str, home: Path, controls: Mapping[str, Run] | None = None) -> Run:
    """The run of that name, or of that beginning or end of a name.

    Raises:
        StoreError: there is none, or it is another task.
    """
    with closing(Store(home)) as store:
        row = store.run(name)
    if row.origin in TASKS:
        raise StoreError(f"'{row.id}' is a task of kind {row.origin}, not a run: see edc.list_runs().")
    return Run(row.id, home, row, controls or {})
