"""Whether test labels mean what training labels mean, before any observer is trained: guesses by class means."""

import math

import numpy as np

from edc_core.data import Dataset, Part
from edc_core.doctor.finding import Finding, listed_names

SIDE = 8  # cells a side that an image is averaged to
MAX_IMAGES = 20_000  # images of each split
SURE = 4.0  # standard errors between what is seen and chance


def features(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """(N, C * SIDE**2) means of cells, and (N,) labels, of at most `MAX_IMAGES` images spread over the part."""
    rows = np.linspace(0, len(part) - 1, min(MAX_IMAGES, len(part))).astype(int)
    side = part.pixels.shape[-1]
    cells = min(SIDE, side)
    cut = side // cells * cells
    found = []
    for start in range(0, len(rows), 256):
        pixels = part.take(rows[start : start + 256])[..., :cut, :cut].astype(np.float32)
        blocks = pixels.reshape(*pixels.shape[:2], cells, cut // cells, cells, cut // cells)
        found.append(blocks.mean((3, 5)).reshape(len(pixels), -1))
    return np.concatenate(found), part.labels[rows]


def guess_labels(means: np.ndarray, x: np.ndarray, own: tuple[np.ndarray, np.ndarray] | None = None) -> np.ndarray:
    """(N,) the nearest class mean; `own` (labels, counts) leaves each image out of its own class's mean."""
    distance = (x**2).sum(1)[:, None] - 2 * x @ means.T + (means**2).sum(1)
    if own is not None:
        labels, counts = own
        rows = np.arange(len(x))
        n = counts[labels]
        left = distance[rows, labels] * (n / np.maximum(n - 1, 1)) ** 2
        distance[rows, labels] = np.where(n > 1, left, np.inf)
    return distance.argmin(1)


def check_labels(dataset: Dataset) -> tuple[Finding, ...]:
    """Compare how often the nearest class mean is right for training images (each left out) and for test images."""
    classes = dataset.description.classes
    x, y = features(dataset.part("train"))
    test, labels = features(dataset.part("test"))
    centre = x.mean(0)
    x, test = x - centre, test - centre
    counts = np.bincount(y, minlength=len(classes))
    means = np.zeros((len(classes), x.shape[1]), np.float32)
    np.add.at(means, y, x)
    means /= np.maximum(counts, 1)[:, None]
    seen = (guess_labels(means, x, (y, counts)) == y).mean()
    found = guess_labels(means, test)
    hit, chance = (found == labels).mean(), 1 / len(classes)
    if seen < chance + SURE * math.sqrt(chance * (1 - chance) / len(y)):
        return (Finding("labels", "note", "colours and outlines alone tell nothing of the class; observers must."),)
    told = f"the nearest class mean is right for {100 * seen:.0f} % of training and {100 * hit:.0f} % of test images"
    if hit < seen / 2 and hit < seen - SURE * math.sqrt(seen * (1 - seen) / len(labels)):
        message = f"test labels do not mean what training labels mean: {told}{_swapped(found, labels, classes)}."
        return (Finding("labels", "warning", message, "check the order of the classes in the test set's labels."),)
    if pairs := _swapped(found, labels, classes):
        return (Finding("labels", "warning", f"{told}{pairs}.", "check these classes' labels in the test set."),)
    return (Finding("labels", "note", f"{told}: labels of both agree with the images."),)


def _swapped(found: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> str:
    """Two classes of the test set, each mostly taken for the other."""
    count = len(classes)
    seen = np.bincount(labels * count + found, minlength=count**2).reshape(count, count)
    right = seen.diagonal()
    pairs = [
        f"{classes[a]} / {classes[b]}"
        for a, b in zip(*np.nonzero(seen > 2 * right[:, None] + 2), strict=True)
        if a < b and seen[b, a] > 2 * right[b] + 2
    ]
    return f"; taken for each other: {listed_names(pairs)}" if pairs else ""
