"""Near duplicates: images that differ by a new encoding, brightness or a little noise alone, found by their hashes."""

from collections.abc import Iterator

import numpy as np

from edc_core.data import Dataset
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding, Severity
from edc_core.doctor.similarity import candidate_pairs, coarse_vectors, distances, hash_pixels, near_distance

LEAKED, UNDER_TWO_CLASSES, REPEATED = 0.03, 0.01, 0.2  # shares of images from which a figure is misleading


def check_near_duplicates(name: str, dataset: Dataset) -> Iterator[Finding]:
    """Across the split, across classes and within a class; exact copies across split and classes are told elsewhere."""
    train, test = dataset.part("train"), dataset.part("test")
    pixels = _Both(train.pixels, test.pixels)
    labels = np.concatenate([train.all_labels, test.all_labels])
    pairs, equal = _near_pairs(pixels)
    in_test = pairs >= pixels.first
    split = in_test[:, 0] != in_test[:, 1]
    same_class = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    both_train = ~in_test.any(1)
    groups = {
        "split": pairs[split & ~equal],
        "classes": pairs[both_train & ~same_class & ~equal],
        "class": pairs[both_train & same_class],
    }
    yield from _told(name, groups, pixels)


class _Both:
    """Training images and after them test images, as one array whose rows are read when they are asked for."""

    def __init__(self, train: np.ndarray, test: np.ndarray) -> None:
        self.train, self.test, self.first = train, test, len(train)

    def __len__(self) -> int:
        return len(self.train) + len(self.test)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        found = np.empty((len(rows), *self.train.shape[1:]), np.uint8)
        late = rows >= self.first
        found[~late] = self.train[rows[~late]]
        found[late] = self.test[rows[late] - self.first]
        return found


def _near_pairs(pixels: _Both) -> tuple[np.ndarray, np.ndarray]:
    """(P, 2) rows of near duplicates, the smaller first, and (P,) whether they are equal pixel by pixel."""
    vectors = np.concatenate([coarse_vectors(pixels.train), coarse_vectors(pixels.test)])
    pairs = candidate_pairs(vectors)
    limit = near_distance(pixels, vectors)
    apart = [distances(pixels[part[:, 0]], pixels[part[:, 1]]) for part in _chunks(pairs)]
    pairs = pairs[np.concatenate(apart) <= limit] if apart else pairs
    equal = [hash_pixels(pixels[part[:, 0]]) == hash_pixels(pixels[part[:, 1]]) for part in _chunks(pairs)]
    return pairs, np.concatenate(equal) if equal else np.zeros(0, bool)


def _chunks(pairs: np.ndarray, size: int = 2048) -> Iterator[np.ndarray]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def _told(name: str, groups: dict[str, np.ndarray], pixels: _Both) -> Iterator[Finding]:
    """A finding for each group that holds a pair."""
    tests = len(pixels.test)
    if len(pairs := groups["split"]):
        count = len(np.unique(pairs[:, 1]))
        message = f"{count} of {tests} test images ({_percent(count, tests)}) are near duplicates of training images."
        cure = "remove them from one side, or divide by where images come from: accuracy on them is remembered."
        severity = _severity(count >= LEAKED * tests)
        yield Finding("duplicates", severity, message, cure, _examples(name, pairs, pixels))
    if len(pairs := groups["classes"]):
        count = len(np.unique(pairs))
        told = _percent(count, pixels.first)
        message = f"{count} training images ({told}) are near duplicates of one under another class."
        severity = _severity(count >= UNDER_TWO_CLASSES * pixels.first)
        yield Finding(
            "duplicates", severity, message, "keep each under its right class.", _examples(name, pairs, pixels)
        )
    if len(pairs := groups["class"]):
        count = len(np.unique(pairs[:, 1]))
        told = _percent(count, pixels.first)
        message = f"{count} training images ({told}) repeat another one of their class, exactly or nearly."
        severity = _severity(count >= REPEATED * pixels.first)
        yield Finding("duplicates", severity, message, "remove repetitions.", _examples(name, pairs, pixels))


def _severity(misleading: bool) -> Severity:
    return "warning" if misleading else "note"


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %"


def _examples(name: str, pairs: np.ndarray, pixels: _Both) -> tuple[str, ...]:
    """Both files of the first pairs."""
    shown = pairs[np.argsort(pairs[:, 1], kind="stable")][:: max(1, len(pairs) // MAX_SHOWN)][:MAX_SHOWN]
    named: dict[int, str] = {}
    source = open_source(name)
    for split, first, last in (("train", 0, pixels.first), ("test", pixels.first, len(pixels))):
        rows = [int(row) for row in np.unique(shown) if first <= row < last]
        if rows:
            found = source.take(split, [row - first for row in rows])
            named |= dict(zip(rows, (where for _, where in found), strict=True))
    return tuple(f"{named[int(one)]} and {named[int(other)]}" for one, other in shown)
