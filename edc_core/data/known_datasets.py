"""Data sets known by name: which files they are, where they may lie, and where they are published.

Files on this machine are found first: in the folders of `EDC_DATA` (several are separated as in PATH), the
store's `downloads`, ./data, ~/data, ~/datasets and /usr/share/datasets (Debian's dataset-fashion-mnist).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edc_core.data.readers.raw_formats import Raw, cifar, idx, stl, svhn
from edc_core.errors import DataError
from edc_core.store import default_home

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Known:
    """One published data set."""

    classes: tuple[str, ...]
    size: int  # pixels a side
    channels: int
    folders: tuple[str, ...]  # where its files lie under a place, as torchvision and others put them
    files: dict[str, tuple[str, ...]]  # of each split; those of idx may end in .gz
    read: Callable[[tuple[Path, ...]], Raw]
    urls: tuple[tuple[str, str], ...]  # address and MD5
    megabytes: int  # to download
    pickled: str | None = None  # the folder of a version that is never opened

    def within(self, place: Path) -> dict[str, tuple[Path, ...]] | None:
        """Each split's files under a place, where all are there."""
        for folder in self.folders:
            if not (place / folder).is_dir():  # asked on every draw of a page that lists data sets
                continue
            found = {
                split: tuple(filter(None, (_file(place / folder / name) for name in names)))
                for split, names in self.files.items()
            }
            if all(len(found[split]) == len(names) for split, names in self.files.items()):
                return found
        return None


def _file(path: Path) -> Path | None:
    return next((at for at in (path, path.with_name(f"{path.name}.gz")) if at.is_file()), None)


def _idx_files() -> dict[str, tuple[str, ...]]:
    ends = ("images-idx3-ubyte", "labels-idx1-ubyte")
    return {"train": tuple(f"train-{end}" for end in ends), "test": tuple(f"t10k-{end}" for end in ends)}


def _idx_set(classes: tuple[str, ...], folders: tuple[str, ...], at: str, sums: tuple[str, ...], megabytes: int):
    files = _idx_files()
    names = [f"{at}/{name}.gz" for split in ("train", "test") for name in files[split]]
    return Known(classes, 28, 1, folders, files, idx, tuple(zip(names, sums, strict=True)), megabytes)


FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_FINE = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can "
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin "
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster "
    "man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck "
    "pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk "
    "skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger "
    "tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)
CIFAR100 = tuple(_FINE.split())
STL10 = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
TORONTO = "https://www.cs.toronto.edu/~kriz"

KNOWN: dict[str, Known] = {
    "cifar-10": Known(
        CIFAR10,
        32,
        3,
        ("cifar-10-batches-bin", "cifar-10", "."),
        {"train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)), "test": ("test_batch.bin",)},
        partial(cifar, labels=1),
        ((f"{TORONTO}/cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"),),
        170,
        "cifar-10-batches-py",
    ),
    "cifar-100": Known(
        CIFAR100,
        32,
        3,
        ("cifar-100-binary", "cifar-100"),
        {"train": ("train.bin",), "test": ("test.bin",)},
        partial(cifar, labels=2),  # the coarse class first, then the fine one
        ((f"{TORONTO}/cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"),),
        169,
        "cifar-100-python",
    ),
    "fashion-mnist": _idx_set(
        FASHION,
        ("fashion-mnist", "FashionMNIST/raw"),
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        31,
    ),
    "mnist": _idx_set(
        DIGITS,
        ("mnist", "MNIST/raw"),
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        12,
    ),
    "svhn": Known(
        DIGITS,
        32,
        3,
        ("svhn", "SVHN", "."),
        {"train": ("train_32x32.mat",), "test": ("test_32x32.mat",)},
        svhn,
        (
            ("http://ufldl.stanford.edu/housenumbers/train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"),
            ("http://ufldl.stanford.edu/housenumbers/test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"),
        ),
        246,
    ),
    "stl-10": Known(
        STL10,
        96,
        3,
        ("stl10_binary", "stl-10"),
        {"train": ("train_X.bin", "train_y.bin"), "test": ("test_X.bin", "test_y.bin")},
        stl,
        (("http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz", "91f7769df0f17e558f3565bffb0c7dfb"),),
        2640,
    ),
}


def places() -> list[Path]:
    """Where data sets are looked for, in order."""
    given = [Path(part).expanduser() for part in os.environ.get("EDC_DATA", "").split(os.pathsep) if part]
    usual = ["data", "~/data", "~/datasets", "/usr/share/datasets"]
    return [*given, default_home() / "downloads", *(Path(place).expanduser() for place in usual)]


def absolute_places() -> dict[str, str]:
    """`EDC_DATA` for a process that works in another folder: the same places, and ./data as it is here."""
    given = [part for part in os.environ.get("EDC_DATA", "").split(os.pathsep) if part]
    here = [Path(part).expanduser().absolute() for part in given]
    here += [place for place in (Path("data").absolute(),) if place.is_dir() and place not in here]
    return {"EDC_DATA": os.pathsep.join(map(str, here))} if here else {}


def find_known(name: str) -> dict[str, tuple[Path, ...]]:
    """Each split's files of a known data set.

    Raises:
        DataError: they are not on this machine.
    """
    entry = KNOWN[name]
    for place in places():
        if found := entry.within(place):
            return found
    cure = (
        f"'python -m edc_core fetch {name}' downloads it ({entry.megabytes} MB), or set EDC_DATA to the folder that"
        f" holds {entry.folders[0]}/ with {', '.join(entry.files['train'][:2])} and so on"
    )
    if Path(name).is_dir():
        cure += f"; './{name}' names the folder of that name that is here"
    pickled = next((at / entry.pickled for at in places() if entry.pickled and (at / entry.pickled).is_dir()), None)
    if pickled:
        raise DataError(f"'{pickled}' is {name}'s Python version, a pickle, which is never opened", cure)
    raise DataError(f"data set '{name}' is not on this machine", cure)
