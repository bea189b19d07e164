"""Condensed sets of other programs: images in folders named by class, or a list or array of labels apart."""

import io
import re
from dataclasses import dataclass, field

import numpy as np

from experiments.layout_fuzz import names
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.image_files import GRID, Style
from experiments.layout_fuzz.label_files import Listed, label_file
from experiments.layout_fuzz.names import pick

LOSSLESS = ("png", "bmp", "tiff", "webp", "ppm")
SIDE = 8
ARRAYS = (
    *(("images", "labels"), ("x", "y"), ("arr_0", "arr_1")),
    *(("train_images", "train_labels"), ("x_train", "y_train")),
)


@dataclass
class CondensedCase(Case):
    """A set for `evaluate --images`: its classes are those of a data set."""

    classes: list[str] = field(default_factory=list)
    array: bytes = b""  # an NPZ in place of files
    labels: bytes | None = None
    normalisation: str | None = None
    zipped: bool = False


def condensed_set(rng: np.random.Generator) -> CondensedCase:
    case = CondensedCase("condensed set", rng, Style(LOSSLESS if rng.random() < 0.7 else ("png",), 0.0))
    case.classes = names.class_names(rng, pick(rng, list(names.POOLS)), int(rng.integers(2, 6)))
    if all(name.isdigit() for name in case.classes) and case.chance(0.5):
        case.classes = names.class_names(rng, pick(rng, ["plain", "accents", "signs"]), 4)
    case.remarks.append(f"classes {', '.join(case.classes)[:80]}")
    case.zipped = case.chance(0.3)
    pick_maker(rng)(case)
    return case


def pick_maker(rng: np.random.Generator):
    return (_by_folder, _by_list, _by_list, _by_array)[int(rng.integers(4))]


def _clashing(classes: list[str]) -> bool:
    """Whether a class is called by the number of another one."""
    return any(name.isascii() and name.isdigit() and int(name) != number for number, name in enumerate(classes))


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-") or "x"


def _by_folder(case: CondensedCase) -> None:
    """Folders named by class, by number, or as SRe2L and RDED name them."""
    forms = ["{name}", "{name}", "{number}", "{number:03d}", "new{number:03d}", "class{number}", "{number:05d}"]
    forms += ["{number:02d}_{name}", "{number} {name}", "{slug}", "{lower}"]
    form = pick(case.rng, forms)
    flat = case.chance(0.15)  # the file's name alone tells
    above = pick(case.rng, ["", "", "images/", "syn/ipc_1/", "train/"])
    truth = {}
    for number, name in enumerate(case.classes):
        folder = form.format(name=name, number=number, slug=_slug(name), lower=name.lower())
        for turn in range(int(case.rng.integers(1, 4))):
            stem = {
                "new{number:03d}": f"class{number:03d}_id{turn:03d}",
                "{number:05d}": f"class{number:05d}_id{turn:05d}",
            }
            if flat:
                truth[case.put(above.rstrip("/"), f"class{number:03d}_id{turn:03d}")] = name
            else:
                truth[case.put(f"{above}{folder}", stem.get(form, f"{turn}"))] = name
    case.truths = [Truth(truth)]
    case.remarks.append(f"folders {above}{form}")
    if flat:
        case.remarks.append("flat")
        case.refusable = "a class is called like the folder of all" if above.strip("/") in case.classes else ""
    elif form in ("{slug}", "{lower}"):
        case.refusable = "folders are called by less than the classes' names"
        called = list(map(_slug if form == "{slug}" else str.lower, case.classes))
        case.wrong = any(called.count(name) > 1 and name not in case.classes for name in called)
        if any(called.count(name) > 1 for name in called):
            case.otherwise = "exact"  # a class that is called so has them all, and the others none: said when judged
    if _clashing(case.classes) or ("{number" in form and "{name}" in form):
        case.refusable = "folders are numbers or names of classes"
    if any(len({part.strip(" .") for part in pair}) == 1 for pair in zip(case.classes, case.classes[1:], strict=False)):
        case.refusable = "names differ in blanks alone"


