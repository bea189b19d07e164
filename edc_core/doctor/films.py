"""Frames of films on both sides of the split: test images whose neighbours by file name are training images."""

import re
from collections.abc import Iterator

import numpy as np

from edc_core.data import Dataset
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding
from edc_core.doctor.similarity import distances

CLASSES, PER_CLASS, MOST_NAMES = 20, 25, 20_000  # looked at; of larger classes no names are read
FEWEST = 6  # test images that tell
NEARER, ALMOST_ALL = 0.7, 0.8  # share of the distance of any two of a class; share of test images that are nearer
AWAY = 10  # places between two images of a class that are no neighbours


def check_films(name: str, dataset: Dataset) -> Iterator[Finding]:
    """Compare test images with their neighbours by name, and with others of their class."""
    found = list(_compared(name, dataset))
    if len(found) < FEWEST:
        return
    beside = np.array([one for one, _, _ in found])
    any_two = np.array([other for _, other, _ in found])
    usual = float(np.median(any_two))
    if np.median(beside) > NEARER * usual or np.mean(beside < any_two) < ALMOST_ALL:
        return
    share = 100 * np.mean(beside < NEARER * usual)
    message = (
        f"{share:.0f} % of {len(found)} test images seen resemble the training image before or after them by file"
        f" name: a distance of {np.median(beside):.2f}, {usual:.2f} between any two of a class. Frames of a film stand"
        " on both sides."
    )
    cure = "put whole films (or series) into train/ or test/: accuracy on their neighbours is remembered."
    examples = tuple(text for _, _, text in sorted(found)[:MAX_SHOWN])
    yield Finding("duplicates", "warning", message, cure, examples)


def _compared(name: str, dataset: Dataset) -> Iterator[tuple[float, float, str]]:
    """Of some test images: the distance to the nearer neighbour by name, to others of the class, and both names."""
    train, test = dataset.part("train"), dataset.part("test")
    classes = len(dataset.description.classes)
    generator = np.random.default_rng(0)
    for label in np.unique(np.linspace(0, classes - 1, min(CLASSES, classes)).astype(int)):
        rows = {"train": np.flatnonzero(train.all_labels == label), "test": np.flatnonzero(test.all_labels == label)}
        if len(rows["train"]) < AWAY or not len(rows["test"]) or sum(map(len, rows.values())) > MOST_NAMES:
            continue
        order, at, names = _by_name(name, rows)
        triples = list(_triples(order, at, generator))
        if not triples:
            continue
        here = test.pixels[rows["test"][[one for one, _, _ in triples]]]
        beside = _nearer(here, train.pixels, [[rows["train"][n] for n in near] for _, near, _ in triples])
        others = _nearer(here, train.pixels, [[rows["train"][n] for n in far] for _, _, far in triples])
        for (one, near, _), a, b in zip(triples, beside, others, strict=True):
            yield float(a), float(b), f"{names['test'][one]} beside {names['train'][near[0]]}"


def _by_name(name: str, rows: dict[str, np.ndarray]) -> tuple[list[tuple[str, int]], dict[int, int], dict]:
    """A class's images in the order of their names, (split, number); where each test image stands; all names."""
    source = open_source(name)
    names = {split: [where for _, where in source.take(split, part.tolist())] for split, part in rows.items()}
    order = [(split, number) for split in names for number in range(len(names[split]))]
    order.sort(key=lambda one: _natural(names[one[0]][one[1]]))
    return order, {number: place for place, (split, number) in enumerate(order) if split == "test"}, names


def _natural(where: str) -> list[tuple[int, str]]:
    """A sorting key of a path's last part by which 2 comes before 10."""
    parts = re.split(r"(\d+)", where.strip("'").split("/")[-1])
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _triples(
    order: list[tuple[str, int]], at: dict[int, int], generator: np.random.Generator
) -> Iterator[tuple[int, list[int], list[int]]]:
    """Some test images, each with its training neighbours and as many training images from elsewhere."""
    for one in list(at)[:: max(1, len(at) // PER_CLASS)][:PER_CLASS]:
        place = at[one]
        around = [order[p] for p in (place - 1, place + 1) if 0 <= p < len(order)]
        near = [number for split, number in around if split == "train"]
        far = [number for p, (split, number) in enumerate(order) if split == "train" and abs(p - place) >= AWAY]
        if near and len(far) >= len(near):
            yield one, near, generator.choice(far, len(near), replace=False).tolist()


def _nearer(here: np.ndarray, pixels: np.ndarray, rows: list[list[int]]) -> np.ndarray:
    """(N,) the smallest distance of each image to those of its rows."""
    owners = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    apart = distances(here[owners], pixels[np.concatenate(rows)])
    found = np.full(len(rows), np.inf, np.float32)
    np.minimum.at(found, owners, apart)
    return found
