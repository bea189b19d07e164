"""A folder of images whose classes stand in lists of labels, not in the names of folders."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from edc_core.data.address import DEEPEST, NO_SPLIT, Address
from edc_core.data.census import LeftOut, Tally
from edc_core.data.class_lists import wanted_classes
from edc_core.data.description import shown
from edc_core.data.readers.class_folders import Split, every_fifth
from edc_core.data.readers.label_files import LabelFile, folder_kind, label_files
from edc_core.data.readers.layouts import Layout
from edc_core.data.readers.left_out import CHOSEN, left_out
from edc_core.data.readers.parquet_labels import labelling_of
from edc_core.data.readers.split_names import ends_like_share, split_kind
from edc_core.data.readers.trees import Node, list_images
from edc_core.errors import DataError, SettingsError

CONTAINERS = {"image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "data"}
BESIDE_IMAGES = {"mask", "masks", "label", "labels", "annotation", "annotations", "segmentation", "thumbnails"}
VOC = {"jpegimages", "segmentationclass", "segmentationobject"}
UNLISTED = "images without a label in a list"
Classes = dict[str, list[str]]  # the images of each class


@dataclass
class _Images:
    """Labelled images by part, and what is not read."""

    label: dict[str, str] = field(default_factory=dict)  # class of each image, by its path below the set's folder
    kind: dict[str, str] = field(default_factory=dict)  # "train", "val" or "test"
    tally: Tally = field(default_factory=Tally)


def folders_are_unsure(layout: Layout) -> bool:
    """Whether folders are hardly classes: fewer than two, in doubt, or called like shares or like what holds images."""
    names = [name.casefold() for name in layout.classes]
    if len(names) < 2 or layout.doubts or all(map(ends_like_share, names)):
        return True
    return all(name in CONTAINERS | BESIDE_IMAGES | VOC or split_kind(name) for name in names)


def listed_layout(root: Node, address: Address) -> Layout | None:
    """The layout of images whose labels stand in lists beside them; None where no list does.

    Raises:
        DataError: what a list says may be read in two ways, or a class has no image on one side.
        SettingsError: an option chooses what is not there.
    """
    images = list_images(Path(root.path))
    if not images or not (lists := label_files(root, images, address.label)):
        return None
    if address.classes == DEEPEST:
        raise SettingsError(f"'classes={DEEPEST}' chooses folders, but {root.path} has lists of labels: leave it away.")
    found, readings = _Images(), [_said(one) for one in lists]
    readings += _collect(lists, images, found)
    train, test, said = _parts(root, found, address)
    chosen = wanted_classes(tuple(_named(train.values())), address.classes, Path(root.path))
    for name in [name for name, label in found.label.items() if label not in set(chosen)]:
        found.tally.leave_out(CHOSEN, shown(name))
    whole = _split(root, train)
    splits = {"train": whole, "test": _split(root, test)} if test else every_fifth(whole)
    if test:
        _check_sides(root, chosen, train, test)
    else:
        said.append("every fifth image of a class is for testing, as no test part is read")
    found.tally.update(_others(root, lists))
    return Layout(chosen, splits, (*readings, *said), found.tally.left_out)


def _said(one: LabelFile) -> str:
    others = f" ('?label={one.others[0]}' takes another column)" if one.others else ""
    return f"labels are those of '{shown(one.label)}' in {shown(one.place)}, by '{shown(one.files)}'{others}"


def _collect(lists: list[LabelFile], images: list[str], found: _Images) -> list[str]:
    """Each image's label and part; returns what is said of the labels.

    Raises:
        DataError: labels are no classes, or two lists differ about an image.
    """
    values = [value for one in lists for value in one.values if value is not None]
    labelling = labelling_of(values, (), lists[0].label, lists[0].place)
    for one in lists:
        unlabelled = 0
        for image, row in one.rows.items():
            if one.values[row] is None:
                unlabelled += 1
                continue
            label = labelling.classes[labelling.number(one.values[row])]
            if found.label.setdefault(image, label) != label:
                raise DataError(
                    f"two lists give '{shown(image)}' two labels, '{shown(found.label[image])}' and '{shown(label)}'"
                    f" ({shown(one.place)})",
                    "remove one of them, or choose a column with '?label='",
                )
            of_row = one.splits[row] if one.splits else None
            found.kind[image] = of_row or folder_kind(image) or split_kind(Path(one.place).stem) or "train"
        used = {one.told[row] for row in one.rows.values()}
        if spare := [name for name in one.told if name not in used]:
            found.tally.leave_out(f"rows of {shown(one.place)} whose image is not there", spare[0], False, len(spare))
        if unlabelled:
            found.tally.leave_out(f"images without a label in {shown(one.place)}", "", True, unlabelled)
    listed = {image for one in lists for image in one.rows}
    if spare := [image for image in images if image not in listed]:
        found.tally.leave_out(UNLISTED, shown(spare[0]), True, len(spare))
    return list(labelling.readings)


def _parts(root: Node, found: _Images, address: Address) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Training and test images with their classes, and what is said of the parts; images of others are left out."""
    counts = Counter(found.kind.values())
    names = [] if address.split in (None, NO_SPLIT) else [split_kind(name) for name in address.split.split(",")]
    if names and (len(names) > 2 or not all(kind in counts for kind in names)):
        raise SettingsError(
            f"split is '{(address.split or '')[:100]}', but {root.path} has labelled images for"
            f" {', '.join(sorted(counts))}: name one of these, two with a comma (training,test), or none."
        )
    if address.split == NO_SPLIT or len(counts) == 1:
        return dict(found.label), {}, []
    train: str
    test: str | None
    if len(names) == 2:
        train, test = names[0] or "train", names[1]
    else:
        usual = [kind for kind in ("test", "val") if kind in counts]
        train, test = "train", None if names == ["train"] else (names or usual or [None])[0]
    if train not in counts:
        raise DataError(f"{root.path} has no labelled images for training", "choose '?split=none' to divide the others")
    parts = [{image: label for image, label in found.label.items() if found.kind[image] == k} for k in (train, test)]
    for image, kind in found.kind.items():
        if kind not in (train, test):
            found.tally.leave_out("images of parts that are not read", shown(image))
    serves = ["the validation part serves as the test part"] if test == "val" else []
    return parts[0], parts[1], serves


