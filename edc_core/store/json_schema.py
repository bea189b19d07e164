"""What stands in the JSON files of a stage's result, as pages and later stages read it."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from edc_core.errors import StoreError
from edc_core.store.result_schema import Expected
from edc_core.store.run_row_schema import Count, Percent, Shape, Size, complaint


class Observer(Shape):
    """`observer.json` of squeeze."""

    network: str
    val_top1: Percent


class Column(Shape):
    """A run of columns of the moments."""

    model_config = ConfigDict(extra="forbid")
    layer: Count
    kind: Literal["channel", "patch"]
    width: Size


class Layout(Shape):
    """`layout.json` of statistics."""

    layers: list[str]
    columns: list[Column]
    patch: Count


class Labels(Shape):
    """`labels.json` of relabel."""

    agreement: Percent | None = None
    views: Count | None = None
    bytes_if_stored: int | None = Field(None, ge=0)
    stored: bool = False


class Student(Shape):
    """`student.json` of evaluate."""

    network: str
    seed: int


class Figures(Shape):
    """What one kind of weights gets right."""

    top1: Percent
    top5: Percent | None = None
    per_class: list[Percent] | None = None
    confusion: list[list[Count]] | None = None


class Score(Shape):
    """`score.json` of score."""

    split: Literal["val", "test"]
    raw: Figures
    ema: Figures


class Neighbours(Shape):
    """`neighbours.json` of neighbours."""

    network: str | None
    held_out: Count
    starts_left_out: Count


class Landscape(Shape):
    """`landscape.json` of landscape."""

    kind: str


RECORDS: dict[str, tuple[str, type[Shape]]] = {
    "squeeze": ("observer.json", Observer),
    "statistics": ("layout.json", Layout),
    "relabel": ("labels.json", Labels),
    "evaluate": ("student.json", Student),
    "score": ("score.json", Score),
    "neighbours": ("neighbours.json", Neighbours),
    "landscape": ("landscape.json", Landscape),
}
CURVES = TypeAdapter(dict[str, tuple[list[int], list[float | None]]])


def check_records(folder: Path, stage: str, expected: Expected | None = None) -> None:
    """Look at a result's JSON files.

    Raises:
        StoreError: a value is missing or of another kind.
    """
    if stage in RECORDS:
        name, shape = RECORDS[stage]
        record = _read(folder / name, TypeAdapter(shape))
        if stage == "score" and expected:
            _check_classes(record, expected.classes)
    if (folder / "curves.json").exists():
        for series, (steps, values) in _read(folder / "curves.json", CURVES).items():
            if len(steps) != len(values):
                raise StoreError(f"{series[:60]!r} in 'curves.json' has {len(steps)} steps and {len(values)} values")


def _read(path: Path, kind: TypeAdapter) -> Any:
    try:
        return kind.validate_python(json.loads(path.read_bytes()))
    except ValidationError as error:
        raise StoreError(f"in '{path.name}' {complaint(error)}") from None


def _check_classes(score: Score, classes: int) -> None:
    """Accuracies by class, and confusions, are of as many classes as the data set has."""
    for kind, figures in (("raw", score.raw), ("ema", score.ema)):
        for name, values in (("per_class", figures.per_class), ("confusion", figures.confusion)):
            rows = values if values and name == "confusion" else []
            if values is not None and (len(values) != classes or any(len(row) != classes for row in rows)):
                raise StoreError(f"in 'score.json' its {kind}.{name} is not of the data set's {classes} classes")