def _by_list(case: CondensedCase) -> None:
    """Files in one folder or several, and a list of them and their classes."""
    listed: list[tuple[str, str]] = []
    truth = {}
    count = int(case.rng.integers(1, 5))
    folder = pick(case.rng, ["", "", "images/", "a/b/"])
    numbered = case.chance(0.5)
    padded = case.chance(0.5)
    for turn, name in enumerate(case.rng.permutation(case.classes * count).tolist()):
        stem = f"{turn:04d}" if padded else f"{turn}" if numbered else f"img{turn}_x"
        number = case.put(folder.rstrip("/"), stem)
        truth[number] = name
        listed.append((list(case.files)[-1], name))
    case.truths = [Truth(truth)]
    _list(case, Listed(listed, case.classes, ordered=True))


def _list(case: CondensedCase, listed: Listed) -> None:
    found = label_file(case.rng, listed)
    case.labels, case.wrong = found.content, found.wrong
    case.remarks += found.remarks
    case.refusable = found.refusable
    if _clashing(case.classes) and found.numbered:
        case.refusable = "labels are numbers or names of classes"


def _by_array(case: CondensedCase) -> None:
    """An NPZ of images and labels."""
    rng = case.rng
    labels = rng.permutation(np.arange(int(rng.integers(1, 4)) * len(case.classes)) % len(case.classes))
    numbers = [case.new_image() for _ in labels]
    case.truths = [Truth({number: case.classes[label] for number, label in zip(numbers, labels, strict=True)})]
    cell = np.ones((SIDE // GRID, SIDE // GRID, 1), np.uint8)
    images = _as_stored(case, np.stack([np.kron(case.images[number].grid, cell) for number in numbers]))
    form = pick(rng, ["plain", "column", "one-hot", "float", "text", "from one", "uint8", "soft"])
    arrays = dict(zip(pick(rng, ARRAYS), (images, _stored_labels(case, labels, form)), strict=True))
    if "x_train" in arrays or "train_images" in arrays:
        arrays |= {name.replace("train", "test"): value[::-1][:2] for name, value in arrays.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    case.array = buffer.getvalue()
    case.remarks.append(f"an NPZ of {', '.join(arrays)}, labels {form}, images {images.shape} {images.dtype}")
    case.wrong = form == "soft"
    if form == "from one" or _clashing(case.classes):
        case.refusable = "labels from one, or numbers that are names"
    if form == "text" and len({name.strip() for name in case.classes}) < len(case.classes):
        case.refusable = "names differ in blanks alone"


def _as_stored(case: CondensedCase, images: np.ndarray) -> np.ndarray:
    """(N, H, W, 3) uint8 images as an array of some program: channels first or last, whole pixels or normalised."""
    images = images if case.chance(0.5) else images.transpose(0, 3, 1, 2)
    if not case.chance(0.4):
        return images
    case.normalisation = pick(case.rng, ["0-1", "0-255", "0.5/0.25"])
    floats = images.astype(np.float32)
    if case.normalisation == "0-255":
        return (floats + 0.2).clip(0, 255)
    return floats / 255 if case.normalisation == "0-1" else (floats / 255 - 0.5) / 0.25


def _stored_labels(case: CondensedCase, labels: np.ndarray, form: str) -> np.ndarray:
    eye = np.eye(len(case.classes))[labels]
    return {
        "plain": labels.astype(np.int64),
        "column": labels[:, None],
        "one-hot": eye.astype(pick(case.rng, ["float32", "int64", "bool"])),
        "float": labels.astype(np.float32),
        "text": np.array(case.classes)[labels],
        "from one": labels + 1,
        "uint8": labels.astype(np.uint8),
        "soft": eye * 0.8 + 0.2 / len(case.classes),
    }[form]