def _named(labels: Iterable[str]) -> list[str]:
    """Classes in order: numbers by number, names by letters."""
    names = set(labels)
    return sorted(names, key=int) if all(name.isascii() and name.isdigit() for name in names) else sorted(names)


def _split(root: Node, labels: dict[str, str]) -> Split:
    files: Classes = defaultdict(list)
    for image in sorted(labels):
        files[labels[image]].append(f"{root.path}/{image}")
    return Split(lambda name: files.get(name, []))


def _check_sides(root: Node, classes: tuple[str, ...], train: dict[str, str], test: dict[str, str]) -> None:
    """Every class has images on both sides.

    Raises:
        DataError: naming one that has none.
    """
    in_train, in_test = set(train.values()), set(test.values())
    for lacking, gone in (("test", in_train - in_test), ("training", in_test - in_train)):
        if some := sorted(name for name in gone if lacking == "training" or name in classes):
            raise DataError(
                f"the lists of labels in {root.path} give class '{shown(some[0])}' no {lacking} image",
                "choose '?split=none' to divide all images again, or '?split=train' to divide the training images",
            )


def _others(root: Node, lists: list[LabelFile]) -> list[LeftOut]:
    """Files that are no images and no list that is read."""
    used = {one.place for one in lists}
    found = []
    for group in left_out(root, [root], (), ()):
        rest = group.count - (len(used) if group.reason == "annotations and metadata" else 0)
        if rest > 0:
            found.append(LeftOut(group.reason, rest, "" if group.example in used else group.example, group.images))
    return found
