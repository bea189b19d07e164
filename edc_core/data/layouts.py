"""How a folder of images is laid out: which files are a class's training and test images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edc_core.data.class_lists import wanted_classes
from edc_core.data.description import shown
from edc_core.data.trees import list_folders, list_images
from edc_core.errors import DataError

TESTS = ("test", "val", "validation", "valid")
ANNOTATIONS = "val_annotations.txt"  # Tiny-ImageNet: file, class, box
MAX_ANNOTATION_BYTES = 2**23  # bytes: of 150,000 images
HELD = 5  # without a test folder, every fifth image


@dataclass(frozen=True)
class Split:
    """Some images of every class; `files` gives the paths of one class's, in order."""

    files: Callable[[str], list[str]]  # plain text: of millions, `Path` objects take longer than the disk


def layout_of(root: Path, chosen: str | None) -> tuple[tuple[str, ...], dict[str, Split]]:
    """The classes of a folder of images, and its two splits; `chosen` names a list of some of its classes.

    Raises:
        DataError: this is no data set, or classes differ between train and test.
        SettingsError: the list of classes is unknown.
    """
    train = root / "train"
    if not train.is_dir():
        return _undivided(root, chosen)
    classes = wanted_classes(tuple(list_folders(train)), chosen, train)
    if (root / "val" / ANNOTATIONS).is_file():
        return classes, {"train": _folders(train), "test": _annotated(root / "val", classes)}
    places = [root / name for name in TESTS if (root / name).is_dir()]
    if not places:
        raise DataError(f"{root} has train/, but neither test/ nor val/", "add one, students are scored on it")
    # An unlabelled test/ beside a val/ with classes is no test set.
    test = next((place for place in places if set(list_folders(place)) & set(classes)), places[0])
    _check_alike(classes, tuple(list_folders(test)), test, whole=chosen is None)
    return classes, {"train": _folders(train), "test": _folders(test)}


def _folders(place: Path) -> Split:
    return Split(lambda name: [f"{place}/{name}/{file}" for file in list_images(place / name)])


def _undivided(root: Path, chosen: str | None) -> tuple[tuple[str, ...], dict[str, Split]]:
    """Class folders alone."""
    found = tuple(name for name in list_folders(root) if name not in TESTS)
    if not found or not any(list_images(root / name) for name in found):
        raise DataError(
            f"{root} holds no train*.parquet and no folders of pictures",
            "give a folder with train/ and test/, and in each a folder of pictures for every class",
        )
    classes = wanted_classes(found, chosen, root)

    def divided(name: str) -> tuple[list[str], list[str]]:
        files = [f"{root}/{name}/{file}" for file in list_images(root / name)]
        held = set(files[HELD - 1 :: HELD] or files[2:])  # three or four images: all but two
        return [path for path in files if path not in held], [path for path in files if path in held]

    return classes, {"train": Split(lambda name: divided(name)[0]), "test": Split(lambda name: divided(name)[1])}


def _check_alike(train: tuple[str, ...], test: tuple[str, ...], place: Path, whole: bool) -> None:
    """The same class folders on both sides; of a chosen few, others may stand beside them."""
    for name in train:
        if name not in test:
            near = next((other for other in test if other.lower() == name.lower()), None)
            hint = f" (it has '{near}')" if near else ""
            raise DataError(
                f"class '{name}' stands in train/, but not in {place.name}/{hint}", "give both the same class folders"
            )
    for name in test if whole else ():
        if name not in train:
            raise DataError(
                f"class '{name}' stands in {place.name}/, but not in train/", "give both the same class folders"
            )


def check_annotations(size: int, where: str) -> None:
    """Refuse a file of annotations whose `size` in bytes no list of images has.

    Raises:
        DataError: naming it as `where`.
    """
    if size > MAX_ANNOTATION_BYTES:
        raise DataError(
            f"{where} has {size / 2**20:.1f} MiB, and at most {MAX_ANNOTATION_BYTES >> 20} are read",
            "give it one line for each picture of val/images",
        )


def _annotated(place: Path, classes: tuple[str, ...]) -> Split:
    """Tiny-ImageNet's validation images: all in one folder, their classes in a file, a line for each."""
    by_class: dict[str, list[str]] = {name: [] for name in classes}
    listing = place / ANNOTATIONS
    check_annotations(listing.stat().st_size, str(listing))
    listed = set(list_images(place / "images"))
    unnamed = set(listed)
    with listing.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            file, _, rest = line.partition("\t")
            name = rest.partition("\t")[0].strip()
            if not line.strip():
                continue
            if not name:
                raise DataError(f"line {number} of {listing} is not 'file<TAB>class'", "unpack the set again")
            if file not in listed:  # nothing of it is quoted: it may be any file, linked by somebody
                raise DataError(
                    f"line {number} of {listing} names no picture in images/", "add the picture, or remove the line"
                )
            if file not in unnamed:
                raise DataError(
                    f"line {number} of {listing} names '{shown(file)}', which an earlier line names", "keep one of them"
                )
            unnamed.remove(file)
            if name in by_class:
                by_class[name].append(f"{place}/images/{file}")
    return Split(lambda name: sorted(by_class[name]))
