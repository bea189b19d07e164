"""What a stage's result must hold to be read: arrays by name, type and shape, class numbers, images.

Letters stand for sizes that have to agree throughout a result: N images of C channels and S pixels a side, K
classes. Where a run is known that a result belongs to, its data set says how large they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edc_core.errors import StoreError
from edc_core.store.image_files import check_image
from edc_core.store.safetensors_headers import WHOLE_NUMBERS, Array, arrays_of, range_of, shown, values_of

LETTERS = {"C": "channels", "G": "groups", "H": "held-out images", "K": "classes", "N": "images", "S": "pixels"}
FLOATS = ("F16", "BF16", "F32", "F64")
WEIGHTS = (*FLOATS, "I64", "BOOL")
NUMBERS = {"labels": "K", "classes": "K", "group": "G"}  # what the numbers of an array are numbers of
MAX_COLUMNS = 50  # of a grid of images, as `files.class_grid` lays them out
Rule = tuple[str, str]  # types, "|" between them; letters of the shape
Sizes = dict[str, int]

IMAGES: dict[str, Rule] = {"labels": ("I64", "N")}
MOMENTS: dict[str, Rule] = dict.fromkeys(("mean", "within", "between"), ("F32", "K W")) | {"count": ("I64", "K")}
OF_GROUPS = {name: (types, letters.replace("K", "G")) for name, (types, letters) in MOMENTS.items()}
RULES: dict[tuple[str, str], dict[str, Rule]] = {
    ("initialise", "images"): IMAGES | {"images": ("F32", "N C S S")},
    ("synthesise", "images"): IMAGES | {"images": ("U8", "N C S S")},
    ("relabel", "labels"): {"labels": ("I64", "N"), "logits": ("F32", "N K")},
    ("statistics", "statistics"): MOMENTS,
    ("difficulty", "groups"): {"group": ("I64", "M"), "rank": ("F32", "M")},
    ("score", "predictions"): {"raw": ("I16", "T"), "ema": ("I16", "T")},
}
PLANE: dict[str, Rule] = {"x": ("F32|F64", "X"), "y": ("F32|F64", "Y")}
PLANE |= dict.fromkeys(("loss", "top1"), ("F32|F64", "Y X"))
WAY: dict[str, Rule] = {"path": ("F32|F64", "P 2"), "epochs": ("I64", "P")}  # of the training, in a plane
NEIGHBOURS: dict[str, Rule] = {"rows": ("I64", "N Q"), "labels": ("I64", "N Q"), "distances": ("F32", "N Q")}
NEIGHBOURS |= {"ratio": ("F32", "N"), "start": ("F32", "N"), "held": ("F32", "H"), "nearest": ("U8", "N C S S")}
SHARDS: tuple[dict[str, Rule], ...] = (
    {"rows": ("I32", "V"), "logits": ("F16", "V K")},
    {"rows": ("I32", "V"), "values": ("F16", "V B"), "classes": ("I16|I32", "V B"), "others": ("F16", "V")},
)


@dataclass(frozen=True)
class Expected:
    """What the run says of a result; `kind` is how its images begin, "" where that is not known."""

    run: str
    classes: int
    channels: int
    size: int
    ipc: int
    kind: str = ""

    @property
    def told(self) -> tuple[int | str, ...]:
        """All that is said, whichever run says it."""
        return self.classes, self.channels, self.size, self.ipc, self.kind

    @property
    def sizes(self) -> Sizes:
        known = {"K": self.classes, "C": self.channels, "S": self.size, "G": self.classes * self.ipc}
        return known if self.kind in ("", "given") else known | {"N": self.classes * self.ipc}


def check_shapes(folder: Path, stage: str, expected: Expected | None = None) -> None:
    """Look at the headers of a result's arrays, at its class numbers and images.

    Raises:
        StoreError: it is not what the stage leaves, or not of the run's data set.
    """
    sizes = dict(expected.sizes) if expected else {}

    def after(path: Path) -> tuple[bool, str]:
        return rules_of(path) is None, path.name  # the file first that tells the sizes

    def rules_of(path: Path) -> dict[str, Rule] | None:
        return RULES.get((stage, path.stem)) if path.parent == folder else None

    for path in sorted(folder.rglob("*.safetensors"), key=after):
        found = arrays_of(path)
        if (rules := rules_of(path)) is None:
            rules = OTHERS[stage](path, found) if stage in OTHERS else {}
        _check_arrays(path, found, rules, sizes)
        _check_numbers(path, found, stage, sizes, expected)
    for path in sorted(folder.rglob("*.png")):
        if stage not in ("initialise", "synthesise"):
            raise StoreError(f"it holds '{path.name}', which no {stage} writes")
        check_image(path, sizes["S"], sizes["classes there"], MAX_COLUMNS)
    if stage in ("squeeze", "evaluate"):
        _check_head(folder, stage, expected)


def _check_arrays(path: Path, found: dict[str, Array], rules: dict[str, Rule], sizes: Sizes) -> None:
    """Each array that the rules name is there, and of its type and shape; sizes that it tells are kept."""
    own = dict(sizes)
    for name, (types, letters) in rules.items():
        if name not in found:
            raise StoreError(f"'{path.name}' has no {name!r}, only {', '.join(map(repr, found))[:100] or 'nothing'}")
        array, wanted = found[name], letters.split()
        fits = array.dtype in types.split("|") and len(array.shape) == len(wanted)
        for letter, number in zip(wanted, array.shape, strict=False):
            known = int(letter) if letter.isdigit() else own.setdefault(letter, number)
            fits = fits and number == known and (number > 0 or letter == "H")
        if not fits:
            raise StoreError(
                f"{name!r} in '{path.name}' is {array.dtype} of the shape {shown(array.shape)}, which should be"
                f" {types.replace('|', ' or ')} of {_said(wanted, own)}"
            )
    sizes |= {letter: own[letter] for letter in LETTERS if letter in own}


def _said(letters: list[str], sizes: Sizes) -> str:
    return " x ".join(f"{sizes.get(letter, '')} {LETTERS.get(letter, letter)}".strip() for letter in letters)


# Class numbers --------------------------------------------------------------------------------------


def _check_numbers(path: Path, found: dict[str, Array], stage: str, sizes: Sizes, expected: Expected | None) -> None:
    """Class numbers are those of classes; images' are as many of each as the run has."""
    for name, array in found.items():
        if array.dtype not in WHOLE_NUMBERS or stage in ("squeeze", "evaluate"):
            continue
        last = name.rpartition(".")[2]
        letter = "K" if stage == "score" else NUMBERS.get(last, "")
        if last == "rows" and stage == "relabel":  # elsewhere rows of the training images
            letter = "N"
        most, (least, largest) = sizes.get(letter), range_of(path, array)
        if least < 0 or (most and largest >= most):
            wrong = least if least < 0 else largest
            raise StoreError(f"{name!r} in '{path.name}' holds {wrong}, which is none of 0 to {(most or 2**31) - 1}")
    if stage in ("initialise", "synthesise", "relabel") and "labels" in found:
        labels = values_of(path, found["labels"])
        sizes["classes there"] = len(np.unique(labels))
        if expected:
            _check_counts(path, labels, expected)


