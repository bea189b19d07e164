"""Files of raw pixels as their publishers have them, few images each, in any of the places they are looked for."""

import gzip
import struct

import numpy as np

from edc_core.data.known_datasets import KNOWN
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.image_files import GRID, LEVELS, ImageFile
from experiments.layout_fuzz.names import pick

SIDES = {"mnist": 28, "fashion-mnist": 28, "cifar-10": 32, "cifar-100": 32, "stl-10": 96}


def raw_files(rng: np.random.Generator) -> Case:
    """A set known by name."""
    case = Case("raw files", rng)
    case.uncounted = True
    name = pick(rng, list(SIDES))
    case.options = name
    entry = KNOWN[name]
    folder = pick(rng, entry.folders)
    base = "" if folder == "." else f"{folder}/"
    filled = {}
    for split, files in entry.files.items():
        count = 3 * len(entry.classes) if len(entry.classes) < 50 else len(entry.classes)
        labels = rng.permutation(np.arange(count) % len(entry.classes))
        numbers = [_new(case, entry.channels == 1) for _ in labels]
        filled[split] = {number: entry.classes[label] for number, label in zip(numbers, labels, strict=True)}
        pixels = np.stack([_pixels(case.images[number].grid, SIDES[name], entry.channels) for number in numbers])
        for file, content in zip(files, _contents(name, pixels, labels, len(files)), strict=True):
            packed = "idx" in file and case.chance(0.5)
            case.files[base + file + (".gz" if packed else "")] = gzip.compress(content) if packed else content
    case.truths = [Truth(filled["train"], filled["test"])]
    if case.chance(0.15):
        file = pick(rng, list(case.files))
        case.files[file] = case.files[file][: -int(rng.integers(1, 50))]
        case.wrong = True
        case.remarks.append(f"{file} is cut short")
    return case


def _new(case: Case, grey: bool) -> int:
    grid = np.array(LEVELS, np.uint8)[case.rng.integers(0, len(LEVELS), (GRID, GRID, 1 if grey else 3))]
    number = len(case.images)
    for place in range(GRID):
        grid[0, place] = LEVELS[number // len(LEVELS) ** place % len(LEVELS)]
    if not grey:
        grid[1, 1] = (0, 120, 240)
    case.images.append(ImageFile(b"", "", np.broadcast_to(grid, (GRID, GRID, 3)).copy(), 0))
    return number


def _pixels(grid: np.ndarray, side: int, channels: int) -> np.ndarray:
    """(C, side, side) uint8."""
    return np.kron(grid[..., :channels], np.ones((side // GRID, side // GRID, 1), np.uint8)).transpose(2, 0, 1)


def _contents(name: str, pixels: np.ndarray, labels: np.ndarray, files: int) -> list[bytes]:
    labels = labels.astype(np.uint8)
    if name in ("mnist", "fashion-mnist"):
        head = struct.pack(">HBBIII", 0, 8, 3, len(labels), 28, 28)
        return [head + pixels.tobytes(), struct.pack(">HBBI", 0, 8, 1, len(labels)) + labels.tobytes()]
    if name == "stl-10":
        return [pixels.transpose(0, 1, 3, 2).tobytes(), (labels + 1).tobytes()]
    coarse = [b"\7"] * len(labels) if name == "cifar-100" else [b""] * len(labels)
    records = [c + bytes([label]) + image.tobytes() for c, label, image in zip(coarse, labels, pixels, strict=True)]
    return [b"".join(records[place::files]) for place in range(files)]
