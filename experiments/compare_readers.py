"""What torchvision's ImageFolder, Hugging Face `datasets` and fastai read of the layouts in docs/data.md, and this lab.

    python -m experiments.compare_readers

Each reader is given the folder as it is, as its own documentation says; ImageFolder also each part by itself. A package
that is not installed is named and left out: `pip install torchvision datasets fastai`. Nothing is downloaded.
"""

import argparse
import contextlib
import importlib.metadata
import io
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from edc_core.data.sources import describe, open_source
from edc_core.errors import EDCError

CLASSES = ("cat", "dog")
PACKAGES = ("torchvision", "datasets", "fastai")
Parts = dict[str, dict[str, int]]  # images of each class, by part


@dataclass(frozen=True)
class Layout:
    """A tree by what a person means by it: folders and their images, the classes meant and where the parts lie."""

    name: str
    folders: dict[str, int]
    classes: tuple[str, ...] = CLASSES
    parts: tuple[str, ...] = ()  # folders of parts, for readers that are given one
    files: tuple[str, ...] = ()  # others beside the images
    links: tuple[tuple[str, str], ...] = ()


def _in(*places: str, classes: tuple[str, ...] = CLASSES, count: int = 5) -> dict[str, int]:
    return {f"{place}/{name}".lstrip("/"): count for place in places for name in classes}


LAYOUTS = (
    Layout("`train/CLASS/`, `test/CLASS/`", _in("train", "test"), parts=("train", "test")),
    Layout("`train/CLASS/`, `valid/CLASS/`", _in("train", "valid"), parts=("train", "valid")),
    Layout("`Training/`, `Testing/`", _in("Training", "Testing"), parts=("Training", "Testing")),
    Layout("`seg_train/`, `seg_test/`", _in("seg_train", "seg_test"), parts=("seg_train", "seg_test")),
    Layout("`train_images/`, `val2017/`", _in("train_images", "val2017"), parts=("train_images", "val2017")),
    Layout("`TrainSet/`, `ValidationSet/`", _in("TrainSet", "ValidationSet"), parts=("TrainSet", "ValidationSet")),
    Layout("`train/`, `dev/`", _in("train", "dev"), parts=("train", "dev")),
    Layout("`train/`, `val/`, `test/`", _in("train", "val", "test"), parts=("train", "val", "test")),
    Layout("`train/CLASS/` alone", _in("train"), parts=("train",)),
    Layout("`CLASS/` alone", _in("")),
    Layout("`archive/set/train/`, `test/`", _in("archive/set/train", "archive/set/test"), parts=("archive/set/train",)),
    Layout("`train/train/`, `test/test/`", _in("train/train", "test/test"), parts=("train/train", "test/test")),
    Layout("`images/CLASS/`", _in("images"), parts=("images",)),
    Layout("`CLASS/a/b/`", {"cat/2024/05": 5, "dog/2024/06": 5}),
    Layout("`GROUP/CLASS/`", _in("pets") | _in("things", classes=("bus", "car")), ("bus", "car", "cat", "dog")),
    Layout("`CLASS/train/`, `CLASS/test/`", {f"{name}/{part}": 5 for name in CLASSES for part in ("train", "test")}),
    Layout("`bus/`, `car/`, `train/`", _in("", classes=("bus", "car", "train")), ("bus", "car", "train")),
    Layout("`train/CLASS/`, `holdout/CLASS/`", _in("train", "holdout"), parts=("train", "holdout")),
    Layout(
        "Tiny-ImageNet",
        {"train/cat/images": 5, "train/dog/images": 5, "val/images": 2},
        parts=("train",),
        files=("val/val_annotations.txt",),
    ),
    Layout("an empty class folder", _in("") | {"owl": 0}),
    Layout("links to class folders", {"../pool/dog": 5, "cat": 5}, links=(("dog", "../pool/dog"),)),
    Layout("an image beside class folders", _in("") | {".": 1}),
    Layout("CSV, JSON beside images", _in(""), files=("labels.csv", "info.json")),
    Layout("`@eaDir`, `__MACOSX`", _in("") | {"cat/@eaDir": 5, "__MACOSX/dog": 5}),
    Layout("`fold1/CLASS/`, `fold2/CLASS/`", _in("fold1", "fold2"), parts=("fold1", "fold2")),
    Layout("`garden/CLASS/`, `kitchen/CLASS/`", _in("garden", "kitchen")),
    Layout("`test/CLASS/`, `val/CLASS/`", _in("test", "val"), parts=("test", "val")),
    Layout("`train/x.png`, `test/x.png`", {"train": 5, "test": 5}, ("train", "test")),
    Layout("names in other capitals", _in("train") | _in("test", classes=("Cat", "Dog")), parts=("train", "test")),
    Layout("an unlabelled `test/`", _in("train") | {"test": 5}, parts=("train",)),
    Layout("one more class in `test/`", _in("train") | _in("test", classes=(*CLASSES, "owl")), parts=("train", "test")),
)


