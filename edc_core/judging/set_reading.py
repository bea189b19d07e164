"""What a condensed set shows, read without its labels, against its labels: another order, swapped or turned images."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from edc_core.data import Dataset
from edc_core.doctor.finding import MAX_SHOWN, Finding, listed_names
from edc_core.doctor.similarity import cell_means

SIDE, MAX_IMAGES = 16, 20_000  # cells a side, and training images, that the linear reader learns from
RIDGE = 0.01
READABLE = 4.0  # standard errors above chance that a reader must be right on held-out images
RIGHT = 0.5  # share of a set that is read as its labels say: nothing is wrong with their order
CERTAIN = 1e-6  # probability of so many right readings by chance
OVERWHELMING = 3.0  # standard deviations of a matching beyond what chance gives
MOSTLY = 0.5  # of the images that a new order would put right, right as they are
DRAWS = 400  # of chance

TURNED: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "inverted": (lambda images: 255 - images, "invert them: 255 minus each value."),
    "in blue, green, red order": (lambda images: images[:, ::-1], "save them in the order red, green, blue."),
    "turned, rows for columns": (lambda images: images.transpose(0, 1, 3, 2), "exchange their last two axes."),
}


@dataclass(frozen=True)
class Reader:
    """What tells the class of (N, C, H, W) uint8 images: (N, classes) scores; `right` of held-out images, 0 to 1."""

    name: str
    right: float
    scores: Callable[[np.ndarray], np.ndarray]


def linear_reader(dataset: Dataset) -> Reader | None:
    """A linear map of 16 x 16 cells to classes, learned here from training images; None where it tells nothing.

    It sees each set less the set's own mean, so that brightness says nothing.
    """
    part, held = dataset.part("train").some(MAX_IMAGES), dataset.part("val").first(2000)
    classes = len(dataset.description.classes)
    x = np.concatenate([_flat(pixels) for pixels, _ in part.batches(1000)])
    targets = np.eye(classes, dtype=np.float32)[part.labels]
    mean, usual = x.mean(0), targets.mean(0)
    x -= mean
    gram = x.T @ x / len(x)
    gram[np.diag_indices_from(gram)] += RIDGE * max(float(np.trace(gram)) / len(gram), 1e-6)
    weights = np.linalg.solve(gram, x.T @ (targets - usual) / len(x))

    def scores(images: np.ndarray) -> np.ndarray:
        flat = _flat(images)
        return (flat - flat.mean(0)) @ weights + usual

    seen = np.concatenate([_flat(pixels) for pixels, _ in held.batches(1000)])
    right = float((((seen - mean) @ weights + usual).argmax(1) == held.labels).mean())
    chance = 1 / classes
    if right < chance + READABLE * math.sqrt(chance * (1 - chance) / len(held)):
        return None
    return Reader("a linear classifier of the training images", right, scores)


def _flat(pixels: np.ndarray) -> np.ndarray:
    return cell_means(pixels, SIDE).reshape(len(pixels), -1) / 255


def check_reading(
    images: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], reader: Reader
) -> Iterator[Finding]:
    """Findings on the labels of (N, C, H, W) uint8 images by a reader; none where it cannot read the set at all."""
    seen = reader.scores(images).argmax(1)
    right, total = int((seen == labels).sum()), len(labels)
    told = f"{reader.name}, right for {100 * reader.right:.0f} % of held-out images, reads {right} of {total}"
    told += " as labelled"
    if right < RIGHT * total:
        if turned := _turned(images, labels, reader, right, len(classes)):
            kind, hits = turned
            message = f"the images look {kind}: {told}, and {hits} of {total} once that is undone."
            yield Finding("values", "fatal" if kind == "inverted" else "warning", message, TURNED[kind][1])
            return
        order, hits = match_classes(labels, seen)
        if is_another_order(hits, right, labels, len(classes)):
            message = f"the labels are in another order of the classes: {told}, and {hits} of {total} in another order."
            examples = tuple(
                f"labelled '{classes[one]}', looks like '{classes[other]}'" for one, other in order if one != other
            )
            cure = "number the classes as the data set does, or name them: folders by class name, or --labels."
            yield Finding("labels", "fatal", message, cure, examples[:MAX_SHOWN])
            return
    if pairs := swapped_classes(labels, seen, classes):
        message = f"taken for each other by {reader.name}: {listed_names(pairs)}. Are their labels swapped?"
        yield Finding("labels", "warning", message, "check these classes' labels.")


def _turned(images: np.ndarray, labels: np.ndarray, reader: Reader, right: int, classes: int) -> tuple[str, int] | None:
    """How the images must have been changed, and how many are read rightly once that is undone."""
    found = {}
    for kind, (undo, _) in TURNED.items():
        if kind != "in blue, green, red order" or images.shape[1] == 3:
            found[kind] = int((reader.scores(undo(images)).argmax(1) == labels).sum())
    kind = max(found, key=found.__getitem__)
    hits = found[kind]
    if hits < RIGHT * len(labels) or hits < 2 * right + 3 or chance_of(hits, len(labels), 1 / classes) > CERTAIN:
        return None
    return kind, hits


def chance_of(hits: int, total: int, each: float) -> float:
    """Probability of at least so many hits among `total`, each with that probability."""
    terms = (
        math.lgamma(total + 1) - math.lgamma(n + 1) - math.lgamma(total - n + 1)
        + n * math.log(each) + (total - n) * math.log1p(-each)
        for n in range(hits, total + 1)
    )  # fmt: skip
    return min(1.0, sum(map(math.exp, terms)))


def match_classes(labels: np.ndarray, seen: np.ndarray) -> tuple[list[tuple[int, int]], int]:
    """Pairs (label, what it is read as), each class once on either side, and how many images they put right.

    The most frequent pair first: no other order puts many more right where each class looks like one class.
    """
    pairs, counts = np.unique(np.stack([labels, seen], 1), axis=0, return_counts=True)
    left, taken, found, hits = set(), set(), [], 0
    for place in np.argsort(-counts, kind="stable"):
        one, other = map(int, pairs[place])
        if one not in left and other not in taken:
            left.add(one)
            taken.add(other)
            found.append((one, other))
            hits += int(counts[place])
    return sorted(found), hits


def is_another_order(hits: int, right: int, labels: np.ndarray, classes: int) -> bool:
    """Whether another order puts far more images right than chance gives, and the present one hardly any."""
    if hits < RIGHT * len(labels) or right > MOSTLY * hits:
        return False
    generator = np.random.default_rng(0)
    drawn = [match_classes(labels, generator.integers(0, classes, len(labels)))[1] for _ in range(DRAWS)]
    return bool(hits > np.mean(drawn) + OVERWHELMING * max(float(np.std(drawn)), 0.5))


def swapped_classes(labels: np.ndarray, seen: np.ndarray, classes: tuple[str, ...]) -> list[str]:
    """Two classes, each mostly taken for the other."""
    count = len(classes)
    table = np.bincount(labels * count + seen, minlength=count**2).reshape(count, count)
    right = table.diagonal()
    return [
        f"{classes[a]} / {classes[b]}"
        for a, b in zip(*np.nonzero(table > 2 * right[:, None] + 2), strict=True)
        if a < b and table[b, a] > 2 * right[b] + 2
    ]