def _check_counts(path: Path, labels: np.ndarray, expected: Expected) -> None:
    counts = np.bincount(labels, minlength=expected.classes)
    total = expected.classes * expected.ipc
    if expected.kind == "given":
        fits = total - expected.classes < len(labels) <= total
    elif expected.kind == "single-class":
        fits = len(labels) == total == counts.max()
    else:
        fits = bool((counts == expected.ipc).all()) or not (expected.kind or len(labels) > total)
    if not fits:
        raise StoreError(
            f"'labels' in '{path.name}' has {len(labels)} images, {counts.min()} to {counts.max()} of a class, but"
            f" the run '{expected.run}' has {expected.ipc} images a class"
        )


# Networks -------------------------------------------------------------------------------------------


def _weights(path: Path, found: dict[str, Array]) -> dict[str, Rule]:
    """Weights and running moments of a network, under names of its own."""
    if not found:
        raise StoreError(f"'{path.name}' holds no weights")
    for name, array in found.items():
        if array.dtype not in WEIGHTS or not name.isprintable():
            raise StoreError(f"{name[:100]!r} in '{path.name}' is {array.dtype}, which no weights are")
    return {}


def _of_a_student(path: Path, found: dict[str, Array]) -> dict[str, Rule]:
    """Raw and averaged weights of one network; or those of some epochs."""
    _weights(path, found)
    if path.stem == "path":
        if odd := [name for name in found if not name.partition(".")[0].isdecimal()]:
            raise StoreError(f"{odd[0][:100]!r} in '{path.name}' is of no epoch")
        return {}
    raw, ema = (
        {name.partition(".")[2]: array.shape for name, array in found.items() if name.startswith(f"{kind}.")}
        for kind in ("raw", "ema")
    )
    if not raw or raw != ema or len(found) != 2 * len(raw):
        raise StoreError(f"'{path.name}' holds other arrays than a network's raw and averaged weights")
    return {}


def _check_head(folder: Path, stage: str, expected: Expected | None) -> None:
    """Some layer of a network gives as many numbers as the data set has classes."""
    path = folder / f"{'observer' if stage == 'squeeze' else 'student'}.safetensors"
    if expected and not any(array.shape[:1] == (expected.classes,) for array in arrays_of(path).values()):
        raise StoreError(f"no layer in '{path.name}' tells the {expected.classes} classes of the data set apart")


# Files whose rules depend on what is in them -----------------------------------------------------------


def _neighbours(path: Path, found: dict[str, Array]) -> dict[str, Rule]:
    spaces = ["pixel", *(["feature"] if any(name.startswith("feature.") for name in found) else [])]
    return {f"{space}.{name}": rule for space in spaces for name, rule in NEIGHBOURS.items()}


def _shard(path: Path, found: dict[str, Array]) -> dict[str, Rule]:
    return SHARDS[0] if "logits" in found else SHARDS[1]


OTHERS: dict[str, Callable[[Path, dict[str, Array]], dict[str, Rule]]] = {
    "squeeze": _weights,
    "evaluate": _of_a_student,
    "neighbours": _neighbours,
    "relabel": _shard,
    "landscape": lambda path, found: PLANE | (WAY if "path" in found else {}),
    "difficulty": lambda path, found: OF_GROUPS,
}