def made(root: Path, layout: Layout) -> None:
    draw = np.random.default_rng(0)
    for place, count in layout.folders.items():
        (root / place).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            pixels = draw.integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / place / f"{number}.png")
    for name in layout.files:
        text = "0.png\tcat\n1.png\tdog\n" if name.endswith(".txt") else "{}"
        (root / name).write_text(text, encoding="utf-8")
    for name, target in layout.links:
        (root / name).symlink_to(root / target)


def lab(root: Path) -> Parts:
    describe(str(root))
    source = open_source(str(root))
    return {part: Counter(source.classes[label] for label in source.labels(part)) for part in ("train", "test")}


def torchvision(root: Path) -> Parts:
    from torchvision.datasets import ImageFolder

    found = ImageFolder(str(root))
    return {"all": Counter(found.classes[label] for label in found.targets)}


def datasets(root: Path) -> Parts:
    os.environ |= {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        found = load_dataset("imagefolder", data_dir=str(root), cache_dir=cache)
        parts = {}
        for part, rows in found.items():
            labels = rows["label"] if "label" in rows.features else [None] * rows.num_rows
            names = rows.features["label"].names if "label" in rows.features else []
            parts[str(part)] = Counter("(none)" if row is None else names[row] for row in labels)
    return parts


def fastai(root: Path) -> Parts:
    """By `train/` and `valid/`, its defaults; else a random share."""
    from fastai.vision.augment import Resize
    from fastai.vision.data import ImageDataLoaders

    last: Exception | None = None
    for share in (None, 0.2):
        try:
            found = ImageDataLoaders.from_folder(
                root, valid_pct=share, item_tfms=Resize(16), bs=1, num_workers=0, seed=0
            )
        except Exception as error:
            last = error
            continue
        parts = {"train": found.train_ds, "valid": found.valid_ds}
        return {part: Counter(str(found.vocab[int(label)]) for _, label in rows) for part, rows in parts.items()}
    raise last or ValueError("nothing was read")


READERS: dict[str, Callable[[Path], Parts]] = {
    "this lab": lab,
    "torchvision": torchvision,
    "datasets": datasets,
    "fastai": fastai,
}


def answer(read: Callable[[Path], Parts], root: Path, layout: Layout) -> str:
    """What a reader makes of a tree, in a few words."""
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            parts = read(root)
    except EDCError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
    parts = {part: counts for part, counts in parts.items() if counts}
    classes = sorted({name for counts in parts.values() for name in counts})
    told = "+".join(f"{part} {sum(counts.values())}" for part, counts in parts.items())
    return f"{'yes' if classes == sorted(layout.classes) else 'classes ' + ', '.join(classes)} ({told})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="layouts whose name holds this")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    for package in PACKAGES:
        try:
            print(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"{package} is not installed and left out: pip install {package}")
            READERS.pop(package)
    columns = [*READERS, *(["torchvision, a part"] if "torchvision" in READERS else [])]
    print(f"\n| layout | {' | '.join(columns)} |\n|{'---|' * (1 + len(columns))}")
    for layout in LAYOUTS:
        if args.only not in layout.name:
            continue
        with tempfile.TemporaryDirectory() as work:
            root = Path(work) / "tree"
            root.mkdir()
            made(root, layout)
            told = [answer(read, root, layout).replace(work, "") for read in READERS.values()]
            if "torchvision" in READERS:
                told.append(answer(torchvision, root / layout.parts[0], layout) if layout.parts else "")
        print(f"| {layout.name} | {' | '.join(told)} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
