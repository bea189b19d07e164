"""Images whose classes stand in files: Tiny-ImageNet's validation images, a line for each; those of detection sets."""

from collections.abc import Sequence
from pathlib import Path

from edc_core.data.class_naming import nfc
from edc_core.data.description import shown
from edc_core.data.readers.split_names import split_kind
from edc_core.data.readers.trees import Node, list_images
from edc_core.errors import DataError

DETECTION = (  # folders of images and of annotations
    ("jpegimages", "annotations", "Pascal VOC's layout"),
    ("images", "annotations", "COCO's layout"),
    ("images", "labels", "YOLO's layout"),
)
ANNOTATIONS = "val_annotations.txt"  # file, class, box
MAX_ANNOTATION_BYTES = 2**23  # bytes: of 150,000 images


def is_annotated(place: str) -> bool:
    return (Path(place) / ANNOTATIONS).is_file()


def refuse_detection(root: Node, classes: Sequence[str]) -> None:
    """Refuse a set for detection (Pascal VOC's or COCO's layout), whose image folder would be a class.

    Raises:
        DataError: naming the folder of images and that of annotations.
    """
    hardly = len(classes) < 2 or all(map(split_kind, classes))
    for node in root.walk():
        beside = {child.name.casefold(): child for child in node.folders.values()}
        for images, lists, told in DETECTION:
            if images in beside and lists in beside and (hardly or beside[images].label in classes):
                raise DataError(
                    f"{node.path} is a set for detection ({told}): '{beside[images].name}' holds the images of all"
                    f" classes, and '{beside[lists].name}' says for each image what is where in it",
                    "make a folder of images for each class, or a labels.csv (file_name,label) beside them, with one"
                    " class for each image",
                )


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
                    f"line {number} of {listing} names no image in images/", "add the image, or remove the line"
                )
            if file not in unnamed:
                raise DataError(
                    f"line {number} of {listing} names '{shown(file)}', which an earlier line names", "keep one of them"
                )
            unnamed.remove(file)
            if name in by_class:
                by_class[name].append(f"{place}/images/{stored[file]}")
    return {name: sorted(files) for name, files in by_class.items()}
