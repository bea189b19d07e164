"""What has been measured of a matrix, read from the store by key.

A cell is one student: a set, a protocol, a network and a seed. Its figures are found by the key of its
score, so it counts whichever run computed it.
"""

import io
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from edc_core.intervals import Estimate, estimate
from edc_core.judging.comparison_sets import CompanionMatrix
from edc_core.stage_graph import StageNode
from edc_core.store import StageResults, Store
from edc_core.store.arrays import read_arrays
from edc_core.store.files import read_json, seconds_taken


@dataclass(frozen=True)
class Cell:
    """One student of one set under one protocol; `scores` is None until it is measured."""

    set: str
    protocol: str
    student: str
    seed: int
    score_key: str
    evaluate_key: str
    headline: str  # "ema" or "raw": the weights that this protocol scores
    scores: dict[str, Any] | None = field(default=None, compare=False)

    def top1(self, weights: str | None = None) -> float:
        """Percent, of the protocol's own weights unless others are named."""
        return self.scores[weights or self.headline]["top1"]


def cells(matrix: CompanionMatrix, stage_results: StageResults) -> list[Cell]:
    """Every cell of a matrix, measured or not."""
    found = []
    for (name, protocol), prepared in matrix.runs.items():
        trained = {node.student: node.key for node in prepared.nodes if node.stage == "evaluate"}
        for node in prepared.nodes:
            if node.stage == "score":
                student = node.trained_student
                folder = stage_results.find(node.key)
                scores = read_json(folder / "score.json") if folder else None
                keys = (node.key, trained[student], prepared.config.score.weights)
                found.append(Cell(name, protocol, student.network, student.seed, *keys, scores))
    return found


def select_cells(
    cells: Iterable[Cell], *, set: str | None = None, protocol: str | None = None, student: str | None = None
) -> list[Cell]:
    """The measured ones among them, narrowed to what is named."""
    wanted = {"set": set, "protocol": protocol, "student": student}
    return [
        cell
        for cell in cells
        if cell.scores and all(value is None or getattr(cell, name) == value for name, value in wanted.items())
    ]


def by_seed(cells: Iterable[Cell], weights: str | None = None) -> dict[tuple[str, int], float]:
    """(student, seed) -> top-1 in percent: what `intervals.difference` pairs."""
    return {(cell.student, cell.seed): cell.top1(weights) for cell in cells}


def mean_top1(cells: Iterable[Cell], weights: str | None = None) -> Estimate | None:
    """Mean top-1 with its interval over seeds; None where nothing is measured."""
    values = [cell.top1(weights) for cell in cells]
    return estimate(values) if values else None


def rows(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """Tidy rows, one for each cell and kind of weights, for tables and downloads."""
    return [
        {
            "set": cell.set,
            "protocol": cell.protocol,
            "student": cell.student,
            "seed": cell.seed,
            "split": cell.scores["split"],
            "images": cell.scores["images"],
            "weights": weights,
            "headline": weights == cell.headline,
            "top1": cell.scores[weights]["top1"],
            "top5": cell.scores[weights]["top5"],
        }
        for cell in cells
        if cell.scores
        for weights in ("raw", "ema")
    ]


def confusion(cells: Iterable[Cell]) -> np.ndarray:
    """Confusion matrices of all cells added up and each row scaled to 100; (C, C), true rows."""
    total = sum(np.array(cell.scores[cell.headline]["confusion"], float) for cell in cells)
    return 100 * total / np.maximum(total.sum(1, keepdims=True), 1)


def per_class(cells: Iterable[Cell]) -> list[Estimate | None]:
    """Top-1 of each class with its interval over seeds; None of a class that no scored image is of."""
    scores = [cell.scores[cell.headline] for cell in cells]
    table = zip(*(one["per_class"] for one in scores), strict=True)
    seen = [any(row) for row in scores[0]["confusion"]] if scores else []
    return [estimate(values) if there else None for values, there in zip(table, seen, strict=True)]


def curve_bands(cells: Iterable[Cell], store: Store, series: str) -> dict[str, list[float]]:
    """A training curve over seeds: steps, mean, and the lowest and highest seed at each step."""
    curves = [found[series] for cell in cells if (found := store.curves(cell.evaluate_key)) and series in found]
    if not curves:
        return {"step": [], "mean": [], "low": [], "high": []}
    table: dict[int, list[float]] = {}
    for steps, values in curves:
        for step, value in zip(steps, values, strict=True):
            table.setdefault(step, []).append(value)
    whole = {step: values for step, values in sorted(table.items()) if len(values) == len(curves)}
    return {
        "step": list(whole),
        "mean": [statistics.fmean(values) for values in whole.values()],
        "low": [min(values) for values in whole.values()],
        "high": [max(values) for values in whole.values()],
    }


@dataclass(frozen=True)
class Cost:
    """What a set weighs and took; None where it is not known."""

    images: int | None
    pixel_bytes: int | None  # uint8, as trained on
    png_bytes: int | None  # each image as a PNG of its own
    label_bytes: int | None  # soft labels of every view, as if stored ahead in half precision
    making_seconds: float | None  # starting images and synthesis; not the observers
    judging_seconds: float | None  # one student, on average


def cost(nodes: tuple[StageNode, ...], stage_results: StageResults) -> Cost:
    """Bytes and seconds of one set under one protocol."""

    def took(*stages: str) -> list[float]:
        folders = [stage_results.find(node.key) for node in nodes if node.stage in stages]
        return [seconds_taken(folder) for folder in folders if folder]

    labels = next((stage_results.find(node.key) for node in nodes if node.stage == "relabel"), None)
    making, judging = took("initialise", "synthesise"), took("evaluate")
    pixels = condensed_images(nodes, stage_results)
    return Cost(
        images=len(pixels[0]) if pixels else None,
        pixel_bytes=int(pixels[0].nbytes) if pixels else None,
        png_bytes=sum(map(_png_bytes, pixels[0])) if pixels else None,
        label_bytes=read_json(labels / "labels.json")["bytes_if_stored"] if labels else None,
        making_seconds=sum(making) if making else None,
        judging_seconds=statistics.fmean(judging) if judging else None,
    )


def condensed_images(nodes: tuple[StageNode, ...], stage_results: StageResults) -> tuple[np.ndarray, np.ndarray] | None:
    """Condensed images of a plan: pixels (N, C, H, W) uint8 and classes (N,); None where they are not there yet.

    Starting images are none, even where nothing is optimised: they are kept normalised, in float32.
    """
    node = next(node for node in nodes if node.stage == "synthesise")
    folder = stage_results.find(node.key)
    return _images_in(folder) if folder else None


def observers_top1(nodes: tuple[StageNode, ...], stage_results: StageResults, names: Iterable[str]) -> dict[str, float]:
    """Each named observer's top-1 in percent (see `SqueezeConfig.scored_on`), where it is squeezed."""
    found = {}
    for node in nodes:
        if node.stage == "squeeze" and node.name in names and (folder := stage_results.find(node.key)):
            found[node.name] = read_json(folder / "observer.json")["val_top1"]
    return found


def _images_in(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    tensors = read_arrays(folder / "images.safetensors", ("images", "labels"))
    return tensors["images"], tensors["labels"]


def _png_bytes(pixels: np.ndarray) -> int:
    """(C, H, W) uint8."""
    buffer = io.BytesIO()
    Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).save(buffer, "PNG")
    return buffer.tell()
