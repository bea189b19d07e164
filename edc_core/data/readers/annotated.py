"""Tiny-ImageNet's validation images: all in one folder, their classes in a file, a line for each."""

from pathlib import Path

from edc_core.data.class_naming import nfc
from edc_core.data.description import shown
from edc_core.data.readers.trees import list_images
from edc_core.errors import DataError

ANNOTATIONS = "val_annotations.txt"  # file, class, box
MAX_ANNOTATION_BYTES = 2**23  # bytes: of 150,000 images


def is_annotated(place: str) -> bool:
    return (Path(place) / ANNOTATIONS).is_file()


def check_annotations(size: int, where: str) -> None:
    """Refuse a file of annotations whose `size` in bytes no list of images has.

    Raises:
        DataError: naming it as `where`.
    """
    if size > MAX_ANNOTATION_BYTES:
        raise DataError(
            f"{where} has {size / 2**20:.1f} MiB, and at most {MAX_ANNOTATION_BYTES >> 20} are read",
            "give it one line for each image of val/images",
        )


def annotated_images(place: Path, classes: tuple[str, ...]) -> dict[str, list[str]]:
    """Paths of each class's images, sorted.

    Raises:
        DataError: a line of the file is none, or names no image of the folder, or one twice.
    """
    by_class: dict[str, list[str]] = {name: [] for name in classes}
    listing = place / ANNOTATIONS
    check_annotations(listing.stat().st_size, str(listing))
    stored = {nfc(name): name for name in list_images(place / "images")}
    listed = set(stored)
    unnamed = set(listed)
    with listing.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            file, _, rest = line.partition("\t")
            file, name = nfc(file), nfc(rest.partition("\t")[0].rstrip("\r\n"))
            name = name if name in by_class else name.strip()
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
                by_class[name].append(f"{place}/images/{stored[file]}")
    return {name: sorted(files) for name, files in by_class.items()}
