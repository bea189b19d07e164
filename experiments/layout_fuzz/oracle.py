"""What the lab reads of a tree, compared with what its maker knows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edc_core.data.census import Census
from edc_core.data.description import Description
from edc_core.data.sources import describe, open_source
from edc_core.errors import EDCError
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.image_files import GRID, ImageFile

RIGHT, REFUSED, WRONG, CRASHED = "read rightly", "refused in one sentence", "read wrongly in silence", "crashed"
OTHERWISE = "read otherwise, and said"
RESIZED = 50  # by how much cells may differ on average where images were brought to another size
LONGEST_SENTENCE = 1500


@dataclass(frozen=True)
class Outcome:
    verdict: str
    told: str = ""  # the sentence of a refusal, or what is wrong
    warned: str = ""  # of something ordinary
    ordinary: bool = False  # a refusal of something ordinary


def judge_source(case: Case, name: str) -> Outcome:
    """Read a written tree as a data set by its address, and compare."""
    try:
        return _compared(case, name)
    except EDCError as error:
        return refusal(case, error)
    except Exception as error:
        return Outcome(CRASHED, repr(error)[:300])


def refusal(case: Case, error: EDCError) -> Outcome:
    """A refusal is one printable sentence; of an ordinary tree it is counted apart."""
    told = str(error)
    if "\n" in told or len(told) > LONGEST_SENTENCE or "Traceback" in told or not told.endswith("."):
        return Outcome(WRONG, f"a refusal that is no plain sentence: {told!r}")
    return Outcome(REFUSED, told, ordinary=not case.refusable and not case.wrong)


def _compared(case: Case, name: str) -> Outcome:
    about, source = describe(name), open_source(name)
    read = {}
    for split in ("train", "test"):
        rows = list(source.rows(split))
        pixels = [source.decode(image, where, about) for image, where in ((row[0], row[2]) for row in rows)]
        if [row[1] for row in rows] != list(source.labels(split)):
            return Outcome(WRONG, f"rows and labels of {split} differ")
        read[split] = [
            (number_of(image, case.images), about.classes[row[1]]) for image, row in zip(pixels, rows, strict=True)
        ]
    if case.options.startswith("?") and (fault := _same_digest(name.removesuffix(case.options), about)):
        return Outcome(WRONG, fault)
    if case.wrong:
        return Outcome(WRONG, "what cannot be right was read")
    if fault := channels_fault(case, about.channels):
        return Outcome(WRONG, fault)
    fault = ""
    for truth in case.truths:
        if not (fault := difference(read["train"], read["test"], truth, about.census)):
            break
    if fault and case.otherwise and any(case.otherwise in sentence for sentence in about.census.sentences):
        return Outcome(OTHERWISE, case.otherwise)
    if fault:
        return Outcome(WRONG, fault)
    if not case.uncounted and (fault := _uncounted(case, sum(map(len, read.values())), about.census)):
        return Outcome(WRONG, fault)
    return Outcome(RIGHT, warned=_warning(case, about.census))


def _same_digest(plain: str, about: Description) -> str:
    """Whether a reading that an address chose has the usual one's digest: one's results would be the other's."""
    try:
        usual = describe(plain)
    except EDCError:
        return ""
    return "another reading has the same digest" if usual.digest == about.digest else ""


def number_of(pixels: np.ndarray, images: list[ImageFile]) -> int:
    """Which image (C, H, W) pixels are of; -1 of none."""
    shown = cells(pixels).astype(np.int16)
    grids = np.stack([image.grid for image in images]).astype(np.int16)
    apart = np.abs(grids - shown).mean((1, 2, 3))
    best = int(apart.argmin())
    whole = pixels.shape[1] % GRID == 0 and pixels.shape[1] >= 2 * GRID
    limit = images[best].tolerance if whole and apart[best] <= images[best].tolerance else RESIZED
    return best if apart[best] <= limit else -1


def cells(pixels: np.ndarray) -> np.ndarray:
    """(4, 4, 3) values in the middle of each cell."""
    side = pixels.shape[1]
    centres = ((np.arange(GRID) + 0.5) * side / GRID).astype(int)
    found = pixels[:, centres][:, :, centres].transpose(1, 2, 0)
    return np.broadcast_to(found, (GRID, GRID, 3))


def difference(train: list[tuple[int, str]], test: list[tuple[int, str]], truth: Truth, census: Census) -> str:
    """What differs from a truth; "" for nothing."""
    if truth.said and not any(truth.said in sentence for sentence in census.sentences):
        return f"nothing says '{truth.said}'"
    if truth.test is None:
        if fault := _apart([*train, *test], truth.train.items(), "all"):
            return fault
        counts, held = Counter(truth.train.values()), Counter(name for _, name in test)
        right = {name: count // 5 if count >= 5 else count - 2 for name, count in counts.items()}
        return "" if dict(held) == right else f"held out {dict(held)}, not {right}"
    return _apart(train, truth.train.items(), "train") or _apart(test, truth.test.items(), "test")


def _apart(read: list[tuple[int, str]], truth: Iterable[tuple[int, str]], part: str) -> str:
    found, wanted = Counter(read), Counter(truth)
    if found == wanted:
        return ""
    more, less = found - wanted, wanted - found
    return f"{part}: read {list(more.items())[:3]} (image, class), not {list(less.items())[:3]}, {less.total()} in all"


def channels_fault(case: Case, channels: int) -> str:
    shown = [case.images[number] for truth in case.truths[:1] for number in (*truth.train, *(truth.test or {}))]
    grey = all((image.grid == image.grid[..., :1]).all() for image in shown)
    return "colour is read as grey" if channels == 1 and not grey else ""


def _uncounted(case: Case, read: int, census: Census) -> str:
    left = sum(group.count for group in census.left_out if "images" in group.reason and "parquet" not in group.reason)
    if read + left != len(case.images) + sum(name.endswith(".svg") for name in case.files):
        return f"{read} images are read and {left} counted as left out, of {len(case.images)}"
    return ""


def _warning(case: Case, census: Census) -> str:
    """A doubt, or images said to be missed, where there is nothing to doubt or miss."""
    if case.refusable or any(image.deep for image in case.images):
        return ""
    groups = [group.sentence for group in census.left_out if group.images]
    if groups and not case.unread:
        return groups[0]
    return census.doubts[0] if census.doubts else ""


def compared_set(case: Case, images: np.ndarray, classes: list[str]) -> str:
    """What differs of a condensed set's (N, C, H, W) images and their classes."""
    if case.wrong:
        return "what cannot be right was read"
    read = [(number_of(image, case.images), name) for image, name in zip(images, classes, strict=True)]
    return _apart(read, case.truths[0].train.items(), "all")
